package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Int32 sums of rows that have scales and zero points of their own, as reals: a row goes through
/// all that follows while it is in the cache.
final class RowScaling implements Runnable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final MemorySegment acc;
  private final MemorySegment scales;
  private final MemorySegment zeros;
  private final MemorySegment y;
  private final RealInput residual;
  private final PostOps post;
  private final long rows;
  private final boolean perRow;
  private final int[] weightSums;
  private final float[] weightScales;
  private final float[] bias;
  private final MemorySegment q;
  private final int[] weightZeros;
  private final byte[] data;
  private final int[] sums;
  private final float[] reals;
  private final float[] added;
  private final Unary.Run function;
  private final float[] piece;

  /// The sum of the weights of each channel, found once for a session.
  private record Sums(int[] values) implements AutoCloseable {
    static Sums of(Tensor weights) {
      int channels = Math.toIntExact(weights.shape().size(0));
      long inner = weights.shape().size(1);
      int[] values = new int[channels];
      for (int channel = 0; channel < channels; channel++) {
        for (long k = 0; k < inner; k++) {
          values[channel] += weights.data().get(ValueLayout.JAVA_BYTE, channel * inner + k);
        }
      }
      return new Sums(values);
    }

    /// Nothing: the array is the garbage collector's.
    @Override
    public void close() {}
  }

  private RowScaling(KernelSpec.ScaleSums spec, int[] weightSums, Buffers buffers) {
    this.acc = buffers.inputs().get(0);
    this.scales = buffers.inputs().get(1);
    this.zeros = buffers.inputs().get(2);
    this.y = buffers.output();
    this.post = spec.post();
    this.residual =
        post.hasResidual() ? RealInput.of(post.residual(), buffers.inputs().getLast()) : null;
    this.rows = spec.acc().shape().size(0);
    this.perRow = spec.scale().shape().elements() > 1;
    this.weightSums = weightSums;
    Weights weights = spec.weights();
    int channels = weights.channels();
    this.weightScales = new float[channels];
    this.bias = new float[channels];
    for (int n = 0; n < channels; n++) {
      weightScales[n] = weights.scale(n);
      bias[n] = weights.bias(n);
    }
    this.q = spec.q() == null ? null : buffers.inputs().get(3);
    this.weightZeros = spec.weightZeros();
    this.data = new byte[q == null ? 0 : (int) spec.q().shape().size(1)];
    this.sums = new int[channels];
    this.reals = new float[channels];
    this.added = new float[post.hasResidual() ? channels : 0];
    this.function = function(post);
    this.piece = new float[function == null ? 0 : Math.min(channels, Unary.PIECE)];
  }

  /// The loop of a function that is all that happens; null where there is none.
  private static Unary.Run function(PostOps post) {
    boolean applies = post.isFunction() && post.ops().getFirst() instanceof PostOps.Apply;
    return applies ? Unary.loop(((PostOps.Apply) post.ops().getFirst()).function()) : null;
  }

  /// Whether it does what follows the sums.
  static boolean serves(KernelSpec.ScaleSums spec) {
    return spec.post().isResidualThenClamp(spec.y()) || function(spec.post()) != null;
  }

  static Offer offer(KernelSpec.ScaleSums spec) {
    String implementation = "scale-rows";
    long bytes = (long) spec.weights().channels() * Integer.BYTES;
    return new Offer(
        implementation,
        0,
        bytes,
        context -> {
          int[] sums =
              context
                  .packed()
                  .get(Sums.class, spec.weights().values(), Sums.class, bytes, Sums::of)
                  .values();
          return new JvmKernel(implementation, b -> new RowScaling(spec, sums, b));
        });
  }

  @Override
  public void run() {
    int channels = sums.length;
    for (long row = 0; row < rows; row++) {
      long range = perRow ? row : 0;
      MemorySegment.copy(acc, INT, row * channels * Integer.BYTES, sums, 0, channels);
      int zero = zeros.get(ValueLayout.JAVA_BYTE, range) & 0xff;
      if (q != null) {
        takeOffZeros(row, zero);
      }
      scale(scales.getAtIndex(FLOAT, range), zero);
      if (residual != null) {
        residual.read(row * channels, added, channels);
        Epilogue.add(reals, added);
      }
      if (post.clamps()) {
        Epilogue.clamp(reals, channels, post);
      }
      if (function != null) {
        applyFunction(row);
      } else {
        MemorySegment.copy(reals, 0, y, FLOAT, row * channels * Float.BYTES, channels);
      }
    }
  }

  private void applyFunction(long row) {
    for (int at = 0; at < reals.length; at += piece.length) {
      int part = Math.min(piece.length, reals.length - at);
      System.arraycopy(reals, at, piece, 0, part);
      function.apply(piece, part);
      MemorySegment.copy(piece, 0, y, FLOAT, (row * reals.length + at) * Float.BYTES, part);
    }
  }

  /// What the zero points of the weights added.
  private void takeOffZeros(long row, int zero) {
    MemorySegment.copy(q, ValueLayout.JAVA_BYTE, row * data.length, data, 0, data.length);
    int sum = 0;
    for (byte element : data) {
      sum += element & 0xff;
    }
    sum -= data.length * zero;
    for (int n = 0; n < sums.length; n++) {
      sums[n] -= sum * weightZeros[n];
    }
  }

  private void scale(float scale, int zero) {
    for (int n = 0; n < sums.length; n++) {
      reals[n] = (float) (sums[n] - zero * weightSums[n]) * (scale * weightScales[n]) + bias[n];
    }
  }
}
