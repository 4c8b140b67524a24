package io.octet.internal.kernel;

import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath.Affine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// An int8 layer whose sums come from a backend and are rounded here, to the last operation as the
/// oracle does: `saturate(rint(clamp(float(acc) * (sx * sw) + bias + residual) / sy) + zp)`, in
/// float, in this order, nothing fused. So the bits are the same whoever sums, on every instruction
/// set. Costs a pass over the sums by the calling thread.
public final class LiteralRounding implements Kernel {
  private static final int TILE = 4096;
  private static final long ALIGNMENT = 64;

  private final Kernel sums;
  private final TensorDesc y;
  private final PostOps post;

  /// One for each element of a tile, which is some whole rows of channels.
  private final float[] scales;

  private final float[] biases;

  private LiteralRounding(Kernel sums, TensorDesc y, PostOps post, float[] scales, float[] biases) {
    this.sums = sums;
    this.y = y;
    this.post = post;
    this.scales = scales;
    this.biases = biases;
  }

  /// The sums of an int8 layer alone; null for any other spec, and where channels do not lie
  /// innermost.
  public static KernelSpec sums(KernelSpec spec) {
    if (spec.y().type() == DataType.S32) {
      return null;
    }
    return switch (spec) {
      case KernelSpec.Conv s when s.isInt8() && lies(s.y(), s.post(), Layout.CHANNELS_LAST) ->
          new KernelSpec.Conv(
              s.x(),
              raw(s.y()),
              bare(s.weights()),
              s.window(),
              s.groups(),
              s.transposed(),
              PostOps.NONE);
      case KernelSpec.Linear s when s.isInt8() && lies(s.y(), s.post(), Layout.ROW_MAJOR) ->
          new KernelSpec.Linear(s.x(), raw(s.y()), bare(s.weights()), PostOps.NONE);
      case KernelSpec.Conv _,
          KernelSpec.Linear _,
          KernelSpec.MatMul _,
          KernelSpec.Pool _,
          KernelSpec.Binary _,
          KernelSpec.Unary _,
          KernelSpec.Resample _,
          KernelSpec.Lookup _,
          KernelSpec.Softmax _,
          KernelSpec.Convert _,
          KernelSpec.RuntimeQuantize _,
          KernelSpec.QuantizeRows _,
          KernelSpec.ScaleSums _,
          KernelSpec.ChannelAffine _,
          KernelSpec.Concat _,
          KernelSpec.Transpose _,
          KernelSpec.Recurrence _,
          KernelSpec.Literal _ ->
          null;
    };
  }

  private static boolean lies(TensorDesc y, PostOps post, Layout layout) {
    boolean residual =
        !post.hasResidual()
            || post.residual().layout() == layout
                && (!post.residual().isInt8() || post.residual().quant().isPerTensor());
    return y.layout() == layout && residual && post.isResidualThenClamp(y);
  }

  private static TensorDesc raw(TensorDesc y) {
    return TensorDesc.accumulators(y.layout(), y.shape());
  }

  private static Weights bare(Weights w) {
    return new Weights(w.values(), w.scales(), new float[0]);
  }

  /// The layer `spec`.
  ///
  /// @param sums computes what {@link #sums} gave for it; becomes this kernel's
  public static Kernel of(KernelSpec spec, Kernel sums) {
    return switch (spec) {
      case KernelSpec.Conv s -> of(sums, s.x(), s.y(), s.weights(), s.post());
      case KernelSpec.Linear s -> of(sums, s.x(), s.y(), s.weights(), s.post());
      case KernelSpec.MatMul _,
          KernelSpec.Pool _,
          KernelSpec.Binary _,
          KernelSpec.Unary _,
          KernelSpec.Resample _,
          KernelSpec.Lookup _,
          KernelSpec.Softmax _,
          KernelSpec.Convert _,
          KernelSpec.RuntimeQuantize _,
          KernelSpec.QuantizeRows _,
          KernelSpec.ScaleSums _,
          KernelSpec.ChannelAffine _,
          KernelSpec.Concat _,
          KernelSpec.Transpose _,
          KernelSpec.Recurrence _,
          KernelSpec.Literal _ ->
          throw new IllegalArgumentException("no layer: " + spec.describe());
    };
  }

