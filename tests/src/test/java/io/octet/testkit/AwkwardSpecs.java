package io.octet.testkit;

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
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Valid specs of every record, as odd as the records allow: no axes, or more than oneDNN has; no
/// elements; hundreds of inputs; windows, pads, strides and dilations far beyond the image; 64-bit
/// integers; parameters per channel along any axis; either layout on either side.
public final class AwkwardSpecs {
  private static final int[] RANKS = {0, 1, 2, 3, 4, 5, 6, 11, 12, 13, 16};
  private static final int[] IMAGE_RANKS = {3, 4, 4, 4, 5, 6, 12};
  private static final int[] SIZES = {1, 1, 1, 2, 3, 5, 7, 8, 16, 17, 31, 33, 64};
  private static final int[] COUNTS = {1, 2, 3, 17, 63, 64, 65, 255, 256, 257, 511, 512, 513, 700};
  private static final int[] FAR = {1, 1, 2, 3, 7, 40, 1000, 1 << 20};
  private static final long MOST_ELEMENTS = 4096;
  private static final long MOST_WORK = 4096;

  private final RandomGenerator random;

  private AwkwardSpecs(RandomGenerator random) {
    this.random = random;
  }

  /// One family for each record of {@link KernelSpec}.
  public static Stream<Case.Family> families() {
    return Stream.of(
        r -> new AwkwardSpecs(r).conv(),
        r -> new AwkwardSpecs(r).linear(),
        r -> new AwkwardSpecs(r).matMul(),
        r -> new AwkwardSpecs(r).pool(),
        r -> new AwkwardSpecs(r).binary(),
        r -> new AwkwardSpecs(r).unary(),
        r -> new AwkwardSpecs(r).lookup(),
        r -> new AwkwardSpecs(r).softmax(),
        r -> new AwkwardSpecs(r).convert(),
        r -> new AwkwardSpecs(r).runtimeQuantize(),
        Specs::quantizeRows,
        Specs::scaleSums,
        Specs::lookup,
        Specs::resample,
        Specs::recurrence,
        r -> new AwkwardSpecs(r).channelAffine(),
        r -> new AwkwardSpecs(r).concat(),
        r -> new AwkwardSpecs(r).transpose(),
        Specs::recurrence,
        Literals::any);
  }

  private KernelSpec conv() {
    DataType x = any(DataType.F32, DataType.U8, DataType.S8);
    DataType y = x == DataType.F32 ? anyReal() : any(DataType.S32, anyReal());
    int groups = any(1, 1, 2, 5, 16);
    int c = any(1, 1, 2, 3, 4, 17);
    int m = groups * any(1, 1, 2, 3, 16, 33);
    int h = any(1, 1, 2, 3, 9);
    int w = any(1, 1, 2, 3, 9);
    Window window = window(h, w, any(1, 2, 3, 12));
    long images = chance(12) ? 0 : any(1, 1, 3);
    TensorDesc in = value(x, layout(), Shape.of(images, (long) c * groups, h, w));
    Shape out = Shape.of(images, m, window.outputH(h, false), window.outputW(w, false));
    Weights weights = weights(x, y, m, c, window.kernelH(), window.kernelW());
    TensorDesc result = output(y, layout(), out, in, weights);
    return new KernelSpec.Conv(in, result, weights, window, groups, postOps(result, true));
  }

  private KernelSpec linear() {
    DataType x = any(DataType.F32, DataType.U8, DataType.S8);
    DataType y = x == DataType.F32 ? anyReal() : any(DataType.S32, anyReal());
    long rows = chance(12) ? 0 : any(1, 1, 2, 17);
    int inner = any(1, 2, 3, 15, 64, 514, 1024, 3001);
    int n = any(1, 2, 7, 16, 33, 65);
    TensorDesc in = value(x, Layout.ROW_MAJOR, Shape.of(rows, inner));
    Weights weights = weights(x, y, n, inner);
    TensorDesc result = output(y, Layout.ROW_MAJOR, Shape.of(rows, n), in, weights);
    return new KernelSpec.Linear(in, result, weights, postOps(result, true));
  }

