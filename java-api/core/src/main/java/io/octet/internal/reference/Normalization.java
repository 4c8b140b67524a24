package io.octet.internal.reference;

import io.octet.graph.op.Normalization.BatchNormalization;
import io.octet.graph.op.Normalization.Softmax;
import io.octet.tensor.Tensor;
import java.util.List;

/// Statistics that were learned, or are taken along an axis.
final class Normalization {
  private Normalization() {}

  static void evaluate(io.octet.graph.op.Normalization op, List<Tensor> in, Tensor y) {
    switch (op) {
      case BatchNormalization(float epsilon) -> batchNorm(in, epsilon, y);
      case Softmax(int axis) -> softmax(in.getFirst(), axis, y);
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

  /// The largest is subtracted first, so that no exponential overflows.
  private static void softmax(Tensor in, int axis, Tensor out) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    int at = in.shape().axis(axis).orElseThrow();
    long length = in.shape().size(at);
    long step = Walk.strides(in.shape())[at];
    for (long line = 0; line * length < y.count(); line++) {
      long start = line / step * step * length + line % step;
      double max = Double.NEGATIVE_INFINITY;
      for (long k = 0; k < length; k++) {
        max = Math.max(max, x.real(start + k * step));
      }
      double sum = 0;
      for (long k = 0; k < length; k++) {
        sum += Math.exp(x.real(start + k * step) - max);
      }
      for (long k = 0; k < length; k++) {
        y.put(start + k * step, Math.exp(x.real(start + k * step) - max) / sum);
      }
    }
  }
}
