package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.testkit.Case;
import io.octet.testkit.Machine;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Ties;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Round half to even, then add the zero point, then saturate: on every path from int8 to int8, on
/// every backend, where many values lie exactly between two integers.
class RoundingRuleTest {
  private static final Backend ORACLE = new ReferenceBackend();
  private static final List<Backend> BACKENDS =
      List.of(new OnednnBackend(), new FbgemmBackend(), new JvmBackend());

  static Stream<Case> operators() {
    return Ties.operators();
  }

  static Stream<Case> layers() {
    return Ties.layers();
  }

  static Stream<Case> all() {
    return Stream.concat(operators(), layers());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operators")
  void everyOperatorRoundsBeforeItAddsTheZeroPoint(Case c) {
    Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
    AtomicInteger served = new AtomicInteger();
    for (Backend backend : BACKENDS) {
      SpecRunner.tryRun(backend, c.spec(), c.inputs())
          .ifPresent(
              actual -> {
                served.incrementAndGet();
                Parity.assertIdentical(c, expected, actual);
              });
    }
    assertTrue(served.get() > 0, () -> "nobody serves " + c);
  }

  /// What only nearly keeps the rule is refused or rounded in Java, so the answers are the
  /// oracle's.
  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void whereExactnessIsAskedForEveryBackendGivesTheOraclesBits(Case c) {
    Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
    AtomicInteger served = new AtomicInteger();
    for (Backend backend : BACKENDS) {
      SpecRunner.tryRunExactly(backend, c.spec(), c.inputs())
          .ifPresent(
              actual -> {
                served.incrementAndGet();
                Parity.assertIdentical(c, expected, actual);
              });
    }
    assertTrue(served.get() > 0 || !Machine.hasInt8(), () -> "nobody serves " + c);
  }

  /// FBGEMM keeps the rule. oneDNN adds a zero point in float before it rounds: at a tie under an
  /// odd one it is a step away, in 4% of these values.
  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void layersAreAtMostOneStepAwayAtTies(Case c) {
    Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
    for (Backend backend : BACKENDS) {
      SpecRunner.tryRun(backend, c.spec(), c.inputs())
          .ifPresent(
              actual -> {
                if (backend instanceof OnednnBackend) {
                  Parity.assertMatches(c, expected, actual);
                } else {
                  Parity.assertIdentical(c, expected, actual);
                }
              });
    }
  }
}
