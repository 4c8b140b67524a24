package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.Normalization.LayerNormalization;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.testkit.Case;
import io.octet.testkit.Literals;
import io.octet.testkit.Machine;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// oneDNN's layer normalization against the definition, over odd sizes, several axes, with and
/// without a bias. It sums in floats: its mean is off by a float's last digit, which shows where a
/// line is far from 0 beside its spread.
class NormalizationTest {
  private static final int CASES = 150;
  private static final double TOLERANCE = 2e-5;
  private static final OnednnBackend ONEDNN = new OnednnBackend();

  @BeforeAll
  static void needsOnednn() {
    Machine.requireOnednn();
  }

  static Stream<Case> linesFollowTheDefinition() {
    return Case.random(CASES, Literals::normalization)
        .filter(c -> ((KernelSpec.Literal) c.spec()).op() instanceof LayerNormalization);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void linesFollowTheDefinition(Case c) {
    Optional<Output> made = SpecRunner.tryRun(ONEDNN, c.spec(), c.inputs());
    KernelSpec.Literal spec = (KernelSpec.Literal) c.spec();
    boolean repeats = ((LayerNormalization) spec.op()).axis() == 1; // see Literals
    assertEquals(!repeats, made.isPresent());
    if (made.isPresent()) {
      assertClose(
          SpecRunner.run(new ReferenceBackend(), spec, c.inputs()).floats(),
          made.get().floats(),
          c);
    }
  }

  private static void assertClose(float[] expected, float[] actual, Object what) {
    for (int i = 0; i < expected.length; i++) {
      double allowed = TOLERANCE * Math.max(1, Math.abs(expected[i]));
      int at = i;
      assertTrue(
          Math.abs(expected[i] - actual[i]) <= allowed,
          () -> at + ": expected " + expected[at] + ", but is " + actual[at] + " of " + what);
    }
  }

  /// Whose mean and spread are no numbers, all of it is none.
  @Test
  void aLineWithNanOrInfinityIsNan() {
    for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] x = {1, 2, odd, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
      float[] scale = new float[x.length];
      float[] y = SpecRunner.run(ONEDNN, Literals.normalization(x.length), x, scale).floats();
      for (float value : y) {
        assertTrue(Float.isNaN(value), () -> odd + " gives " + value);
      }
    }
  }

  @Test
  void statisticsAreLeftToOthers() {
    KernelSpec spec =
        Literals.of(
            new io.octet.graph.op.Normalization.RMSNormalization(-1, 1e-5f),
            Literals.normalization(5).inputs().toArray(io.octet.internal.kernel.TensorDesc[]::new));
    assertFalse(SpecRunner.tryRun(ONEDNN, spec, new float[5], new float[5]).isPresent());
  }
}
