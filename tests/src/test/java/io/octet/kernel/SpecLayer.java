package io.octet.kernel;

import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantParams;
import io.octet.testkit.SpecRunner.Output;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A layer by itself that computes what a {@link KernelSpec} says, so that both can be compared. A
/// spec of raw sums becomes a float layer whose scales are 1.
record SpecLayer(AutoCloseable layer, TensorDesc x, TensorDesc y, boolean residual)
    implements AutoCloseable {
  /// Whether a layer by itself can say it: raw sums, or a ReLU or nothing and an int8 residual or
  /// none.
  static boolean covers(KernelSpec spec) {
    PostOps post = post(spec);
    boolean clamp = !post.clamps() || post.isRelu();
    return clamp && (!post.hasResidual() || post.residual().isInt8());
  }

  static SpecLayer of(KernelSpec spec, KernelOptions options) {
    TensorDesc x = spec.inputs().getFirst();
    TensorDesc y = spec.y();
    PostOps post = post(spec);
    AutoCloseable layer =
        switch (spec) {
          case KernelSpec.Conv s -> {
            QConv2d.Builder b = QConv2d.of(s.weights().values().tensor(), weights(s.weights(), y));
            b.stride(s.window().strideH(), s.window().strideW());
            b.dilation(s.window().dilationH(), s.window().dilationW());
            b.padding(
                s.window().padTop(),
                s.window().padLeft(),
                s.window().padBottom(),
                s.window().padRight());
            b.groups(s.groups());
            common(b, s.weights(), x, y, post).options(options);
            yield b.pack(size(x, 0), size(x, 2), size(x, 3));
          }
          case KernelSpec.Linear s -> {
            QLinear.Builder b = QLinear.of(s.weights().values().tensor(), weights(s.weights(), y));
            common(b, s.weights(), x, y, post).options(options);
            yield b.pack(size(x, 0));
          }
          default -> throw new IllegalArgumentException(spec.describe());
        };
    return new SpecLayer(layer, x, y, post.hasResidual());
  }

  private static <B extends LayerBuilder<B>> B common(
      B builder, Weights weights, TensorDesc x, TensorDesc y, PostOps post) {
    boolean raw = y.type() == DataType.S32;
    builder.input(raw ? QuantParams.perTensor(x.type(), 1, x.quant().zeroPoint()) : x.quant());
    if (weights.bias().length > 0) {
      builder.bias(weights.bias());
    }
    if (y.isInt8()) {
      builder.output(y.quant());
    } else {
      builder.floatOutput();
    }
    if (post.isRelu()) {
      builder.relu();
    }
    return post.hasResidual() ? builder.residual(post.residual().quant()) : builder;
  }

  private static QuantParams weights(Weights weights, TensorDesc y) {
    if (y.type() == DataType.S32) {
      return QuantParams.perTensor(DataType.S8, 1, 0);
    }
    float[] scales = weights.scales();
    return new QuantParams(
        DataType.S8,
        scales.length == 1 ? new Granularity.PerTensor() : new Granularity.PerChannel(0),
        scales,
        new int[scales.length]);
  }

  private static PostOps post(KernelSpec spec) {
    return switch (spec) {
      case KernelSpec.Conv s -> s.post();
      case KernelSpec.Linear s -> s.post();
      default -> throw new IllegalArgumentException(spec.describe());
    };
  }

  private static long size(TensorDesc a, int axis) {
    return a.shape().size(axis);
  }

  /// The answer for these inputs, in heap segments.
  Output run(Object[] inputs) {
    byte[] result = new byte[Math.toIntExact(y.bytes())];
    run(
        MemorySegment.ofArray((byte[]) inputs[0]),
        residual ? MemorySegment.ofArray((byte[]) inputs[1]) : null,
        MemorySegment.ofArray(result));
    return output(result);
  }

  /// The answer for these inputs, in native segments that no boundary aligns.
  Output runOffHeap(Object[] inputs) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = misaligned(arena, new byte[Math.toIntExact(y.bytes())]);
      run(
          misaligned(arena, (byte[]) inputs[0]),
          residual ? misaligned(arena, (byte[]) inputs[1]) : null,
          result);
      return output(result.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  private static MemorySegment misaligned(Arena arena, byte[] content) {
    MemorySegment data = arena.allocate(content.length + 1, 64).asSlice(1);
    return data.copyFrom(MemorySegment.ofArray(content));
  }

  private void run(MemorySegment in, MemorySegment added, MemorySegment out) {
    switch (layer) {
      case QConv2d c when residual -> c.run(in, size(x, 0), size(x, 2), size(x, 3), added, out);
      case QConv2d c -> c.run(in, size(x, 0), size(x, 2), size(x, 3), out);
      case QLinear l when residual -> l.run(in, size(x, 0), added, out);
      case QLinear l -> l.run(in, size(x, 0), out);
      default -> throw new IllegalStateException(layer.toString());
    }
  }

  /// Raw sums come as floats: they are exact there up to 2^24.
  private Output output(byte[] raw) {
    if (y.type() != DataType.S32) {
      return new Output(y, raw);
    }
    MemorySegment sums = MemorySegment.ofArray(raw);
    for (long i = 0; i < raw.length / Float.BYTES; i++) {
      float sum = sums.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
      sums.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, (int) sum);
    }
    return new Output(y, raw);
  }

  @Override
  public void close() {
    switch (layer) {
      case QConv2d c -> c.close();
      case QLinear l -> l.close();
      default -> throw new IllegalStateException(layer.toString());
    }
  }
}
