package io.octet.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.Unsupported;
import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.QuantMath;
import io.octet.testkit.Case;
import io.octet.testkit.Corners;
import io.octet.testkit.Machine;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Layers by themselves against the oracle: odd sizes, groups, windows beyond the image, u8 and s8,
/// per tensor and per channel, residuals, and raw sums by scales of 1.
class LayerParityTest {
  private static final Backend ORACLE = new ReferenceBackend();
  private static final KernelOptions OPTIONS = KernelOptions.defaults();

  private static Stream<Case> convs() {
    return Case.random(300, r -> covered(r, Specs::int8Conv));
  }

  private static Stream<Case> linears() {
    return Case.random(200, r -> covered(r, Specs::int8Linear));
  }

  private static Stream<Case> corners() {
    return Stream.concat(Corners.convs(), Corners.linears());
  }

  private static KernelSpec covered(RandomGenerator random, Case.Family family) {
    KernelSpec spec = family.spec(random);
    while (!SpecLayer.covers(spec)) {
      spec = family.spec(random);
    }
    return spec;
  }

  @ParameterizedTest
  @MethodSource({"convs", "linears"})
  void aLayerComputesWhatTheOracleDoes(Case c) {
    try (SpecLayer layer = SpecLayer.of(c.spec(), OPTIONS)) {
      Output actual = layer.run(c.inputs());
      Parity.assertMatches(c, SpecRunner.run(ORACLE, c.spec(), c.inputs()), actual);
      assertArrayEquals(actual.raw(), layer.runOffHeap(c.inputs()).raw(), c::toString);
    } catch (Unsupported refused) {
      // Right where no backend has a kernel for it, and told by name.
      boolean available = SpecRunner.tryRun(new OnednnBackend(), c.spec(), c.inputs()).isPresent();
      assertFalse(available, () -> refused.getMessage() + " for " + c);
      assertTrue(refused.getMessage().contains("onednn: "), refused::getMessage);
      assertTrue(refused.getMessage().contains("jvm: "), refused::getMessage);
    }
  }

  @Test
  void withVnniAlmostNothingIsRefused() {
    Machine.requireVnni();
    long refused =
        Stream.concat(convs(), linears())
            .filter(
                c -> {
                  try (SpecLayer _ = SpecLayer.of(c.spec(), OPTIONS)) {
                    return false;
                  } catch (Unsupported e) {
                    return true;
                  }
                })
            .count();
    assertTrue(refused < 25, () -> refused + " of 500 layers were refused");
  }

  @ParameterizedTest
  @MethodSource("corners")
  void sumsAreExactInTheCornersOfTheRangeUpTo24Bits(Case c) {
    try (SpecLayer layer = SpecLayer.of(c.spec(), OPTIONS)) {
      int expected = Corners.expectedSum(c);
      double allowed = roundingOfUncentredSum(c);
      for (int sum : layer.run(c.inputs()).ints()) {
        assertTrue(Math.abs(sum - expected) <= allowed, () -> sum + ", not " + expected + ": " + c);
      }
    } catch (Unsupported refused) {
      assertNotEquals(Verdict.Path.INT8_VNNI, Cpu.verdict().path(), refused::getMessage);
    }
  }

  /// Where the output is float, oneDNN takes the zero point off a sum that is float already: beyond
  /// 2^24 that is rounded.
  private static double roundingOfUncentredSum(Case c) {
    TensorDesc x = c.spec().inputs().getFirst();
    int q = QuantMath.widen(((byte[]) c.inputs()[0])[0], x.type());
    int centred = q - x.quant().zeroPoint();
    double uncentred = centred == 0 ? 0 : (double) Corners.expectedSum(c) / centred * q;
    return Math.abs(uncentred) <= 1 << 24 ? 0 : Math.abs(uncentred) * 0x1p-23;
  }

  @ParameterizedTest
  @MethodSource({"convs", "linears"})
  void aBackendThatIsNamedServes(Case c) {
    try (SpecLayer layer =
        SpecLayer.of(c.spec(), OPTIONS.toBuilder().backends("reference").build())) {
      Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
      Parity.assertIdentical(c, expected, layer.run(c.inputs()));
    }
  }
}
