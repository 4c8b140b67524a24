package io.octet.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.testkit.SpecRunner.Output;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Sums shown by a kernel that only requantizes, whatever its weights. All scales are 1, and each
/// channel's bias takes away its sum at one pixel: there the output is its zero point, and at each
/// pixel whose sum is close it is the difference. Every element must be exact, for nothing is
/// rounded.
///
/// @param layer asks for u8; its input is that of the layer it came from
/// @param expected the output's elements
public record ExposedSums(Case layer, int[] expected) {
  private static final List<Integer> ZERO_POINTS = List.of(0, 128, 255);

  /// One layer for each of several zero points, each at another pixel.
  ///
  /// @param raw a convolution or linear layer in int8 that asks for its sums
  /// @param sums what it should answer
  public static Stream<ExposedSums> of(Case raw, int[] sums) {
    return ZERO_POINTS.stream()
        .map(
            zero -> {
              int channels = Math.toIntExact(raw.spec().y().shape().size(1));
              int last = sums.length / channels - 1;
              return of(raw, sums, last * zero / 255 * channels, zero);
            });
  }

  private static ExposedSums of(Case raw, int[] sums, int first, int zero) {
    int channels = Math.toIntExact(raw.spec().y().shape().size(1));
    float[] bias = new float[channels];
    for (int c = 0; c < channels; c++) {
      bias[c] = -sums[first + c];
    }
    int[] expected = new int[sums.length];
    for (int i = 0; i < sums.length; i++) {
      long shown = (long) sums[i] - sums[first + i % channels] + zero;
      expected[i] = Math.clamp(shown, 0, 255);
    }
    KernelSpec spec =
        switch (raw.spec()) {
          case KernelSpec.Conv s ->
              new KernelSpec.Conv(
                  unit(s.x()),
                  u8(s.y(), zero),
                  biased(s.weights(), bias),
                  s.window(),
                  s.groups(),
                  PostOps.NONE);
          case KernelSpec.Linear s ->
              new KernelSpec.Linear(
                  unit(s.x()), u8(s.y(), zero), biased(s.weights(), bias), PostOps.NONE);
          default -> throw new IllegalArgumentException("no layer: " + raw);
        };
    return new ExposedSums(new Case(spec, raw.inputs(), raw.replay()), expected);
  }

  /// Whether the backend serves the layer; other values than these are an error.
  public boolean assertShownBy(Backend backend) {
    Optional<Output> actual = SpecRunner.tryRun(backend, layer.spec(), layer.inputs());
    actual.ifPresent(
        output -> assertArrayEquals(expected, output.ints(), () -> backend.name() + ": " + layer));
    return actual.isPresent();
  }

  private static TensorDesc unit(TensorDesc x) {
    QuantParams quant = QuantParams.perTensor(x.type(), 1, x.quant().zeroPoint());
    return TensorDesc.quantized(x.layout(), x.shape(), quant).bounded(x.largest());
  }

  private static TensorDesc u8(TensorDesc y, int zero) {
    QuantParams quant = QuantParams.perTensor(DataType.U8, 1, zero);
    return TensorDesc.quantized(y.layout(), y.shape(), quant);
  }

  private static Weights biased(Weights weights, float[] bias) {
    return new Weights(weights.values(), new float[] {1}, bias);
  }
}
