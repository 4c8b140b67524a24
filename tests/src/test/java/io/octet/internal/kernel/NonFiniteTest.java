package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.Unary;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.testkit.Case;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of one NaN or infinity among a kernel's float inputs, on every backend: what {@link
/// KernelSpec} says. Elements that it does not reach keep their bits.
class NonFiniteTest {
  private static final Backend ORACLE = new ReferenceBackend();
  private static final List<Backend> BACKENDS =
      List.of(new OnednnBackend(), new FbgemmBackend(), new JvmBackend());
  private static final float[] ODD = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};

  static Stream<Case> cases() {
    Stream<Case.Family> families =
        Stream.of(
            r -> Specs.floatConv(r, Layout.CHANNELS_LAST),
            r -> Specs.linear(r, DataType.F32, DataType.F32),
            Specs::int8Conv,
            Specs::int8Linear,
            Specs::matMul,
            Specs::pool,
            Specs::resample,
            Specs::binary,
            Specs::unary,
            Specs::softmax,
            Specs::channelAffine,
            Specs::convert,
            Specs::runtimeQuantize,
            Specs::concat,
            Specs::transpose);
    return families
        .flatMap(family -> Case.random(40, family))
        .filter(c -> floatInput(c.spec()) >= 0);
  }

  /// The last one: a residual where there is one. The scale of a quantization is none.
  private static int floatInput(KernelSpec spec) {
    int last = spec instanceof KernelSpec.RuntimeQuantize ? 0 : spec.inputs().size() - 1;
    for (int i = last; i >= 0; i--) {
      if (spec.inputs().get(i).type() == DataType.F32) {
        return i;
      }
    }
    return -1;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void oneOddNumberBecomesWhatTheContractSays(Case c) {
    Output clean = SpecRunner.run(ORACLE, c.spec(), c.inputs());
    for (float odd : ODD) {
      Object[] spoilt = spoilt(c, odd);
      Output expected = SpecRunner.run(ORACLE, c.spec(), spoilt);
      for (Backend backend : BACKENDS) {
        SpecRunner.tryRun(backend, c.spec(), spoilt)
            .ifPresent(
                actual -> {
                  String what = backend.name() + " of " + odd + " in " + c;
                  Output own = SpecRunner.run(backend, c.spec(), c.inputs());
                  boolean onednn = backend instanceof OnednnBackend;
                  Seen seen = new Seen(c.spec(), onednn, what);
                  if (c.spec().y().type() == DataType.F32) {
                    seen.floats(clean.floats(), expected.floats(), own.floats(), actual.floats());
                  } else if (c.spec().y().isInt8()) {
                    seen.ints(clean.ints(), expected.ints(), own.ints(), actual.ints(), odd);
                  }
                });
      }
    }
  }

  private static Object[] spoilt(Case c, float odd) {
    Object[] inputs = c.inputs().clone();
    int which = floatInput(c.spec());
    float[] values = ((float[]) inputs[which]).clone();
    values[new SplittableRandom(values.length).nextInt(values.length)] = odd;
    inputs[which] = values;
    return inputs;
  }

  /// One answer held to the contract.
  ///
  /// @param onednn whether it is oneDNN's
  private record Seen(KernelSpec spec, boolean onednn, String what) {
    void floats(float[] clean, float[] expected, float[] own, float[] actual) {
      for (int i = 0; i < expected.length; i++) {
        boolean reached = Float.compare(clean[i], expected[i]) != 0;
        if (!reached) {
          assertEquals(own[i], actual[i], what + " at " + i);
        } else if (Float.isNaN(expected[i])) {
          assertTrue(Float.isNaN(actual[i]) || losesNaN(), what + " became " + actual[i]);
        } else if (Float.isInfinite(expected[i])) {
          boolean lowest = isMaximum() && actual[i] == -Float.MAX_VALUE;
          assertTrue(actual[i] == expected[i] || lowest, what + " became " + actual[i]);
        } else {
          assertTrue(Float.isFinite(actual[i]), what + " became " + actual[i]);
        }
      }
    }

    void ints(int[] clean, int[] expected, int[] own, int[] actual, float odd) {
      for (int i = 0; i < expected.length; i++) {
        if (clean[i] == expected[i]) {
          continue; // saturated before, too
        }
        boolean some = onednn && Float.isNaN(odd);
        int off = Math.abs(expected[i] - actual[i]);
        assertTrue(off <= 1 || some, what + ": " + expected[i] + ", but became " + actual[i]);
      }
    }

    /// oneDNN's vector instructions take the other operand of a maximum or minimum.
    private boolean losesNaN() {
      return onednn
          && switch (spec) {
            case KernelSpec.Conv s -> s.post().clamps();
            case KernelSpec.Linear s -> s.post().clamps();
            case KernelSpec.Binary s -> s.post().clamps();
            case KernelSpec.Unary s ->
                s.function() instanceof Unary.Relu
                    || s.function() instanceof Unary.Clip
                    || s.function() instanceof Unary.HardSigmoid;
            case KernelSpec.Pool s -> s.kind() == PoolKind.MAX;
            case KernelSpec.Softmax _ -> true;
            default -> false;
          };
    }

    private boolean isMaximum() {
      return onednn && spec instanceof KernelSpec.Pool s && s.kind() == PoolKind.MAX;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jvm", "reference"})
  void inJavaNaNStaysNaNInEveryFunction(String name) {
    Backend backend = name.equals("jvm") ? new JvmBackend() : new ReferenceBackend();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 60; i++) {
      KernelSpec.Unary spec = Specs.unary(random);
      TensorDesc x = TensorDesc.f32(spec.x().layout(), spec.x().shape());
      float[] values = new float[Math.toIntExact(x.shape().elements())];
      java.util.Arrays.fill(values, Float.NaN);
      KernelSpec floats = new KernelSpec.Unary(spec.function(), x, x);
      for (float y : SpecRunner.run(backend, floats, values).floats()) {
        assertTrue(Float.isNaN(y), spec.describe());
      }
    }
  }
}
