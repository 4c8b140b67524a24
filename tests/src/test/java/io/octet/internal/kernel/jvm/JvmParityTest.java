package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Unary.Erf;
import io.octet.graph.op.Unary.Gelu;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.testkit.Case;
import io.octet.testkit.Literals;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The production kernels in Java against the oracle.
class JvmParityTest {
  private static final int CASES = 60;

  static Stream<Case> kernelsThatMoveOrLookUpAreIdentical() {
    return cases(
            Specs::convert,
            Specs::runtimeQuantize,
            Specs::quantizeRows,
            Specs::scaleSums,
            Specs::concat,
            Specs::transpose,
            Specs::unary,
            Specs::lookup,
            Specs::softmax,
            Specs::binary,
            Specs::gate,
            Literals::any)
        .filter(c -> !isCurve(c.spec()));
  }

  /// What a polynomial stands for.
  private static boolean isCurve(KernelSpec spec) {
    return spec instanceof KernelSpec.Unary s
        && (s.function() instanceof Erf || s.function() instanceof Gelu);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void kernelsThatMoveOrLookUpAreIdentical(Case c) {
    Parity.assertIdentical(c, expected(c), actual(c));
  }

  static Stream<Case> kernelsThatSumStayWithinRounding() {
    return cases(
        r -> Specs.floatConv(r, Layout.CHANNELS_LAST),
        r -> Specs.floatConv(r, Layout.ROW_MAJOR),
        r -> Specs.oddConv(r, false),
        r -> Specs.conv(r, DataType.F32, DataType.U8, Layout.CHANNELS_LAST),
        r -> Specs.linear(r, DataType.F32, DataType.F32),
        r -> Specs.linear(r, DataType.F32, DataType.S8),
        Specs::matMul,
        Specs::recurrence,
        Specs::pool,
        Specs::resample,
        Specs::unary,
        Specs::channelAffine);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void kernelsThatSumStayWithinRounding(Case c) {
    Parity.assertMatches(c, expected(c), actual(c));
  }

  private static Output expected(Case c) {
    return SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs());
  }

  private static Output actual(Case c) {
    return SpecRunner.run(new JvmBackend(), c.spec(), c.inputs());
  }

  private static Stream<Case> cases(Case.Family... families) {
    return Stream.of(families).flatMap(family -> Case.random(CASES, family));
  }
}
