package io.octet.internal.reference;

import io.octet.graph.op.Normalization.BatchNormalization;
import io.octet.graph.op.Normalization.GroupNormalization;
import io.octet.graph.op.Normalization.Hardmax;
import io.octet.graph.op.Normalization.InstanceNormalization;
import io.octet.graph.op.Normalization.LRN;
import io.octet.graph.op.Normalization.LayerNormalization;
import io.octet.graph.op.Normalization.LogSoftmax;
import io.octet.graph.op.Normalization.RMSNormalization;
import io.octet.graph.op.Normalization.Softmax;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/// Statistics that were learned, or are taken along an axis, or over neighbours in memory.
final class Normalization {
  private Normalization() {}

  /// @param out what somebody wants of Y and the statistics
  static void evaluate(io.octet.graph.op.Normalization op, List<Tensor> in, List<Tensor> out) {
    Tensor x = in.getFirst();
    Tensor y = out.getFirst();
    switch (op) {
      case BatchNormalization(float epsilon) -> batchNorm(in, epsilon, y);
      case Softmax(int axis) -> softmax(x, axis, false, y);
      case LogSoftmax(int axis) -> softmax(x, axis, true, y);
      case Hardmax(int axis) -> hardmax(x, axis, y);
      case LayerNormalization(int axis, float epsilon) ->
          new Lines(x, from(x, axis), epsilon, true).write(broadcast(in, 1), broadcast(in, 2), out);
      case RMSNormalization(int axis, float epsilon) ->
          new Lines(x, from(x, axis), epsilon, false).write(broadcast(in, 1), _ -> 0, out);
      case InstanceNormalization(float epsilon) ->
          new Lines(x, from(x, 2), epsilon, true).write(channels(in, 1), channels(in, 2), out);
      case GroupNormalization(int groups, float epsilon) ->
          new Lines(x, from(x, 1) / groups, epsilon, true)
              .write(channels(in, 1), channels(in, 2), out);
      case LRN o -> lrn(x, o, y);
    }
  }

  /// How many elements are read again for each.
  static double terms(io.octet.graph.op.Normalization op, Tensor x) {
    return switch (op) {
      case LRN o -> Math.min(o.size(), x.shape().size(1));
      case BatchNormalization _, Softmax _, LogSoftmax _, Hardmax _ -> 1;
      case LayerNormalization _, RMSNormalization _ -> 1;
      case InstanceNormalization _, GroupNormalization _ -> 1;
    };
  }

  /// How many elements have the same indices before axis `axis`.
  private static long from(Tensor x, int axis) {
    long length = 1;
    for (int i = x.shape().axis(axis).orElse(x.shape().rank()); i < x.shape().rank(); i++) {
      length *= x.shape().size(i);
    }
    return length;
  }

  /// What input `index` gives for each element of the first, to whose last axes it is broadcast.
  private static LongToDoubleFunction broadcast(List<Tensor> in, int index) {
    Tensor given = Reference.input(in, index);
    if (given == null) {
      return _ -> 0;
    }
    long[] places = new long[Math.toIntExact(in.getFirst().elements())];
    Walk walk = Walk.broadcast(given.shape(), in.getFirst().shape());
    for (int i = 0; i < places.length; i++) {
      places[i] = walk.next();
    }
    return i -> given.getReal(places[(int) i]);
  }

  /// The same of a vector over axis 1.
  private static LongToDoubleFunction channels(List<Tensor> in, int index) {
    Tensor given = in.get(index);
    long inner = from(in.getFirst(), 2);
    return i -> given.getReal(i / inner % given.elements());
  }

