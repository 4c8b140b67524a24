package io.octet.testkit;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Recurrence;
import io.octet.graph.op.Recurrence.Activation;
import io.octet.graph.op.Recurrence.Activation.Curve;
import io.octet.graph.op.Recurrence.Direction;
import io.octet.graph.op.Recurrence.Form;
import io.octet.graph.op.Resampling;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Encoding;
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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Random specs of every family, small, with the awkward ones among them: odd channels, 1x1 images,
/// windows and dilations beyond the image, uneven pads, zero points at the ends of the range.
public final class Specs {
  /// The largest inner size whose sums of 255 * -128 stay within 2^24, where oneDNN is exact.
  public static final int EXACT_INNER = (1 << 24) / (255 * 128);

  private Specs() {}

  /// A family of each kind of kernel, layers in int8 and in float.
  public static Stream<Case.Family> everyKind() {
    return Stream.of(
        Specs::int8Conv,
        r -> floatConv(r, Layout.ROW_MAJOR),
        Specs::int8Linear,
        Specs::matMul,
        Specs::int8MatMul,
        Specs::pool,
        Specs::binary,
        Specs::gate,
        Specs::unary,
        Specs::lookup,
        Specs::resample,
        Specs::softmax,
        Specs::convert,
        Specs::channelAffine,
        Specs::runtimeQuantize,
        Specs::quantizeRows,
        Specs::scaleSums,
        Specs::concat,
        Specs::transpose,
        Specs::recurrence,
        Literals::any);
  }

  /// A layer in int8; its output is U8, S8, F32 or raw S32.
  public static KernelSpec.Conv int8Conv(RandomGenerator random) {
    DataType x = random.nextBoolean() ? DataType.U8 : DataType.S8;
    DataType[] ys = {DataType.S32, DataType.U8, DataType.S8, DataType.F32};
    return conv(random, x, ys[random.nextInt(4)], Layout.CHANNELS_LAST);
  }

  /// A convolution of bytes to bytes with a function of the sums.
  public static KernelSpec.Conv curvedConv(RandomGenerator random) {
    DataType y = random.nextBoolean() ? DataType.U8 : DataType.S8;
    KernelSpec.Conv bare =
        conv(random, random.nextBoolean() ? DataType.U8 : DataType.S8, y, Layout.CHANNELS_LAST);
    PostOps.PostOp[] functions = {
      new PostOps.Apply(new Unary.HardSwish()),
      new PostOps.Apply(new Unary.LeakyRelu(0.1f)),
      new PostOps.Apply(new Unary.Sigmoid()),
      new PostOps.Apply(new Unary.HardSigmoid(0.2f, 0.5f)),
      new PostOps.Apply(new Unary.Tanh()),
      new PostOps.Gate(new Unary.Sigmoid()),
      new PostOps.Gate(new Unary.Tanh())
    };
    PostOps post = PostOps.NONE.then(functions[random.nextInt(functions.length)]);
    return new KernelSpec.Conv(
        bare.x(), bare.y(), bare.weights(), bare.window(), bare.groups(), post);
  }

  /// A convolution in float.
  public static KernelSpec.Conv floatConv(RandomGenerator random, Layout layout) {
    return conv(random, DataType.F32, DataType.F32, layout);
  }

  /// A convolution from `x` to `y`, 1 to 40 channels, groups and depthwise ones included. Inner
  /// sizes are at most {@link #EXACT_INNER}.
  public static KernelSpec.Conv conv(
      RandomGenerator random, DataType x, DataType y, Layout layout) {
    int groups = random.nextInt(3) > 0 ? 1 : random.nextInt(1, 9);
    int c = groups * (groups > 4 ? 1 : random.nextInt(1, 41 / groups));
    int m = groups * random.nextInt(1, Math.max(2, 33 / groups));
    int h = random.nextInt(1, 12);
    int w = random.nextInt(1, 12);
    Window window = window(random, h, w, 5);
    while (c / groups * window.kernelH() * window.kernelW() > EXACT_INNER) {
      window = window(random, h, w, 3);
    }
    long n = random.nextInt(1, 4);
    TensorDesc in = activation(random, x, layout, Shape.of(n, c, h, w));
    Shape out = Shape.of(n, m, window.outputH(h, false), window.outputW(w, false));
    Shape kernel = Shape.of(m, c / groups, window.kernelH(), window.kernelW());
    Weights weights = weights(random, in.isInt8(), y, kernel);
    TensorDesc result = output(random, in, weights, y, layout, out);
    return new KernelSpec.Conv(in, result, weights, window, groups, postOps(random, result, true));
  }

