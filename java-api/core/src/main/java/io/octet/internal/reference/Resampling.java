package io.octet.internal.reference;

import io.octet.graph.op.Resampling.Resize;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// What gives data another size, one axis after the other.
final class Resampling {
  private Resampling() {}

  static void evaluate(io.octet.graph.op.Resampling op, List<Tensor> in, Tensor y) {
    switch (op) {
      case Resize resize -> resize(resize, in, y);
    }
  }

  private static void resize(Resize op, List<Tensor> in, Tensor out) {
    Shape x = in.getFirst().shape();
    float[] scales = op.scales(x, out.shape(), Reference.input(in, 2), Reference.input(in, 3));
    float[] region = op.region(x.rank(), Reference.input(in, 1));
    List<ResampledAxis> axes = new ArrayList<>();
    for (int axis = 0; axis < x.rank(); axis++) {
      axes.add(
          ResampledAxis.of(
              op,
              Math.toIntExact(x.size(axis)),
              Math.toIntExact(out.shape().size(axis)),
              scales[axis],
              region[axis],
              region[x.rank() + axis]));
    }
    if (axes.stream().allMatch(axis -> axis.taps() == 1)) {
      pick(axes, op.extrapolation(), in.getFirst(), out);
    } else {
      interpolate(axes, op.extrapolation(), in.getFirst(), out);
    }
  }

  /// Each element is one of the input's, bit for bit, or the extrapolated value.
  private static void pick(List<ResampledAxis> axes, float extrapolation, Tensor x, Tensor out) {
    long[] strides = Walk.strides(x.shape());
    long[] behind = Walk.strides(out.shape());
    Cells y = new Cells(out);
    for (long at = 0; at < y.count(); at++) {
      long from = 0;
      boolean outside = false;
      for (int i = 0; i < strides.length; i++) {
        int place = (int) (at / behind[i] % axes.get(i).out());
        outside |= axes.get(i).isOutside(place);
        from += axes.get(i).pixel(place, 0) * strides[i];
      }
      if (outside) {
        y.put(at, (double) extrapolation);
      } else {
        Walk.copy(x, from, out.data(), at);
      }
    }
  }

  private static void interpolate(
      List<ResampledAxis> axes, float extrapolation, Tensor x, Tensor out) {
    Cells cells = new Cells(x);
    double[] values = new double[Math.toIntExact(cells.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = cells.real(i);
    }
    long[] sizes = x.shape().sizes();
    for (int axis : shrinkingFirst(axes)) {
      values = along(axes.get(axis), values, neighbours(sizes, axis), extrapolation);
      sizes[axis] = axes.get(axis).out();
    }
    Cells y = new Cells(out);
    for (int i = 0; i < values.length; i++) {
      y.put(i, values[i]);
    }
  }

  /// The axes in an order in which no step makes more than there is at the beginning or the end;
  /// those that grow alike from the last one on.
  private static List<Integer> shrinkingFirst(List<ResampledAxis> axes) {
    return IntStream.range(0, axes.size())
        .mapToObj(i -> axes.size() - 1 - i)
        .sorted(Comparator.comparingDouble(i -> (double) axes.get(i).out() / axes.get(i).in()))
        .toList();
  }

  private static int neighbours(long[] sizes, int axis) {
    long between = 1;
    for (int i = axis + 1; i < sizes.length; i++) {
      between *= sizes[i];
    }
    return Math.toIntExact(between);
  }

  /// @param inner elements between neighbours of the axis
  private static double[] along(ResampledAxis axis, double[] x, int inner, float extrapolation) {
    int outer = x.length / Math.max(1, axis.in() * inner);
    double[] y = new double[Math.multiplyExact(outer * axis.out(), inner)];
    for (int o = 0; o < outer; o++) {
      for (int p = 0; p < axis.out(); p++) {
        for (int i = 0; i < inner; i++) {
          double sum = axis.isOutside(p) ? extrapolation : 0;
          for (int k = 0; k < axis.taps() && !axis.isOutside(p); k++) {
            if (axis.weight(p, k) != 0) { // 0 times infinity is no number
              sum += axis.weight(p, k) * x[(o * axis.in() + axis.pixel(p, k)) * inner + i];
            }
          }
          y[(o * axis.out() + p) * inner + i] = sum;
        }
      }
    }
    return y;
  }
}
