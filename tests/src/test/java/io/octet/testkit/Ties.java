package io.octet.testkit;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// int8 operators whose scales differ by powers of two, so that a large part of all values lies
/// exactly between two integers: for zero points that are odd, even, and at the ends of the range.
public final class Ties {
  private static final int CHANNELS = 16;
  private static final int SIZE = 16;
  private static final Shape IMAGE = Shape.of(1, CHANNELS, SIZE, SIZE);
  private static final PostOps CLIP = PostOps.NONE.clamp(-2.5f, 7.5f);

  /// Zero points of an input and an output, with their types.
  private record Zeros(DataType x, int zx, DataType y, int zy) {
    QuantParams in(float scale) {
      return QuantParams.perTensor(x, scale, zx);
    }

    QuantParams out(float scale) {
      return QuantParams.perTensor(y, scale, zy);
    }
  }

  private static final List<Zeros> ZEROS =
      List.of(
          new Zeros(DataType.S8, 0, DataType.S8, 0),
          new Zeros(DataType.S8, 0, DataType.S8, 3),
          new Zeros(DataType.S8, 3, DataType.S8, 3),
          new Zeros(DataType.S8, -5, DataType.S8, 127),
          new Zeros(DataType.S8, 1, DataType.U8, 101),
          new Zeros(DataType.U8, 0, DataType.U8, 128),
          new Zeros(DataType.U8, 129, DataType.U8, 255),
          new Zeros(DataType.U8, 7, DataType.S8, -127));

  private Ties() {}

  /// Everything but layers with weights.
  public static Stream<Case> operators() {
    return ZEROS.stream().flatMap(Ties::operators);
  }

  /// Convolutions and linear layers.
  public static Stream<Case> layers() {
    return ZEROS.stream().flatMap(z -> layers(z, new Scales(0x1p-6f, 0x1p-3f)));
  }

  /// The same with scales that are no powers of two: what would be a tie is rounded to one side or
  /// the other, by each engine in its own way.
  public static Stream<Case> layersBesideTies() {
    return ZEROS.stream().flatMap(z -> layers(z, new Scales(0.0173f, 0.0119f)));
  }

  /// Of a layer's input and weights; eight sums are a step of its output.
  private record Scales(float x, float w) {
    float y() {
      return 8 * x * w;
    }
  }

  private static Stream<Case> operators(Zeros z) {
    TensorDesc x = image(z.in(0.05f), IMAGE);
    List<KernelSpec> specs = new ArrayList<>();
    for (float scale : new float[] {0.1f, 0.2f, 0.025f, 0.05f}) {
      specs.add(new KernelSpec.Convert(x, image(z.out(scale), IMAGE)));
    }
    specs.add(new KernelSpec.Convert(x, image(z.out(0.1f), IMAGE).in(Layout.ROW_MAJOR)));
    for (PostOps post : List.of(PostOps.NONE, PostOps.RELU, CLIP)) {
      TensorDesc a = image(z.in(0.25f), IMAGE);
      TensorDesc y = image(z.out(0.5f), IMAGE);
      specs.add(new KernelSpec.Binary(new Binary.Add(), a, a, y, post));
      specs.add(new KernelSpec.Binary(new Binary.Add(), a, image(z.out(0.125f), IMAGE), y, post));
      specs.add(new KernelSpec.Binary(new Binary.Mul(), a, image(z.in(1), IMAGE), y, post));
    }
    for (Window window : List.of(Window.of(1, 2), Window.of(2, 2), Window.of(1, 6))) {
      for (PoolKind kind : PoolKind.values()) {
        specs.add(pool(z.in(0.05f), window, kind));
      }
    }
    specs.add(pool(z.in(0.05f), Window.of(SIZE, SIZE), PoolKind.AVERAGE));
    specs.add(new KernelSpec.Unary(new Unary.Relu(), x, image(z.out(0.1f), IMAGE)));
    specs.add(new KernelSpec.Unary(new Unary.Clip(-1, 1), x, image(z.out(0.1f), IMAGE)));
    return specs.stream().map(spec -> everyByte(spec, z));
  }

  private static KernelSpec pool(QuantParams quant, Window window, PoolKind kind) {
    Window moved = window.stride(window.kernelH(), window.kernelW());
    Shape out = Shape.of(1, CHANNELS, moved.outputH(SIZE, false), moved.outputW(SIZE, false));
    return new KernelSpec.Pool(image(quant, IMAGE), image(quant, out), moved, kind);
  }

  private static Stream<Case> layers(Zeros z, Scales scales) {
    SplittableRandom random = new SplittableRandom(6);
    Window window = Window.of(3, 3).pads(1, 1, 1, 1);
    TensorDesc x = image(z.in(scales.x()), IMAGE);
    TensorDesc y = image(z.out(scales.y()), IMAGE);
    Weights w = weights(random, scales, CHANNELS, CHANNELS, 3, 3);
    Weights depthwise = weights(random, scales, CHANNELS, 1, 3, 3);
    TensorDesc rows = matrix(z.in(scales.x()), 32, 64);
    TensorDesc results = matrix(z.out(scales.y()), 32, 24);
    List<KernelSpec> specs = new ArrayList<>();
    for (PostOps post : List.of(PostOps.NONE, PostOps.RELU, CLIP)) {
      specs.add(new KernelSpec.Conv(x, y, w, window, 1, post));
      specs.add(new KernelSpec.Conv(x, y, depthwise, window, CHANNELS, post));
      specs.add(new KernelSpec.Linear(rows, results, weights(random, scales, 24, 64), post));
    }
    TensorDesc added = image(z.out(scales.y() / 2), IMAGE);
    specs.add(new KernelSpec.Conv(x, y, w, window, 1, PostOps.RELU.withResidual(added)));
    return specs.stream().map(spec -> everyByte(spec, z));
  }

  /// Biases are quarters of the output's steps: with powers of two nothing is rounded before the
  /// end.
  private static Weights weights(SplittableRandom random, Scales scales, long... sizes) {
    byte[] values = new byte[Math.toIntExact(Shape.of(sizes).elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) random.nextInt(-2, 3);
    }
    float[] bias = new float[(int) sizes[0]];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = random.nextInt(-64, 64) * scales.y() / 4;
    }
    return new Weights(Tensor.of(DataType.S8, values, sizes), new float[] {scales.w()}, bias);
  }

  private static TensorDesc image(QuantParams quant, Shape shape) {
    return TensorDesc.quantized(Layout.CHANNELS_LAST, shape, quant);
  }

  private static TensorDesc matrix(QuantParams quant, long... sizes) {
    return TensorDesc.quantized(Layout.ROW_MAJOR, Shape.of(sizes), quant);
  }

  /// Each input holds every byte, the second one in another order.
  private static Case everyByte(KernelSpec spec, Zeros zeros) {
    Object[] inputs = new Object[spec.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      byte[] values = new byte[Math.toIntExact(spec.inputs().get(i).bytes())];
      for (int k = 0; k < values.length; k++) {
        values[k] = (byte) (i == 0 ? k + k / 256 * 3 : k * 7 + k / 256);
      }
      inputs[i] = values;
    }
    return new Case(spec, inputs, zeros.toString());
  }
}
