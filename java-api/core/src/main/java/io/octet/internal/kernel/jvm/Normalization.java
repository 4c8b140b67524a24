package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Normalization.BatchNormalization;
import io.octet.graph.op.Normalization.GroupNormalization;
import io.octet.graph.op.Normalization.Hardmax;
import io.octet.graph.op.Normalization.InstanceNormalization;
import io.octet.graph.op.Normalization.LRN;
import io.octet.graph.op.Normalization.LayerNormalization;
import io.octet.graph.op.Normalization.LogSoftmax;
import io.octet.graph.op.Normalization.RMSNormalization;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Layer, RMS, instance and group normalization: lines of neighbours in memory, each brought to a
/// common scale by its own statistics, which are summed in double. Element `i` is scaled by number
/// `i / run % count` of its scales.
final class Normalization implements Runnable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int PIECE = 2048;

  /// @param length elements of a line
  /// @param centered whether their mean is subtracted
  /// @param run neighbours of one scale
  /// @param count scales
  private record Form(long length, boolean centered, float epsilon, long run, long count) {
    static Form of(KernelSpec.Literal spec) {
      return spec.op() instanceof io.octet.graph.op.Normalization op ? of(op, spec) : null;
    }

    private static Form of(io.octet.graph.op.Normalization op, KernelSpec.Literal spec) {
      Shape x = spec.inputs().getFirst().shape();
      return switch (op) {
        case LayerNormalization(int axis, float epsilon) -> trailing(spec, axis, true, epsilon);
        case RMSNormalization(int axis, float epsilon) -> trailing(spec, axis, false, epsilon);
        case InstanceNormalization(float epsilon) ->
            new Form(from(x, 2), true, epsilon, from(x, 2), x.size(1));
        case GroupNormalization(int groups, float epsilon) ->
            new Form(from(x, 1) / groups, true, epsilon, from(x, 2), x.size(1));
        case BatchNormalization _, LogSoftmax _, Hardmax _, LRN _ -> null;
        case io.octet.graph.op.Normalization.Softmax _ -> null;
      };
    }

    /// Null where the scale is repeated in some other way than along its first or its last axes, or
    /// the bias in another.
    private static Form trailing(
        KernelSpec.Literal spec, int axis, boolean centered, float epsilon) {
      Shape x = spec.inputs().getFirst().shape();
      Shape scale = spec.inputs().get(1).shape();
      boolean alike = spec.inputs().size() < 3 || spec.inputs().get(2).shape().equals(scale);
      long run = 1;
      int end = scale.rank();
      int ahead = x.rank() - scale.rank();
      while (end > 0 && scale.size(end - 1) == 1) {
        end--;
        run *= x.size(ahead + end);
      }
      int start = 0;
      while (start < end && scale.size(start) == 1) {
        start++;
      }
      for (int i = start; i < end; i++) {
        alike &= scale.size(i) == x.size(ahead + i);
      }
      long length = from(x, x.axis(axis).orElseThrow());
      return alike ? new Form(length, centered, epsilon, run, scale.elements()) : null;
    }

    private static long from(Shape x, int axis) {
      long elements = 1;
      for (int i = axis; i < x.rank(); i++) {
        elements *= x.size(i);
      }
      return elements;
    }
  }

  private final Form form;
  private final long elements;
  private final MemorySegment x;
  private final MemorySegment scale;
  private final MemorySegment bias;
  private final MemorySegment y;
  private final float[] scales;
  private final float[] biases;
  private final float[] piece;

  private Normalization(KernelSpec.Literal spec, Buffers buffers) {
    form = Form.of(spec);
    elements = spec.y().shape().elements();
    x = buffers.inputs().getFirst();
    scale = buffers.inputs().get(1);
    bias = buffers.inputs().size() > 2 ? buffers.inputs().get(2) : null;
    y = buffers.output();
    scales = new float[Math.toIntExact(form.count())];
    biases = new float[scales.length];
    piece = new float[Math.toIntExact(Math.min(PIECE, form.length()))];
  }

  /// Whether it computes such a spec.
  static boolean serves(KernelSpec.Literal spec) {
    boolean floats =
        spec.outputs().size() == 1
            && spec.inputs().stream().map(TensorDesc::type).allMatch(DataType.F32::equals);
    return floats
        && spec.y().shape().elements() > 0
        && (spec.op() instanceof LogSoftmax || Form.of(spec) != null);
  }

  static Runnable bind(KernelSpec.Literal spec, Buffers buffers) {
    return spec.op() instanceof LogSoftmax(int axis)
        ? Softmax.logarithm(spec, axis, buffers)
        : new Normalization(spec, buffers);
  }

  @Override
  public void run() {
    MemorySegment.copy(scale, FLOAT, 0, scales, 0, scales.length);
    if (bias != null) {
      MemorySegment.copy(bias, FLOAT, 0, biases, 0, biases.length);
    }
    for (long start = 0; start < elements; start += form.length()) {
      line(start, start + form.length());
    }
  }

  private void line(long start, long end) {
    double mean = form.centered() ? sum(start, end) / form.length() : 0;
    double variance = squares(start, end, mean) / form.length();
    double factor = 1 / Math.sqrt(variance + form.epsilon());
    write(start, end, mean, (float) factor);
  }

  private int read(long from, long end) {
    int part = (int) Math.min(piece.length, end - from);
    MemorySegment.copy(x, FLOAT, from * Float.BYTES, piece, 0, part);
    return part;
  }

  private double sum(long start, long end) {
    double sum = 0;
    for (long at = start; at < end; at += piece.length) {
      sum += sum(piece, read(at, end));
    }
    return sum;
  }

  private double squares(long start, long end, double mean) {
    double sum = 0;
    for (long at = start; at < end; at += piece.length) {
      sum += squares(piece, read(at, end), mean);
    }
    return sum;
  }

  /// Four sums at a time, for none waits for the others.
  static double sum(float[] x, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i <= count - 4; i += 4) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
    }
    for (; i < count; i++) {
      a += x[i];
    }
    return a + b + (c + d);
  }

  static double squares(float[] x, int count, double mean) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i <= count - 4; i += 4) {
      double p = x[i] - mean;
      double q = x[i + 1] - mean;
      double r = x[i + 2] - mean;
      double s = x[i + 3] - mean;
      a += p * p;
      b += q * q;
      c += r * r;
      d += s * s;
    }
    for (; i < count; i++) {
      a += (x[i] - mean) * (x[i] - mean);
    }
    return a + b + (c + d);
  }

  /// In stretches of one scale, or along which the scales proceed.
  private void write(long start, long end, double mean, float factor) {
    float near = (float) mean;
    float rest = (float) (mean - near); // Where the mean is far from 0, its rounding would show.
    boolean proceeds = form.run() == 1;
    for (long at = start; at < end; ) {
      int first = (int) (at / form.run() % form.count());
      long stretch = proceeds ? form.count() - first : form.run() - at % form.run();
      int part = read(at, Math.min(end, at + stretch));
      if (proceeds) {
        each(first, part, near, rest, factor);
      } else {
        all(part, near, rest, factor * scales[first], biases[first]);
      }
      MemorySegment.copy(piece, 0, y, FLOAT, at * Float.BYTES, part);
      at += part;
    }
  }

  private void each(int first, int count, float near, float rest, float factor) {
    float[] values = piece;
    for (int i = 0; i < count; i++) {
      values[i] = (values[i] - near - rest) * factor * scales[first + i] + biases[first + i];
    }
  }

  private void all(int count, float near, float rest, float factor, float shift) {
    float[] values = piece;
    for (int i = 0; i < count; i++) {
      values[i] = (values[i] - near - rest) * factor + shift;
    }
  }
}