  private KernelSpec matMul() {
    int rows = any(1, 2, 5, 17);
    int inner = any(1, 3, 16, 33);
    int columns = any(1, 2, 7, 16);
    boolean transA = random.nextBoolean();
    boolean transB = random.nextBoolean();
    float alpha = any(0, 1) == 0 ? 1 : (float) random.nextDouble(-2, 2);
    if (chance(4)) {
      return vectorProduct(inner, columns, alpha);
    }
    long[] batch = sizes(any(0, 0, 1, 2, 3, 9, 10, 11), 64);
    TensorDesc a = f32(matrix(batch, transA ? inner : rows, transA ? rows : inner));
    TensorDesc b = f32(matrix(batch, transB ? columns : inner, transB ? inner : columns));
    long[] shared =
        broadcast(
            Arrays.copyOf(a.shape().sizes(), a.shape().rank() - 2),
            Arrays.copyOf(b.shape().sizes(), b.shape().rank() - 2));
    long[] y = Arrays.copyOf(shared, shared.length + 2);
    y[shared.length] = rows;
    y[shared.length + 1] = columns;
    return new KernelSpec.MatMul(a, b, f32(Shape.of(y)), transA, transB, alpha);
  }

  private KernelSpec vectorProduct(int inner, int columns, float alpha) {
    TensorDesc vector = f32(Shape.of(inner));
    TensorDesc row = f32(Shape.of(columns));
    return random.nextBoolean()
        ? new KernelSpec.MatMul(vector, f32(Shape.of(inner, columns)), row, false, false, alpha)
        : new KernelSpec.MatMul(f32(Shape.of(columns, inner)), vector, row, false, false, alpha);
  }

  /// Batch axes narrowed to 1 or left out at random, before a matrix.
  private Shape matrix(long[] batch, long rows, long columns) {
    long[] own = narrowed(batch);
    long[] sizes = Arrays.copyOf(own, own.length + 2);
    sizes[own.length] = rows;
    sizes[own.length + 1] = columns;
    return Shape.of(sizes);
  }

  private KernelSpec pool() {
    int h = any(1, 1, 2, 3, 9);
    int w = any(1, 1, 2, 3, 9);
    Window window = window(h, w, any(1, 2, 3, 12, 70));
    boolean ceil = random.nextBoolean();
    long images = chance(12) ? 0 : any(1, 1, 3);
    int c = any(1, 2, 8, 17, 33, 64);
    Layout layout = layout();
    Shape image = Shape.of(images, c, h, w);
    Shape out = Shape.of(images, c, window.outputH(h, ceil), window.outputW(w, ceil));
    PoolKind kind = PoolKind.values()[random.nextInt(3)];
    boolean bytes = kind == PoolKind.MAX && chance(3);
    TensorDesc x =
        bytes
            ? TensorDesc.plain(any(DataType.U8, DataType.S8), image).in(layout)
            : value(anyReal(), layout, image);
    return new KernelSpec.Pool(x, x.sized(out), window, kind);
  }

  private KernelSpec binary() {
    Layout layout = layout();
    long[] full = sizes(layout == Layout.CHANNELS_LAST ? any(IMAGE_RANKS) : any(RANKS));
    Shape a = Shape.of(layout == Layout.CHANNELS_LAST ? ones(full) : narrowed(full));
    Shape b = Shape.of(layout == Layout.CHANNELS_LAST ? ones(full) : narrowed(full));
    Shape y = Shape.of(broadcast(a.sizes(), b.sizes()));
    TensorDesc result = value(anyReal(), layout, y);
    return new KernelSpec.Binary(
        Specs.binaryFunction(random),
        value(anyReal(), layout, a),
        value(anyReal(), layout, b),
        result,
        postOps(result, false));
  }