  /// A transposed convolution over two axes or three, or one as it is over three, in int8 or float.
  public static KernelSpec.Conv oddConv(RandomGenerator random, boolean int8) {
    DataType x = int8 ? random.nextBoolean() ? DataType.U8 : DataType.S8 : DataType.F32;
    DataType[] ys = {DataType.U8, DataType.S8, DataType.F32};
    DataType y = int8 ? ys[random.nextInt(3)] : DataType.F32;
    boolean transposed = random.nextInt(3) > 0;
    int axes = transposed && random.nextBoolean() ? 2 : 3;
    int groups = random.nextInt(3) > 0 ? 1 : random.nextInt(1, 5);
    int c = groups * random.nextInt(1, 20 / groups);
    int m = groups * random.nextInt(1, 20 / groups);
    long[] from = new long[2 + axes];
    long[] to = new long[2 + axes];
    long[] kernel = new long[2 + axes];
    int[] sizes = new int[axes];
    int[] strides = new int[axes];
    int[] dilations = new int[axes];
    int[] pads = new int[2 * axes];
    for (int i = 0; i < axes; i++) {
      sizes[i] = random.nextInt(1, 4);
      strides[i] = random.nextInt(1, 4);
      dilations[i] = random.nextInt(4) == 0 ? random.nextInt(1, 3) : 1;
      int extent = (sizes[i] - 1) * dilations[i] + 1;
      kernel[2 + i] = sizes[i];
      pads[i] = random.nextInt(extent);
      pads[axes + i] = random.nextInt(extent);
      int pad = pads[i] + pads[axes + i];
      from[2 + i] = Math.max(random.nextInt(1, 8), transposed ? pad / strides[i] + 1 : extent);
      int more = random.nextInt(strides[i]);
      to[2 + i] =
          transposed
              ? Math.max(1, (from[2 + i] - 1) * strides[i] + extent + more - pad)
              : (from[2 + i] + pad - extent) / strides[i] + 1;
    }
    from[0] = to[0] = random.nextInt(1, 3);
    from[1] = c;
    to[1] = m;
    kernel[0] = m;
    kernel[1] = c / groups;
    Layout layout = int8 || random.nextBoolean() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    TensorDesc in = activation(random, x, layout, Shape.of(from));
    Weights weights = weights(random, in.isInt8(), y, Shape.of(kernel));
    TensorDesc result = output(random, in, weights, y, layout, Shape.of(to));
    Window window = Window.of(sizes).stride(strides).dilation(dilations).pads(pads);
    PostOps post = postOps(random, result, true);
    return new KernelSpec.Conv(in, result, weights, window, groups, transposed, post);
  }

  /// A linear layer in int8; its output is U8, S8, F32 or raw S32.
  public static KernelSpec.Linear int8Linear(RandomGenerator random) {
    DataType x = random.nextBoolean() ? DataType.U8 : DataType.S8;
    DataType[] ys = {DataType.S32, DataType.U8, DataType.S8, DataType.F32};
    return linear(random, x, ys[random.nextInt(4)]);
  }

  /// A linear layer from `x` to `y`.
  public static KernelSpec.Linear linear(RandomGenerator random, DataType x, DataType y) {
    int m = random.nextInt(1, 10);
    int k = random.nextInt(1, random.nextBoolean() ? 40 : EXACT_INNER + 1);
    int n = random.nextInt(1, 70);
    TensorDesc in = activation(random, x, Layout.ROW_MAJOR, Shape.of(m, k));
    Weights weights = weights(random, in.isInt8(), y, Shape.of(n, k));
    TensorDesc result = output(random, in, weights, y, Layout.ROW_MAJOR, Shape.of(m, n));
    return new KernelSpec.Linear(in, result, weights, postOps(random, result, true));
  }

