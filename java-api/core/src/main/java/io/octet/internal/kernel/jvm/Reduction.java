package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Reduction.ReduceL1;
import io.octet.graph.op.Reduction.ReduceL2;
import io.octet.graph.op.Reduction.ReduceLogSum;
import io.octet.graph.op.Reduction.ReduceLogSumExp;
import io.octet.graph.op.Reduction.ReduceMax;
import io.octet.graph.op.Reduction.ReduceMean;
import io.octet.graph.op.Reduction.ReduceMin;
import io.octet.graph.op.Reduction.ReduceProd;
import io.octet.graph.op.Reduction.ReduceSum;
import io.octet.graph.op.Reduction.ReduceSumSquare;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Sums, means and extremes of floats over axes that are neighbours, but for axes of one element:
/// `[outer, reduced, inner]`. Which axes is read when it runs, for they are an input; others are
/// left to the definition. Sums are in double.
final class Reduction implements Runnable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final int PIECE = 2048;

  private final io.octet.graph.op.Reduction op;
  private final long[] sizes;
  private final boolean[] reduced;
  private final int given;
  private final MemorySegment x;
  private final MemorySegment axes;
  private final MemorySegment y;
  private final float[] piece = new float[PIECE];
  private final double[] sums = new double[PIECE];
  private final LiteralEvaluation definition;

  Reduction(KernelSpec.Literal spec, Buffers buffers) {
    op = (io.octet.graph.op.Reduction) spec.op();
    sizes = spec.inputs().getFirst().shape().sizes();
    reduced = new boolean[sizes.length];
    x = buffers.inputs().getFirst();
    axes = buffers.inputs().size() > 1 ? buffers.inputs().get(1) : null;
    given = axes == null ? 0 : Math.toIntExact(spec.inputs().get(1).shape().elements());
    y = buffers.output();
    definition = new LiteralEvaluation(spec, buffers);
  }

  /// Whether it computes such a spec.
  static boolean serves(KernelSpec.Literal spec) {
    return spec.op() instanceof io.octet.graph.op.Reduction op
        && !(op instanceof ReduceLogSumExp)
        && spec.inputs().getFirst().type() == DataType.F32
        && spec.inputs().getFirst().shape().elements() > 0;
  }

  @Override
  public void run() {
    Arrays.fill(reduced, given == 0 && !op.noop());
    for (int i = 0; i < given; i++) {
      long axis = axes.getAtIndex(LONG, i);
      reduced[(int) (axis < 0 ? axis + sizes.length : axis)] = true;
    }
    long outer = 1;
    long length = 1;
    long inner = 1;
    boolean begun = false;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == 1) {
        continue;
      }
      if (reduced[i] && inner > 1) {
        definition.run();
        return;
      }
      if (reduced[i]) {
        begun = true;
        length *= sizes[i];
      } else if (begun) {
        inner *= sizes[i];
      } else {
        outer *= sizes[i];
      }
    }
    reduce(outer, length, inner);
  }

  private void reduce(long outer, long length, long inner) {
    for (long i = 0; i < outer; i++) {
      if (inner == 1) {
        y.setAtIndex(FLOAT, i, (float) finished(line(i * length, length), length));
      } else {
        for (long j = 0; j < inner; j += PIECE) {
          columns(i * length * inner + j, length, inner, (int) Math.min(PIECE, inner - j));
          MemorySegment.copy(
              piece, 0, y, FLOAT, (i * inner + j) * 4, (int) Math.min(PIECE, inner - j));
        }
      }
    }
  }

  /// What neighbours give.
  private double line(long start, long length) {
    double result = none();
    for (long at = 0; at < length; at += PIECE) {
      int part = (int) Math.min(PIECE, length - at);
      MemorySegment.copy(x, FLOAT, (start + at) * Float.BYTES, piece, 0, part);
      result = joined(result, part);
    }
    return result;
  }

  /// `sums` is what each of `count` columns of a matrix gives, and `piece` what follows of that.
  private void columns(long start, long rows, long step, int count) {
    Arrays.fill(sums, 0, count, none());
    for (long row = 0; row < rows; row++) {
      MemorySegment.copy(x, FLOAT, (start + row * step) * Float.BYTES, piece, 0, count);
      join(count);
    }
    for (int i = 0; i < count; i++) {
      piece[i] = (float) finished(sums[i], rows);
    }
  }

  private double none() {
    return switch (op) {
      case ReduceMean _, ReduceSum _, ReduceL1 _, ReduceL2 _, ReduceSumSquare _ -> 0;
      case ReduceLogSum _, ReduceLogSumExp _ -> 0;
      case ReduceProd _ -> 1;
      case ReduceMax _ -> Double.NEGATIVE_INFINITY;
      case ReduceMin _ -> Double.POSITIVE_INFINITY;
    };
  }

  private double finished(double result, long length) {
    return switch (op) {
      case ReduceMean _ -> result / length;
      case ReduceL2 _ -> Math.sqrt(result);
      case ReduceLogSum _, ReduceLogSumExp _ -> Math.log(result);
      case ReduceSum _, ReduceL1 _, ReduceSumSquare _, ReduceProd _ -> result;
      case ReduceMax _, ReduceMin _ -> result;
    };
  }

  /// The result so far and the first `count` of `piece`.
  private double joined(double result, int count) {
    float[] x = piece;
    double y = result;
    switch (op) {
      case ReduceMean _, ReduceSum _, ReduceLogSum _, ReduceLogSumExp _ ->
          y += Normalization.sum(x, count);
      case ReduceL2 _, ReduceSumSquare _ -> y += Normalization.squares(x, count, 0);
      case ReduceL1 _ -> {
        for (int i = 0; i < count; i++) {
          y += Math.abs(x[i]);
        }
      }
      case ReduceProd _ -> {
        for (int i = 0; i < count; i++) {
          y *= x[i];
        }
      }
      case ReduceMax _ -> y = Math.max(y, largest(x, count));
      case ReduceMin _ -> {
        float least = Float.POSITIVE_INFINITY;
        for (int i = 0; i < count; i++) {
          least = Math.min(least, x[i]);
        }
        y = Math.min(y, least);
      }
    }
    return y;
  }

  private static float largest(float[] x, int count) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, x[i]);
    }
    return largest;
  }

  /// Each of `sums` so far and the row in `piece`.
  private void join(int count) {
    float[] x = piece;
    double[] y = sums;
    switch (op) {
      case ReduceMean _, ReduceSum _, ReduceLogSum _, ReduceLogSumExp _ -> {
        for (int i = 0; i < count; i++) {
          y[i] += x[i];
        }
      }
      case ReduceL2 _, ReduceSumSquare _ -> {
        for (int i = 0; i < count; i++) {
          y[i] += (double) x[i] * x[i];
        }
      }
      case ReduceL1 _ -> {
        for (int i = 0; i < count; i++) {
          y[i] += Math.abs(x[i]);
        }
      }
      case ReduceProd _ -> {
        for (int i = 0; i < count; i++) {
          y[i] *= x[i];
        }
      }
      case ReduceMax _ -> {
        for (int i = 0; i < count; i++) {
          y[i] = Math.max(y[i], x[i]);
        }
      }
      case ReduceMin _ -> {
        for (int i = 0; i < count; i++) {
          y[i] = Math.min(y[i], x[i]);
        }
      }
    }
  }
}