  private KernelSpec lookup() {
    Layout layout = layout();
    Shape shape = shape(layout);
    byte[] table = new byte[256];
    random.nextBytes(table);
    return new KernelSpec.Lookup(
        value(any(DataType.U8, DataType.S8), layout, shape),
        value(any(DataType.U8, DataType.S8), layout, shape),
        table);
  }

  private KernelSpec unary() {
    float unbounded = Float.POSITIVE_INFINITY;
    Unary[] functions = {
      new Unary.Relu(),
      new Unary.Clip(-1.5f, 6),
      new Unary.Clip(-unbounded, unbounded),
      new Unary.Clip(2, 2),
      new Unary.LeakyRelu(0.1f),
      new Unary.LeakyRelu(-2),
      new Unary.Sigmoid(),
      new Unary.HardSigmoid(0.2f, 0.5f),
      new Unary.HardSwish(),
      new Unary.Tanh()
    };
    Layout layout = layout();
    Shape shape = shape(layout);
    return new KernelSpec.Unary(
        chance(3)
            ? Specs.RARE_FUNCTIONS.get(random.nextInt(Specs.RARE_FUNCTIONS.size()))
            : functions[random.nextInt(functions.length)],
        value(anyReal(), layout, shape),
        value(anyReal(), layout, shape));
  }

  private KernelSpec softmax() {
    int rank = any(1, 2, 3, 6, 12, 13);
    TensorDesc x = f32(Shape.of(sizes(rank)));
    return new KernelSpec.Softmax(x, x, random.nextInt(-rank, rank));
  }

  private KernelSpec convert() {
    Layout from = layout();
    Shape shape = shape(from);
    Layout to = shape.rank() > 2 ? layout() : Layout.ROW_MAJOR;
    if (chance(4)) {
      TensorDesc raw = moved(from, shape);
      return new KernelSpec.Convert(raw, raw.in(to));
    }
    return new KernelSpec.Convert(
        perhapsPerChannel(value(anyReal(), from, shape)),
        perhapsPerChannel(value(anyReal(), to, shape)));
  }

  private KernelSpec runtimeQuantize() {
    Shape shape = Shape.of(sizes(any(RANKS)));
    int rank = shape.rank();
    boolean scalar = rank == 0 || random.nextBoolean();
    int axis = rank == 0 ? 0 : random.nextInt(-rank, rank);
    Shape side = scalar ? Shape.of() : Shape.of(shape.size(Math.floorMod(axis, rank)));
    boolean quantize = random.nextBoolean();
    DataType type =
        quantize ? any(DataType.U8, DataType.S8) : any(DataType.U8, DataType.S8, DataType.S32);
    TensorDesc integer = TensorDesc.dynamic(type, shape);
    return new KernelSpec.RuntimeQuantize(
        quantize ? f32(shape) : integer,
        f32(side),
        random.nextBoolean() ? TensorDesc.plain(type, side) : null,
        quantize ? integer : f32(shape),
        axis);
  }

  private KernelSpec channelAffine() {
    Layout layout = layout();
    Shape shape =
        Shape.of(
            sizes(layout == Layout.CHANNELS_LAST ? any(IMAGE_RANKS) : any(2, 3, 4, 5, 12, 13)));
    TensorDesc x = TensorDesc.f32(layout, shape);
    int channels = (int) shape.size(1);
    return new KernelSpec.ChannelAffine(
        x, x, Values.floats(channels, random), Values.floats(channels, random));
  }

  private KernelSpec concat() {
    Layout layout = layout();
    int rank = layout == Layout.CHANNELS_LAST ? any(IMAGE_RANKS) : any(1, 2, 3, 4, 12, 13);
    int axis = random.nextInt(-rank, rank);
    int at = Math.floorMod(axis, rank);
    long[] sizes = sizes(rank, 32);
    TensorDesc first = moved(layout, Shape.of(sizes));
    List<TensorDesc> xs = new ArrayList<>();
    long total = 0;
    boolean holes = chance(4);
    for (int i = any(COUNTS); i > 0; i--) {
      sizes[at] = holes && chance(20) ? 0 : random.nextInt(1, 4);
      total += sizes[at];
      xs.add(first.sized(Shape.of(sizes)));
    }
    sizes[at] = total;
    return new KernelSpec.Concat(xs, first.sized(Shape.of(sizes)), axis);
  }

