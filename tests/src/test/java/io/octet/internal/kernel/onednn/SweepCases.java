package io.octet.internal.kernel.onednn;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.onednn.SweepCase.Kind;
import io.octet.internal.kernel.onednn.SweepCase.Post;
import io.octet.tensor.DataType;
import java.util.SplittableRandom;

/// The cases of the sweep by their numbers, the same in each run. One in five of the first walks
/// over every number of outputs from 1 to 96 around the fault that was found on another processor;
/// the others are drawn from all that a kernel may be asked for, as many as there is time.
final class SweepCases {
  private static final int OUTPUTS = 96;
  private static final int[] CORE_KERNELS = {2, 3, 5, 7};
  private static final int[] CORE_IMAGES = {8, 14};
  private static final int CORE = OUTPUTS * CORE_KERNELS.length * CORE_IMAGES.length;
  private static final int EVERY = 5;

  private static final int[] INPUTS = {1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 32};
  private static final int[] BLOCKS = {
    1, 2, 8, 15, 16, 17, 24, 31, 32, 33, 40, 47, 48, 49, 56, 63, 64, 65, 72, 79, 80, 81, 95, 96
  };
  private static final DataType[] INT8 = {DataType.U8, DataType.S8};

  private final SplittableRandom random;
  private final long seed;

  private SweepCases(long index) {
    this.random = new SplittableRandom(index);
    this.seed = index;
  }

  /// The case of that number.
  static SweepCase at(long index) {
    SweepCases draw = new SweepCases(index);
    if (index % EVERY == 0 && index / EVERY < CORE) {
      return draw.core((int) (index / EVERY));
    }
    return switch (draw.random.nextInt(10)) {
      case 0, 1, 2, 3 -> draw.aroundTheFault();
      case 4 -> draw.depthwise();
      case 5 -> draw.grouped();
      case 6, 7 -> draw.anyConv();
      case 8 -> draw.linear();
      default -> draw.pool();
    };
  }

  /// One s8 channel, a zero point, no padding.
  private SweepCase core(int index) {
    int m = index % OUTPUTS + 1;
    int kernel = CORE_KERNELS[index / OUTPUTS % CORE_KERNELS.length];
    int image = CORE_IMAGES[index / OUTPUTS / CORE_KERNELS.length];
    Window window = Window.of(kernel, kernel);
    return conv(1, image, image, m, 1, window, DataType.S8, 5, DataType.S32);
  }

  private SweepCase aroundTheFault() {
    int kernelH = random.nextInt(1, 8);
    int kernelW = random.nextInt(3) > 0 ? kernelH : random.nextInt(1, 8);
    Window window = Window.of(kernelH, kernelW);
    if (random.nextInt(4) == 0) {
      window = window.stride(random.nextInt(1, 4), random.nextInt(1, 4));
    }
    if (random.nextInt(6) == 0) {
      window = window.dilation(random.nextInt(1, 3), random.nextInt(1, 3));
    }
    int h = window.extentH() + random.nextInt(6);
    int w = window.extentW() + random.nextInt(6);
    window = padded(window);
    DataType x = one(INT8);
    DataType y = random.nextInt(3) > 0 ? DataType.S32 : one(INT8);
    return conv(any(INPUTS), h, w, any(BLOCKS), 1, window, x, zero(x), y);
  }

  private Window padded(Window window) {
    return switch (random.nextInt(4)) {
      case 0 -> {
        int top = window.extentH() / 2;
        int left = window.extentW() / 2;
        yield window.pads(top, left, top, left);
      }
      case 1 ->
          window.pads(
              random.nextInt(window.extentH() + 1),
              random.nextInt(window.extentW() + 1),
              random.nextInt(window.extentH() + 1),
              random.nextInt(window.extentW() + 1));
      default -> window;
    };
  }

  private SweepCase depthwise() {
    int channels = random.nextInt(2, 70);
    int kernel = random.nextInt(1, 6);
    int stride = random.nextInt(1, 3);
    Window window = padded(Window.of(kernel, kernel).stride(stride, stride));
    DataType x = one(INT8);
    int h = kernel + random.nextInt(9);
    int w = kernel + random.nextInt(9);
    int multiplier = random.nextInt(4) == 0 ? 2 : 1;
    return conv(channels, h, w, channels * multiplier, channels, window, x, zero(x), output(true));
  }

