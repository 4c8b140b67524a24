package io.octet.testkit;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Constant corners: inputs all 0, 255, -128 or 127, weights all -128 or 127, zero points at both
/// ends, and the largest inner size whose int32 sum stays within 2^24.
public final class Corners {
  private static final int[] ZERO_POINTS_U8 = {0, 128, 255};
  private static final int[] ZERO_POINTS_S8 = {-128, 0, 127};

  private Corners() {}

  /// Linear layers with raw int32 outputs. Each case's only possible sum is {@link #expectedSum}.
  public static Stream<Case> linears() {
    return all().stream().map(c -> c.linear(7, 33));
  }

  /// Convolutions with raw int32 outputs, 1x1 and 3x3; without padding every sum is {@link
  /// #expectedSum}.
  public static Stream<Case> convs() {
    return all().stream().flatMap(c -> Stream.of(c.conv(1), c.conv(3)));
  }

  /// What each element of a corner case's output must be.
  public static int expectedSum(Case c) {
    KernelSpec spec = c.spec();
    TensorDesc x = spec.inputs().getFirst();
    Tensor w =
        spec instanceof KernelSpec.Conv s
            ? s.weights().values().tensor()
            : weights(spec).values().tensor();
    int q = io.octet.tensor.QuantMath.widen(((byte[]) c.inputs()[0])[0], x.type());
    long inner = w.elements() / w.shape().size(0);
    return Math.toIntExact(inner * (q - x.quant().zeroPoint()) * w.getInteger(0));
  }

  private static Weights weights(KernelSpec spec) {
    return ((KernelSpec.Linear) spec).weights();
  }

  private record Corner(DataType type, int value, int zeroPoint, int weight) {
    /// The largest inner size that keeps the sum within 2^24.
    int inner() {
      int product = Math.abs((value - zeroPoint) * weight);
      return product == 0 ? Specs.EXACT_INNER : (1 << 24) / product;
    }

    Case linear(int m, int n) {
      int k = inner();
      TensorDesc x = input(Layout.ROW_MAJOR, Shape.of(m, k));
      TensorDesc y = TensorDesc.accumulators(Layout.ROW_MAJOR, Shape.of(m, n));
      return new Case(
          new KernelSpec.Linear(x, y, weights(n, k), PostOps.NONE),
          new Object[] {filled(m * k, value)},
          toString());
    }

    Case conv(int kernel) {
      int c = inner() / (kernel * kernel);
      int m = 17;
      TensorDesc x = input(Layout.CHANNELS_LAST, Shape.of(1, c, 4, 5));
      Shape out = Shape.of(1, m, 4 - kernel + 1, 5 - kernel + 1);
      TensorDesc y = TensorDesc.accumulators(Layout.CHANNELS_LAST, out);
      Window window = Window.of(kernel, kernel);
      return new Case(
          new KernelSpec.Conv(x, y, weights(m, c, kernel, kernel), window, 1, PostOps.NONE),
          new Object[] {filled(c * 20, value)},
          toString());
    }

    private TensorDesc input(Layout layout, Shape shape) {
      return TensorDesc.quantized(layout, shape, QuantParams.perTensor(type, 0.02f, zeroPoint));
    }

    private Weights weights(long... sizes) {
      byte[] values = filled((int) Shape.of(sizes).elements(), weight);
      return new Weights(Tensor.of(DataType.S8, values, sizes), new float[] {0.01f}, new float[0]);
    }

    private static byte[] filled(int count, int value) {
      byte[] values = new byte[count];
      Arrays.fill(values, (byte) value);
      return values;
    }
  }

  private static List<Corner> all() {
    List<Corner> corners = new ArrayList<>();
    for (DataType type : List.of(DataType.U8, DataType.S8)) {
      for (int zero : type == DataType.U8 ? ZERO_POINTS_U8 : ZERO_POINTS_S8) {
        for (int weight : new int[] {-128, 127}) {
          corners.add(new Corner(type, (int) type.min(), zero, weight));
          corners.add(new Corner(type, (int) type.max(), zero, weight));
        }
      }
    }
    return corners;
  }
}