  /// The layer `spec`, once its sums are made.
  public static Offer of(KernelSpec spec, Offer sums) {
    return new Offer(
        named(sums.implementation()),
        sums.ordinal(),
        sums.packedBytes(),
        context -> of(spec, sums.make(context)));
  }

  private static String named(String sums) {
    return sums + " (rounded literally)";
  }

  private static Kernel of(Kernel sums, TensorDesc x, TensorDesc y, Weights w, PostOps post) {
    int channels = w.channels();
    int tile = Math.max(1, TILE / Math.max(1, channels)) * channels;
    float[] scales = new float[tile];
    float[] biases = new float[tile];
    for (int i = 0; i < tile; i++) {
      scales[i] = x.quant().scale() * w.scale(i % channels);
      biases[i] = w.bias(i % channels);
    }
    return new LiteralRounding(sums, y, post, scales, biases);
  }

  @Override
  public String backend() {
    return sums.backend();
  }

  @Override
  public String implementation() {
    return named(sums.implementation());
  }

  @Override
  public long scratchBytes() {
    return scratchpadAt() + sums.scratchBytes();
  }

  private long scratchpadAt() {
    return (raw(y).bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public Call bind(Buffers buffers) {
    MemorySegment acc = buffers.scratch().asSlice(0, raw(y).bytes());
    MemorySegment rest = buffers.scratch().asSlice(scratchpadAt(), sums.scratchBytes());
    List<MemorySegment> inputs = new ArrayList<>(buffers.inputs());
    MemorySegment residual = post.hasResidual() ? inputs.removeLast() : null;
    Call summing = sums.bind(new Buffers(inputs, acc, rest));
    return new Call.Java(new Bound(summing, acc, residual, buffers.output()), summing::close);
  }

  private final class Bound implements Runnable {
    private final Call summing;
    private final MemorySegment acc;
    private final MemorySegment residual;
    private final MemorySegment output;
    private final int[] ints = new int[scales.length];
    private final float[] reals = new float[scales.length];
    private final float[] added = new float[post.hasResidual() ? scales.length : 0];
    private final byte[] bytes = new byte[scales.length];
    private final Affine to = y.isInt8() ? Affine.of(y.quant(), 0) : null;
    private final Affine from =
        post.hasResidual() && post.residual().isInt8()
            ? Affine.of(post.residual().quant(), 0)
            : null;

    Bound(Call summing, MemorySegment acc, MemorySegment residual, MemorySegment output) {
      this.summing = summing;
      this.acc = acc;
      this.residual = residual;
      this.output = output;
    }

    @Override
    public void run() {
      summing.run();
      long count = y.shape().elements();
      for (long at = 0; at < count; at += scales.length) {
        int n = (int) Math.min(scales.length, count - at);
        MemorySegment.copy(acc, ValueLayout.JAVA_INT_UNALIGNED, at * Integer.BYTES, ints, 0, n);
        scale(ints, scales, reals, n);
        add(reals, biases, n);
        if (residual != null) {
          readResidual(at, n);
          add(reals, added, n);
        }
        if (post.clamps()) {
          clamp(reals, n, post.min(), post.max());
        }
        write(at, n);
      }
    }

    private void readResidual(long at, int n) {
      if (from == null) {
        MemorySegment.copy(
            residual, ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, added, 0, n);
      } else {
        MemorySegment.copy(residual, ValueLayout.JAVA_BYTE, at, bytes, 0, n);
        from.dequantize(bytes, added, 0, n);
      }
    }

    private void write(long at, int n) {
      if (to == null) {
        MemorySegment.copy(reals, 0, output, ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, n);
      } else {
        to.quantize(reals, bytes, 0, n);
        MemorySegment.copy(bytes, 0, output, ValueLayout.JAVA_BYTE, at, n);
      }
    }
  }

  private static void scale(int[] acc, float[] scales, float[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = (float) acc[i] * scales[i];
    }
  }

  private static void add(float[] y, float[] x, int count) {
    for (int i = 0; i < count; i++) {
      y[i] += x[i];
    }
  }

  private static void clamp(float[] y, int count, float min, float max) {
    for (int i = 0; i < count; i++) {
      y[i] = Math.max(min, Math.min(max, y[i]));
    }
  }

  @Override
  public void close() {
    sums.close();
  }
}