  /// A product of two float activations with batch axes that broadcast.
  public static KernelSpec.MatMul matMul(RandomGenerator random) {
    int m = random.nextInt(1, 20);
    int k = random.nextInt(1, 40);
    int n = random.nextInt(1, 20);
    boolean ta = random.nextBoolean();
    boolean tb = random.nextBoolean();
    long[] batch = sizes(random, random.nextInt(0, 3), 3);
    Shape a = matrices(random, batch, ta ? k : m, ta ? m : k);
    Shape b = matrices(random, batch, tb ? n : k, tb ? k : n);
    long[] full = new long[batch.length];
    for (int i = 0; i < batch.length; i++) {
      full[i] = Math.max(fromEnd(a, batch.length - i + 2), fromEnd(b, batch.length - i + 2));
    }
    Shape y = matrices(Arrays.copyOfRange(full, zeros(full), full.length), m, n);
    float alpha = random.nextBoolean() ? 1 : (float) random.nextDouble(-1, 1);
    return new KernelSpec.MatMul(f32(a), f32(b), f32(y), ta, tb, alpha);
  }

  /// Data of one to five axes under another size, in every mode, type and layout.
  public static KernelSpec.Resample resample(RandomGenerator random) {
    int rank = random.nextInt(1, 6);
    long[] from = new long[rank];
    long[] to = new long[rank];
    List<Float> scales = new ArrayList<>();
    List<Float> region = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      from[i] = random.nextInt(1, 7);
      to[i] = random.nextInt(3) == 0 ? from[i] : random.nextInt(1, 10);
      scales.add((float) to[i] / from[i]);
      region.add((float) random.nextDouble(-0.2, 0.4));
    }
    for (int i = 0; i < rank; i++) {
      region.add((float) random.nextDouble(0.4, 1.2));
    }
    Resampling.Mode mode = any(random, Resampling.Mode.values());
    Resampling rule =
        new Resampling.Resize(
            mode,
            any(random, Resampling.Coordinates.values()),
            any(random, Resampling.Nearest.values()),
            -0.5f,
            random.nextBoolean(),
            0.25f,
            mode != Resampling.Mode.NEAREST && random.nextBoolean(),
            Resampling.Policy.STRETCH,
            List.of());
    Layout layout = rank > 2 && random.nextBoolean() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    DataType[] types = {DataType.F32, DataType.U8, DataType.S8};
    TensorDesc x = activation(random, any(random, types), layout, Shape.of(from));
    TensorDesc y =
        random.nextBoolean()
            ? x.sized(Shape.of(to))
            : activation(random, any(random, types), layout, Shape.of(to));
    return new KernelSpec.Resample(rule, x, y, scales, region);
  }

  private static <T> T any(RandomGenerator random, T[] all) {
    return all[random.nextInt(all.length)];
  }

  /// A product of two activations of bytes to bytes or floats.
  public static KernelSpec.MatMul int8MatMul(RandomGenerator random) {
    KernelSpec.MatMul floats = matMul(random);
    TensorDesc a = activation(random, anyByte(random), Layout.ROW_MAJOR, floats.a().shape());
    DataType right = random.nextInt(4) == 0 ? DataType.U8 : DataType.S8;
    TensorDesc b = activation(random, right, Layout.ROW_MAJOR, floats.b().shape());
    DataType type = anyReal(random);
    long inner = a.shape().size(a.shape().rank() - (floats.transA() ? 2 : 1));
    float scale = a.quant().scale() * b.quant().scale() * 128 * (float) Math.sqrt(inner);
    int zero = type.isInt8() ? quant(random, type).zeroPoint() : 0;
    TensorDesc y =
        type.isInt8()
            ? TensorDesc.quantized(
                Layout.ROW_MAJOR, floats.y().shape(), QuantParams.perTensor(type, scale, zero))
            : floats.y();
    return new KernelSpec.MatMul(a, b, y, floats.transA(), floats.transB(), floats.alpha());
  }

  /// A pool of any kind, type and layout, with ceil_mode at times.
  public static KernelSpec.Pool pool(RandomGenerator random) {
    DataType[] types = {DataType.F32, DataType.U8, DataType.S8};
    Layout layout = random.nextBoolean() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    int h = random.nextInt(1, 14);
    int w = random.nextInt(1, 14);
    Window window = random.nextInt(5) == 0 ? Window.of(h, w) : window(random, h, w, 4);
    boolean ceil = random.nextBoolean();
    long n = random.nextInt(1, 3);
    long c = random.nextInt(1, 40);
    Shape in = Shape.of(n, c, h, w);
    Shape out = Shape.of(n, c, window.outputH(h, ceil), window.outputW(w, ceil));
    if (random.nextInt(4) == 0) {
      int d = random.nextInt(1, 6);
      Window depth = window(random, 1, d, 3);
      in = Shape.of(n, c, d, h, w);
      out = Shape.of(n, c, depth.outputW(d, ceil), out.size(2), out.size(3));
      window = deep(depth, window);
    }
    TensorDesc x = activation(random, types[random.nextInt(3)], layout, in);
    PoolKind kind = PoolKind.values()[random.nextInt(3)];
    boolean requantizes = kind != PoolKind.MAX && x.isInt8() && random.nextInt(3) == 0;
    DataType type = requantizes && random.nextInt(4) == 0 ? otherByte(x.type()) : x.type();
    TensorDesc y = requantizes ? activation(random, type, layout, out) : x.sized(out);
    return new KernelSpec.Pool(x, y, window, kind);
  }

  /// A window that slides along planes as the first does along columns, and within them as the
  /// second.
  private static Window deep(Window depth, Window plane) {
    return new Window(
        List.of(depth.kernelW(), plane.kernelH(), plane.kernelW()),
        List.of(depth.strideW(), plane.strideH(), plane.strideW()),
        List.of(depth.dilationW(), plane.dilationH(), plane.dilationW()),
        List.of(depth.padLeft(), plane.padTop(), plane.padLeft()),
        List.of(depth.padRight(), plane.padBottom(), plane.padRight()),
        Window.AutoPad.NOTSET);
  }

  private static DataType otherByte(DataType type) {
    return type == DataType.U8 ? DataType.S8 : DataType.U8;
  }

  /// A sum or product of any types, with broadcasting in half of the cases.
  public static KernelSpec.Binary binary(RandomGenerator random) {
    boolean image = random.nextBoolean();
    Layout layout = image ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    long[] full = sizes(random, image ? 4 : random.nextInt(1, 5), 9);
    boolean same = random.nextBoolean();
    Shape a = same ? Shape.of(full) : narrowed(random, full, image);
    Shape b = same ? Shape.of(full) : narrowed(random, full, image);
    long[] out = new long[full.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.max(fromEnd(a, out.length - i), fromEnd(b, out.length - i));
    }
    Shape y = Shape.of(Arrays.copyOfRange(out, zeros(out), out.length));
    TensorDesc result = activation(random, anyReal(random), layout, y);
    return new KernelSpec.Binary(
        binaryFunction(random),
        activation(random, anyReal(random), layout, a),
        activation(random, anyReal(random), layout, b),
        result,
        postOps(random, result, false));
  }

  /// A product or sum of bytes, one of which has a number for each channel: in half of the cases
  /// without zero points.
  public static KernelSpec.Binary gate(RandomGenerator random) {
    Layout layout = random.nextInt(4) > 0 ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    Shape image =
        Shape.of(
            random.nextInt(1, 4),
            random.nextInt(1, random.nextBoolean() ? 40 : 600),
            random.nextInt(1, 12),
            random.nextInt(1, 12));
    Shape channels = Shape.of(image.size(0), image.size(1), 1, 1);
    boolean centered = random.nextBoolean();
    boolean turned = random.nextBoolean();
    TensorDesc y = activation(random, anyByte(random), layout, image);
    return new KernelSpec.Binary(
        random.nextInt(4) > 0 ? new Binary.Mul() : new Binary.Add(),
        operand(random, layout, turned ? channels : image, centered),
        operand(random, layout, turned ? image : channels, centered),
        y,
        postOps(random, y, false));
  }

  private static TensorDesc operand(
      RandomGenerator random, Layout layout, Shape shape, boolean centered) {
    QuantParams quant = quant(random, anyByte(random));
    return TensorDesc.quantized(
        layout, shape, centered ? QuantParams.perTensor(quant.type(), quant.scale(), 0) : quant);
  }

  private static DataType anyByte(RandomGenerator random) {
    return random.nextBoolean() ? DataType.U8 : DataType.S8;
  }

  /// Mostly sums and products, which engines know.
  static Binary binaryFunction(RandomGenerator random) {
    Binary[] others = {
      new Binary.Sub(),
      new Binary.Div(),
      new Binary.Max(),
      new Binary.Min(),
      new Binary.Pow(),
      new Binary.PRelu()
    };
    return switch (random.nextInt(3)) {
      case 0 -> new Binary.Add();
      case 1 -> new Binary.Mul();
      default -> others[random.nextInt(others.length)];
    };
  }

  /// Functions of one value that are not in every network.
  static final List<Unary> RARE_FUNCTIONS =
      List.of(
          new Unary.Neg(),
          new Unary.Abs(),
          new Unary.Sqrt(),
          new Unary.Reciprocal(),
          new Unary.Exp(),
          new Unary.Log(),
          new Unary.Erf(),
          new Unary.Gelu(Unary.Gelu.Approximation.NONE),
          new Unary.Gelu(Unary.Gelu.Approximation.TANH),
          new Unary.Elu(0.5f),
          new Unary.Softplus(),
          new Unary.Mish(),
          new Unary.Floor(),
          new Unary.Ceil(),
          new Unary.Round());

  /// A function of one value.
  public static KernelSpec.Unary unary(RandomGenerator random) {
    Unary[] functions = {
      new Unary.Relu(),
      new Unary.Clip(-1.5f, 6),
      new Unary.LeakyRelu(0.1f),
      new Unary.Sigmoid(),
      new Unary.HardSigmoid(0.2f, 0.5f),
      new Unary.HardSwish(),
      new Unary.Tanh()
    };
    Layout layout = random.nextBoolean() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    Shape shape = Shape.of(sizes(random, 4, 9));
    return new KernelSpec.Unary(
        random.nextInt(3) == 0
            ? RARE_FUNCTIONS.get(random.nextInt(RARE_FUNCTIONS.size()))
            : functions[random.nextInt(functions.length)],
        activation(random, anyReal(random), layout, shape),
        activation(random, anyReal(random), layout, shape));
  }

  /// Any table of bytes.
  public static KernelSpec.Lookup lookup(RandomGenerator random) {
    Layout layout = random.nextBoolean() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    Shape shape = Shape.of(sizes(random, 4, random.nextBoolean() ? 9 : 20));
    DataType[] types = {DataType.U8, DataType.S8};
    byte[] table = new byte[256];
    random.nextBytes(table);
    return new KernelSpec.Lookup(
        activation(random, types[random.nextInt(2)], layout, shape),
        activation(random, types[random.nextInt(2)], layout, shape),
        table);
  }

  /// A softmax along any axis.
  public static KernelSpec.Softmax softmax(RandomGenerator random) {
    int rank = random.nextInt(1, 5);
    TensorDesc x = f32(Shape.of(sizes(random, rank, 12)));
    return new KernelSpec.Softmax(x, x, random.nextInt(-rank, rank));
  }

  /// A change of type, layout or parameters; some per channel on one side or both.
  public static KernelSpec.Convert convert(RandomGenerator random) {
    Layout from = random.nextBoolean() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    Layout to = random.nextBoolean() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    boolean large = random.nextInt(4) == 0; // beyond what a backend would do in one block
    Shape shape =
        large
            ? Shape.of(
                random.nextInt(1, 3),
                random.nextInt(1, 160),
                random.nextInt(1, 80),
                random.nextInt(1, 80))
            : Shape.of(sizes(random, 4, 12));
    return new KernelSpec.Convert(
        perhapsPerChannel(random, activation(random, anyReal(random), from, shape)),
        perhapsPerChannel(random, activation(random, anyReal(random), to, shape)));
  }

  /// QuantizeLinear or DequantizeLinear with a scale that arrives at run time.
  public static KernelSpec.RuntimeQuantize runtimeQuantize(RandomGenerator random) {
    int rank = random.nextInt(1, 5);
    Shape shape = Shape.of(sizes(random, rank, 9));
    int axis = random.nextInt(-rank, rank);
    long channels = shape.size(Math.floorMod(axis, rank));
    boolean scalar = random.nextBoolean();
    Shape side = scalar ? Shape.of() : Shape.of(channels);
    boolean quantize = random.nextBoolean();
    DataType[] types = {DataType.U8, DataType.S8, DataType.S32};
    DataType type = types[random.nextInt(quantize ? 2 : 3)];
    TensorDesc real = f32(shape);
    TensorDesc integer = TensorDesc.dynamic(type, shape);
    TensorDesc zero = random.nextBoolean() ? TensorDesc.plain(type, side) : null;
    return new KernelSpec.RuntimeQuantize(
        quantize ? real : integer, f32(side), zero, quantize ? integer : real, axis);
  }

  /// All values, or each row, by their own range; rows that are longer than a kernel's tile too.
  public static KernelSpec.QuantizeRows quantizeRows(RandomGenerator random) {
    int rank = random.nextInt(1, 4);
    long[] sizes = sizes(random, rank, 9);
    sizes[rank - 1] = random.nextInt(1, random.nextInt(8) == 0 ? 5000 : 70);
    Shape shape = Shape.of(sizes);
    Shape ranges = random.nextBoolean() ? Shape.of() : Shape.of(shape.elements() / sizes[rank - 1]);
    return new KernelSpec.QuantizeRows(
        f32(shape),
        TensorDesc.dynamic(DataType.U8, shape),
        f32(ranges),
        TensorDesc.plain(DataType.U8, ranges));
  }

  /// Sums of such rows as reals.
  public static KernelSpec.ScaleSums scaleSums(RandomGenerator random) {
    KernelSpec.Linear linear = linear(random, DataType.U8, DataType.F32);
    Shape sums = linear.y().shape();
    Shape ranges = random.nextBoolean() ? Shape.of() : Shape.of(sums.size(0));
    boolean zeros = random.nextBoolean();
    int channels = linear.weights().channels();
    return new KernelSpec.ScaleSums(
        TensorDesc.accumulators(Layout.ROW_MAJOR, sums),
        f32(ranges),
        TensorDesc.plain(DataType.U8, ranges),
        zeros ? TensorDesc.plain(DataType.U8, linear.x().shape()) : null,
        linear.y(),
        linear.weights(),
        zeros ? random.ints(channels, -128, 128).toArray() : new int[0],
        linear.post());
  }

  /// An unfolded batch normalization.
  public static KernelSpec.ChannelAffine channelAffine(RandomGenerator random) {
    boolean image = random.nextBoolean();
    Layout layout = image ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    Shape shape = Shape.of(sizes(random, image ? 4 : random.nextInt(2, 5), 20));
    int channels = (int) shape.size(1);
    TensorDesc x = TensorDesc.f32(layout, shape);
    return new KernelSpec.ChannelAffine(
        x, x, Values.floats(channels, random), Values.floats(channels, random));
  }

  /// One to four values joined along any axis.
  public static KernelSpec.Concat concat(RandomGenerator random) {
    boolean image = random.nextBoolean();
    Layout layout = image ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    int rank = image ? 4 : random.nextInt(1, 5);
    int axis = random.nextInt(-rank, rank);
    int at = Math.floorMod(axis, rank);
    long[] sizes = sizes(random, rank, 9);
    TensorDesc first = activation(random, anyReal(random), layout, Shape.of(sizes));
    List<TensorDesc> xs = new ArrayList<>();
    long total = 0;
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      sizes[at] = random.nextInt(1, 9);
      total += sizes[at];
      xs.add(first.sized(Shape.of(sizes)));
    }
    sizes[at] = total;
    TensorDesc y = first.sized(Shape.of(sizes));
    return new KernelSpec.Concat(xs, y, axis);
  }

  /// Any permutation of the axes of any type.
  public static KernelSpec.Transpose transpose(RandomGenerator random) {
    int rank = random.nextInt(1, 6);
    long[] sizes = sizes(random, rank, random.nextBoolean() ? 6 : 20);
    List<Integer> perm = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      perm.add(i);
    }
    Collections.shuffle(perm, new Random(random.nextLong()));
    Shape to = Shape.of(perm.stream().mapToLong(p -> sizes[p]).toArray());
    TensorDesc x = activation(random, anyReal(random), Layout.ROW_MAJOR, Shape.of(sizes));
    return new KernelSpec.Transpose(x, x.sized(to), perm);
  }

  /// A window that gives at least one output on an image of `h` x `w`, at times far larger than it.
  public static Window window(RandomGenerator random, int h, int w, int largest) {
    Window window =
        Window.of(random.nextInt(1, largest + 1), random.nextInt(1, largest + 1))
            .stride(random.nextInt(1, 4), random.nextInt(1, 4));
    if (random.nextInt(3) == 0) {
      window = window.dilation(random.nextInt(1, 5), random.nextInt(1, 5));
    }
    int top = random.nextInt(window.extentH());
    int left = random.nextInt(window.extentW());
    int bottom = Math.max(random.nextInt(window.extentH()), window.extentH() - h - top);
    int right = Math.max(random.nextInt(window.extentW()), window.extentW() - w - left);
    return window.pads(top, left, bottom, right);
  }

  /// A value with random parameters where it is quantized.
  public static TensorDesc activation(
      RandomGenerator random, DataType type, Layout layout, Shape shape) {
    return type.isInt8()
        ? TensorDesc.quantized(layout, shape, quant(random, type))
        : new TensorDesc(type, layout, shape, Encoding.PLAIN);
  }

  /// Random parameters, zero points at 0 and at the ends of the range among them.
  public static QuantParams quant(RandomGenerator random, DataType type) {
    int zero =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> (int) (random.nextBoolean() ? type.min() : type.max());
          default -> random.nextInt((int) type.min(), (int) type.max() + 1);
        };
    return QuantParams.perTensor(type, (float) random.nextDouble(0.005, 0.1), zero);
  }

  private static TensorDesc perhapsPerChannel(RandomGenerator random, TensorDesc a) {
    if (!a.isInt8() || random.nextInt(3) > 0) {
      return a;
    }
    int channels = (int) a.shape().size(1);
    float[] scales = new float[channels];
    for (int i = 0; i < channels; i++) {
      scales[i] = (float) random.nextDouble(0.005, 0.1);
    }
    return TensorDesc.quantized(a.layout(), a.shape(), QuantParams.perChannel(a.type(), 1, scales));
  }

  private static Weights weights(RandomGenerator random, boolean int8, DataType y, Shape shape) {
    int count = Math.toIntExact(shape.elements());
    int channels = (int) shape.size(0);
    boolean biased = y != DataType.S32 && random.nextInt(4) > 0;
    float[] bias = biased ? Values.floats(channels, random) : new float[0];
    long[] sizes = shape.sizes();
    if (!int8) {
      return new Weights(Tensor.of(Values.floats(count, random), sizes), new float[0], bias);
    }
    float[] scales = new float[random.nextBoolean() ? 1 : channels];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) random.nextDouble(0.001, 0.02);
    }
    byte[] values = Values.bytes(DataType.S8, count, random);
    return new Weights(Tensor.of(DataType.S8, values, sizes), scales, bias);
  }

  /// The output of a layer, with a scale that spreads its sums over the range.
  private static TensorDesc output(
      RandomGenerator random, TensorDesc x, Weights w, DataType y, Layout layout, Shape shape) {
    TensorDesc out = activation(random, y, layout, shape);
    if (!y.isInt8() || !x.isInt8()) {
      return out;
    }
    double inner = (double) w.values().elements() / w.channels();
    float scale = (float) (x.quant().scale() * w.scale(0) * 128 * Math.sqrt(inner));
    return TensorDesc.quantized(
        layout, shape, QuantParams.perTensor(y, scale, out.quant().zeroPoint()));
  }

  private static PostOps postOps(RandomGenerator random, TensorDesc y, boolean residualToo) {
    if (y.type() == DataType.S32) {
      return PostOps.NONE;
    }
    PostOps post =
        switch (random.nextInt(4)) {
          case 0 -> PostOps.RELU;
          case 1 -> PostOps.NONE.clamp(0, 6);
          case 2 -> PostOps.NONE.clamp(-1, 2.5f);
          default -> PostOps.NONE;
        };
    boolean residual = residualToo && random.nextInt(3) == 0;
    return residual
        ? post.withResidual(activation(random, anyReal(random), y.layout(), y.shape()))
        : post;
  }

  private static TensorDesc f32(Shape shape) {
    return TensorDesc.f32(Layout.ROW_MAJOR, shape);
  }

  private static DataType anyReal(RandomGenerator random) {
    DataType[] types = {DataType.F32, DataType.U8, DataType.S8};
    return types[random.nextInt(3)];
  }

  private static long[] sizes(RandomGenerator random, int rank, int largest) {
    return random.longs(rank, 1, largest + 1).toArray();
  }

  /// `full` with some axes 1, and some of the outer ones left out where the rank may differ.
  private static Shape narrowed(RandomGenerator random, long[] full, boolean keepRank) {
    int from = keepRank ? 0 : random.nextInt(full.length);
    long[] sizes = Arrays.copyOfRange(full, from, full.length);
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = random.nextInt(3) == 0 ? 1 : sizes[i];
    }
    return Shape.of(sizes);
  }

  private static Shape matrices(RandomGenerator random, long[] batch, long rows, long columns) {
    long[] sizes = narrowed(random, Arrays.copyOf(batch, batch.length + 1), false).sizes();
    return matrices(Arrays.copyOf(sizes, sizes.length - 1), rows, columns);
  }

  private static Shape matrices(long[] batch, long rows, long columns) {
    long[] sizes = Arrays.copyOf(batch, batch.length + 2);
    sizes[batch.length] = rows;
    sizes[batch.length + 1] = columns;
    return Shape.of(sizes);
  }

  /// The size of the axis `back` before the end, 1-based; 0 where the shape has none.
  private static long fromEnd(Shape shape, int back) {
    return back > shape.rank() ? 0 : shape.size(shape.rank() - back);
  }

  private static int zeros(long[] sizes) {
    int count = 0;
    while (count < sizes.length && sizes[count] == 0) {
      count++;
    }
    return count;
  }

  /// The steps of an LSTM, GRU or RNN, whose weights are small.
  public static KernelSpec.Recurrence recurrence(RandomGenerator random) {
    int kind = random.nextInt(3);
    Direction direction = Direction.values()[random.nextInt(3)];
    int d = direction == Direction.BIDIRECTIONAL ? 2 : 1;
    List<Activation> activations = new ArrayList<>();
    for (int i = 0; i < d * (3 - kind); i++) {
      boolean gate = kind < 2 && i % (3 - kind) == 0;
      activations.add(new Activation(gate ? Curve.SIGMOID : Curve.TANH, 0, 0));
    }
    int hidden = random.nextInt(1, 40);
    boolean batchFirst = random.nextBoolean();
    float clip = random.nextBoolean() ? 1 : Float.POSITIVE_INFINITY;
    Form form = new Form(direction, hidden, activations, clip, batchFirst);
    Recurrence op =
        switch (kind) {
          case 0 -> new Recurrence.LSTM(form, random.nextInt(4) == 0);
          case 1 -> new Recurrence.GRU(form, random.nextBoolean());
          default -> new Recurrence.RNN(form);
        };
    long steps = random.nextInt(1, 6);
    long batch = random.nextInt(1, 4);
    long rows = (long) d * op.gates() * hidden;
    float[] values = new float[Math.toIntExact(rows * hidden)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-0.1, 0.1);
    }
    float[] bias = new float[kind == 1 && random.nextBoolean() ? (int) rows : 0];
    Arrays.fill(bias, 0.25f);
    Shape state = batchFirst ? Shape.of(batch, d, hidden) : Shape.of(d, batch, hidden);
    Shape y = batchFirst ? Shape.of(batch, steps, d, hidden) : Shape.of(steps, d, batch, hidden);
    TensorDesc cell = kind == 0 && random.nextBoolean() ? f32(state) : null;
    TensorDesc peepholes = kind == 0 && random.nextBoolean() ? f32(Shape.of(d, 3L * hidden)) : null;
    List<TensorDesc> operands =
        Arrays.asList(
            random.nextBoolean() ? TensorDesc.plain(DataType.S32, Shape.of(batch)) : null,
            random.nextBoolean() ? f32(state) : null,
            cell,
            peepholes);
    List<TensorDesc> outputs = List.of(f32(y), f32(state), f32(state));
    return new KernelSpec.Recurrence(
        op,
        f32(batchFirst ? Shape.of(batch, steps, rows) : Shape.of(steps, batch, rows)),
        new Weights(Tensor.of(values, rows, hidden), new float[0], bias),
        operands,
        outputs.subList(0, random.nextInt(1, kind == 0 ? 4 : 3)));
  }
}