  private KernelSpec transpose() {
    long[] sizes = sizes(any(RANKS));
    List<Integer> perm = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      perm.add(i);
    }
    Collections.shuffle(perm, new Random(random.nextLong()));
    TensorDesc x = moved(Layout.ROW_MAJOR, Shape.of(sizes));
    Shape to = Shape.of(perm.stream().mapToLong(p -> sizes[p]).toArray());
    return new KernelSpec.Transpose(x, x.sized(to), perm);
  }

  // ---- windows

  /// A window that gives an output of at most some rows and columns on an image of `h` x `w`.
  private Window window(int h, int w, int kernel) {
    Window shape =
        Window.of(any(1, 2, kernel), any(1, 2, kernel))
            .stride(any(FAR), any(FAR))
            .dilation(any(FAR), any(FAR));
    int top = pad(shape.extentH());
    int left = pad(shape.extentW());
    Window window =
        shape.pads(
            top,
            left,
            Math.max(pad(shape.extentH()), shape.extentH() - h - top),
            Math.max(pad(shape.extentW()), shape.extentW() - w - left));
    long work = window.outputH(h, true) * window.outputW(w, true);
    return work * window.kernelH() * window.kernelW() <= MOST_WORK
        ? window
        : window.stride(
            fewSteps(window.outputH(h, true), window.strideH()),
            fewSteps(window.outputW(w, true), window.strideW()));
  }

  /// A stride that leaves three or four of so many outputs at stride `now`.
  private static int fewSteps(long outputs, int now) {
    return Math.toIntExact(Math.max(1, outputs * now / 3));
  }

  private int pad(int extent) {
    return any(0, 0, 1, Math.min(20, extent - 1), Math.min(20, extent), 13);
  }

  // ---- values

  private TensorDesc value(DataType type, Layout layout, Shape shape) {
    return Specs.activation(random, type, layout, shape);
  }

  /// A value that somebody moves: of any type, and bytes with and without a meaning.
  private TensorDesc moved(Layout layout, Shape shape) {
    DataType type = any(DataType.values());
    TensorDesc plain = TensorDesc.plain(type, shape).in(layout);
    return random.nextBoolean() ? plain : value(type, layout, shape);
  }

  private static TensorDesc f32(Shape shape) {
    return TensorDesc.f32(Layout.ROW_MAJOR, shape);
  }

  private TensorDesc perhapsPerChannel(TensorDesc a) {
    if (!a.isInt8() || a.shape().rank() == 0 || random.nextBoolean()) {
      return a;
    }
    int axis = random.nextInt(a.shape().rank());
    int channels = (int) a.shape().size(axis);
    if (channels == 0) {
      return a;
    }
    float[] scales = new float[channels];
    for (int i = 0; i < channels; i++) {
      scales[i] = (float) random.nextDouble(0.005, 0.1);
    }
    QuantParams quant = QuantParams.perChannel(a.type(), axis, scales);
    return TensorDesc.quantized(a.layout(), a.shape(), quant);
  }

  /// The output of a layer, with a scale that spreads its sums over the range.
  private TensorDesc output(DataType y, Layout layout, Shape shape, TensorDesc x, Weights w) {
    TensorDesc out = value(y, layout, shape);
    if (!y.isInt8() || !x.isInt8()) {
      return out;
    }
    double inner = Math.max(1, (double) w.values().elements() / w.channels());
    float scale = (float) (x.quant().scale() * w.scale(0) * 128 * Math.sqrt(inner));
    return TensorDesc.quantized(
        layout, shape, QuantParams.perTensor(y, scale, out.quant().zeroPoint()));
  }

  private Weights weights(DataType x, DataType y, long... sizes) {
    int channels = (int) sizes[0];
    int count = (int) Shape.of(sizes).elements();
    boolean biased = y != DataType.S32 && random.nextBoolean();
    float[] bias = biased ? Values.floats(channels, random) : new float[0];
    if (x == DataType.F32) {
      return new Weights(Tensor.of(Values.floats(count, random), sizes), new float[0], bias);
    }
    float[] scales = new float[random.nextBoolean() ? 1 : channels];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) random.nextDouble(0.001, 0.02);
    }
    byte[] values = Values.bytes(DataType.S8, count, random);
    return new Weights(Tensor.of(DataType.S8, values, sizes), scales, bias);
  }

  private PostOps postOps(TensorDesc y, boolean residualToo) {
    if (y.type() == DataType.S32) {
      return PostOps.NONE;
    }
    float unbounded = Float.POSITIVE_INFINITY;
    PostOps post =
        switch (random.nextInt(6)) {
          case 0 -> PostOps.RELU;
          case 1 -> PostOps.NONE.clamp(0, 6);
          case 2 -> PostOps.NONE.clamp(-unbounded, -0.5f);
          case 3 -> PostOps.NONE.clamp(1, 1);
          default -> PostOps.NONE;
        };
    if (chance(8)) {
      return longer(post, y);
    }
    boolean residual = residualToo && chance(3);
    return residual ? post.withResidual(value(anyReal(), y.layout(), y.shape())) : post;
  }

  /// A list that no fusion of today makes: only the oracle knows all of them.
  private PostOps longer(PostOps post, TensorDesc y) {
    PostOps list = post;
    for (int i = any(1, 2, 3, 5); i > 0; i--) {
      Shape operand = Shape.of(ones(y.shape().sizes()));
      list =
          switch (random.nextInt(5)) {
            case 0 -> list.then(new PostOps.Add(value(anyReal(), y.layout(), operand)));
            case 1 -> list.then(new PostOps.Mul(value(anyReal(), y.layout(), operand)));
            case 2 -> list.then(new PostOps.Apply(new Unary.Tanh()));
            case 3 -> list.then(new PostOps.Gate(new Unary.Sigmoid()));
            default -> list.clamp(-1, 4);
          };
    }
    return list;
  }

  // ---- shapes

  private Layout layout() {
    return random.nextBoolean() ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
  }

  private Shape shape(Layout layout) {
    return Shape.of(sizes(layout == Layout.CHANNELS_LAST ? any(IMAGE_RANKS) : any(RANKS)));
  }

  private long[] sizes(int rank) {
    return sizes(rank, MOST_ELEMENTS);
  }

  /// Odd sizes, in all at most `most` elements; at times none.
  private long[] sizes(int rank, long most) {
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    long elements = 1;
    for (int i = 0; i < rank; i++) {
      int axis = random.nextInt(rank);
      int size = any(SIZES);
      if (sizes[axis] == 1 && elements * size <= most) {
        sizes[axis] = size;
        elements *= size;
      }
    }
    if (rank > 0 && chance(12)) {
      sizes[random.nextInt(rank)] = 0;
    }
    return sizes;
  }

  private long[] narrowed(long[] full) {
    int from = full.length == 0 || random.nextBoolean() ? 0 : random.nextInt(full.length + 1);
    return ones(Arrays.copyOfRange(full, from, full.length));
  }

  private long[] ones(long[] full) {
    long[] sizes = full.clone();
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = chance(4) ? 1 : sizes[i];
    }
    return sizes;
  }

  private static long[] broadcast(long[] a, long[] b) {
    long[] y = new long[Math.max(a.length, b.length)];
    for (int i = 1; i <= y.length; i++) {
      long p = i <= a.length ? a[a.length - i] : 1;
      long q = i <= b.length ? b[b.length - i] : 1;
      y[y.length - i] = p == 1 ? q : p;
    }
    return y;
  }

  private DataType anyReal() {
    return any(DataType.F32, DataType.U8, DataType.S8);
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private int any(int... of) {
    return of[random.nextInt(of.length)];
  }

  private DataType any(DataType... of) {
    return of[random.nextInt(of.length)];
  }
}