  /// Stretches of elements that are brought to a common scale, each for itself.
  ///
  /// @param centered whether the mean is subtracted
  private record Lines(Tensor in, long length, float epsilon, boolean centered) {
    void write(LongToDoubleFunction scale, LongToDoubleFunction bias, List<Tensor> out) {
      Cells x = new Cells(in);
      Cells y = new Cells(out.getFirst());
      for (long start = 0; start < x.count(); start += length) {
        double mean = 0;
        for (long i = start; centered && i < start + length; i++) {
          mean += x.real(i) / length;
        }
        double variance = 0;
        for (long i = start; i < start + length; i++) {
          variance += (x.real(i) - mean) * (x.real(i) - mean) / length;
        }
        double factor = 1 / Math.sqrt(variance + epsilon);
        for (long i = start; i < start + length; i++) {
          y.put(i, (x.real(i) - mean) * factor * scale.applyAsDouble(i) + bias.applyAsDouble(i));
        }
        if (out.size() > 1) {
          new Cells(out.get(1)).put(start / length, mean);
        }
        if (out.size() > 2) {
          new Cells(out.get(2)).put(start / length, factor);
        }
      }
    }
  }

  private static void batchNorm(List<Tensor> in, float epsilon, Tensor out) {
    Cells x = new Cells(in.getFirst());
    Cells scale = new Cells(in.get(1));
    Cells bias = new Cells(in.get(2));
    Cells mean = new Cells(in.get(3));
    Cells variance = new Cells(in.get(4));
    Cells y = new Cells(out);
    long inner = Walk.strides(out.shape())[1];
    for (long i = 0; i < y.count(); i++) {
      long c = i / inner % scale.count();
      double normal = (x.real(i) - mean.real(c)) / Math.sqrt(variance.real(c) + epsilon);
      y.put(i, normal * scale.real(c) + bias.real(c));
    }
  }

  /// Lines along one axis: where each starts, and how far its elements are apart.
  private record Axis(long length, long step) {
    static Axis of(Tensor x, int axis) {
      Shape shape = x.shape();
      int at = shape.axis(axis).orElseThrow();
      return new Axis(shape.size(at), Walk.strides(shape)[at]);
    }

    long start(long line) {
      return line / step * step * length + line % step;
    }
  }

  /// The largest is subtracted first, so that no exponential overflows.
  private static void softmax(Tensor in, int axis, boolean logarithm, Tensor out) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    Axis along = Axis.of(in, axis);
    for (long line = 0; line * along.length < y.count(); line++) {
      long start = along.start(line);
      long end = start + along.length * along.step;
      double max = Double.NEGATIVE_INFINITY;
      for (long i = start; i < end; i += along.step) {
        max = Math.max(max, x.real(i));
      }
      double sum = 0;
      for (long i = start; i < end; i += along.step) {
        sum += Math.exp(x.real(i) - max);
      }
      for (long i = start; i < end; i += along.step) {
        double over = x.real(i) - max;
        y.put(i, logarithm ? over - Math.log(sum) : Math.exp(over) / sum);
      }
    }
  }

  private static void hardmax(Tensor in, int axis, Tensor out) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    Axis along = Axis.of(in, axis);
    for (long line = 0; line * along.length < y.count(); line++) {
      long start = along.start(line);
      long largest = start;
      for (long k = 0; k < along.length; k++) {
        long i = start + k * along.step;
        largest = x.real(i) > x.real(largest) ? i : largest;
        y.put(i, 0.0);
      }
      y.put(largest, 1.0);
    }
  }

  private static void lrn(Tensor in, LRN op, Tensor out) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    long channels = in.shape().size(1);
    long step = from(in, 2);
    long before = (op.size() - 1) / 2;
    for (long i = 0; i < y.count(); i++) {
      long c = i / step % channels;
      long first = Math.max(0, c - before);
      long last = Math.min(channels - 1, c - before + op.size() - 1);
      double sum = 0;
      for (long k = first; k <= last; k++) {
        double near = x.real(i + (k - c) * step);
        sum += near * near;
      }
      double size = Math.pow(op.bias() + (double) op.alpha() / op.size() * sum, op.beta());
      y.put(i, x.real(i) / size);
    }
  }
}