  private SweepCase grouped() {
    int groups = random.nextInt(2, 9);
    int kernel = random.nextInt(1, 4);
    Window window = padded(Window.of(kernel, kernel).stride(random.nextInt(1, 3), 1));
    DataType x = one(INT8);
    return conv(
        groups * any(1, 2, 3, 4, 8, 16, 33),
        kernel + random.nextInt(6),
        kernel + random.nextInt(6),
        groups * any(1, 2, 8, 15, 16, 17, 33),
        groups,
        window,
        x,
        zero(x),
        output(true));
  }

  /// Whatever, in float at times, dilation and strides beyond the image among them.
  private SweepCase anyConv() {
    int groups = random.nextInt(4) > 0 ? 1 : random.nextInt(2, 5);
    Window window =
        Window.of(random.nextInt(1, 6), random.nextInt(1, 6))
            .stride(random.nextInt(1, 5), random.nextInt(1, 5))
            .dilation(random.nextInt(1, 4), random.nextInt(1, 4));
    int h = random.nextInt(1, 12);
    int w = random.nextInt(1, 12);
    int top = random.nextInt(window.extentH());
    int left = random.nextInt(window.extentW());
    int bottom = Math.max(random.nextInt(window.extentH()), window.extentH() - h - top);
    int right = Math.max(random.nextInt(window.extentW()), window.extentW() - w - left);
    boolean real = random.nextInt(5) == 0;
    DataType x = real ? DataType.F32 : one(INT8);
    return conv(
        groups * random.nextInt(1, 34),
        h,
        w,
        groups * any(BLOCKS),
        groups,
        window.pads(top, left, bottom, right),
        x,
        real ? 0 : zero(x),
        output(!real));
  }

  private SweepCase linear() {
    DataType x = random.nextInt(6) == 0 ? DataType.F32 : one(INT8);
    DataType y = output(x != DataType.F32);
    int inner = any(1, 2, 3, 7, 16, 31, 64, 65, 200, 513, 1024, 1100);
    return new SweepCase(
        Kind.LINEAR,
        any(1, 1, 2, 3, 17),
        inner,
        1,
        1,
        any(BLOCKS),
        1,
        Window.of(1, 1),
        x,
        x == DataType.F32 ? 0 : zero(x),
        y,
        y.isInt8() ? zero(y) : 0,
        one(Post.values()),
        seed);
  }

  private SweepCase pool() {
    Kind[] kinds = {Kind.MAX, Kind.AVERAGE, Kind.AVERAGE_INCLUDE_PAD};
    DataType x = random.nextInt(5) == 0 ? DataType.F32 : one(INT8);
    int c = random.nextInt(1, 70);
    Window window =
        Window.of(random.nextInt(1, 6), random.nextInt(1, 6))
            .stride(random.nextInt(1, 4), random.nextInt(1, 4))
            .dilation(any(1, 1, 1, 2), any(1, 1, 1, 2));
    int h = window.extentH() + random.nextInt(8);
    int w = window.extentW() + random.nextInt(8);
    int zero = x == DataType.F32 ? 0 : zero(x);
    return new SweepCase(
        one(kinds),
        random.nextInt(1, 3),
        c,
        h,
        w,
        c,
        1,
        padded(window),
        x,
        zero,
        x,
        zero,
        Post.NONE,
        seed);
  }

  private SweepCase conv(
      int c, int h, int w, int m, int groups, Window window, DataType x, int zero, DataType y) {
    int n = seed % 7 == 0 ? 2 : 1;
    return new SweepCase(
        Kind.CONV,
        n,
        c,
        h,
        w,
        m,
        groups,
        window,
        x,
        zero,
        y,
        y.isInt8() ? zero(y) : 0,
        one(Post.values()),
        seed);
  }

  private DataType output(boolean sums) {
    DataType[] all = {DataType.U8, DataType.S8, DataType.F32, DataType.S32};
    return all[random.nextInt(sums ? 4 : 3)];
  }

  private int zero(DataType type) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> (int) (random.nextBoolean() ? type.min() : type.max());
      default -> random.nextInt((int) type.min(), (int) type.max() + 1);
    };
  }

  private int any(int... of) {
    return of[random.nextInt(of.length)];
  }

  private <T> T one(T[] of) {
    return of[random.nextInt(of.length)];
  }
}
