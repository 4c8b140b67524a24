package io.octet.internal.kernel.reference;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.QuantMath;

/// Convolution and linear layer. One sum serves int8 and float: products of 8-bit integers and
/// their sums are exact in double.
final class WeightedLoops {
  private WeightedLoops() {}

  static Oracle conv(KernelSpec.Conv spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements w = weights(spec.weights());
    Epilogue epilogue = new Epilogue(spec.x(), spec.weights(), spec.y(), spec.post(), buffers);
    Elements y = epilogue.y();
    return new Oracle.Formula(
        terms(spec.weights()),
        i -> epilogue.finish(i, y.coordinate(i, 1), sum(spec, x, w, y, i, PRODUCT)),
        i -> epilogue.magnitude(i, y.coordinate(i, 1), sum(spec, x, w, y, i, MAGNITUDE)));
  }

  private static double sum(
      KernelSpec.Conv spec, Elements x, Elements w, Elements y, long index, Term term) {
    int n = y.coordinate(index, 0);
    int m = y.coordinate(index, 1);
    int channels = w.size(1);
    int taps = Math.toIntExact(spec.window().taps());
    int first = m / (w.size(0) / spec.groups()) * channels;
    double[] weights = w.run((long) m * channels * taps, channels * taps);
    double sum = 0;
    for (int tap = 0; tap < taps; tap++) {
      long pixel = pixel(spec, tap, x, y, index);
      if (pixel >= 0) {
        double[] values = x.channels(n, first, channels, pixel);
        sum += sum(values, x.zero(), weights, tap, taps, term);
      }
    }
    return sum;
  }

  /// The pixel of the input that meets a tap of the window for the output's element `index`; below
  /// 0 where there is none.
  private static long pixel(KernelSpec.Conv spec, int tap, Elements x, Elements y, long index) {
    Window k = spec.window();
    long pixel = 0;
    long step = 1;
    for (int axis = k.axes() - 1; axis >= 0; axis--) {
      int size = x.size(2 + axis);
      long reach = (long) tap % k.kernel().get(axis) * k.dilations().get(axis);
      long at = y.coordinate(index, 2 + axis);
      int stride = k.strides().get(axis);
      int before = k.padsBefore().get(axis);
      long place = spec.transposed() ? at + before - reach : at * stride - before + reach;
      if (spec.transposed()) {
        place = place % stride == 0 ? place / stride : -1;
      }
      if (place < 0 || place >= size) {
        return -1;
      }
      pixel += place * step;
      step *= size;
      tap /= k.kernel().get(axis);
    }
    return pixel;
  }

  private static double sum(
      double[] values, int zero, double[] weights, int start, int step, Term term) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += term.of(values[i], zero, weights[start + i * step]);
    }
    return sum;
  }

  static Oracle linear(KernelSpec.Linear spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements w = weights(spec.weights());
    Epilogue epilogue = new Epilogue(spec.x(), spec.weights(), spec.y(), spec.post(), buffers);
    int outputs = w.size(0);
    return new Oracle.Formula(
        terms(spec.weights()),
        i -> epilogue.finish(i, (int) (i % outputs), sum(x, w, i, PRODUCT)),
        i -> epilogue.magnitude(i, (int) (i % outputs), sum(x, w, i, MAGNITUDE)));
  }

  private static double sum(Elements x, Elements w, long index, Term term) {
    int depth = w.size(1);
    double[] row = x.run(index / w.size(0) * depth, depth);
    double[] weights = w.run(index % w.size(0) * depth, depth);
    return sum(row, x.zero(), weights, 0, 1, term);
  }

  /// What is added up.
  private interface Term {
    double of(double value, int zero, double weight);
  }

  private static final Term PRODUCT = (value, zero, weight) -> (value - zero) * weight;

  /// An engine may multiply the integers as they lie and correct for the zero point afterwards.
  private static final Term MAGNITUDE =
      (value, zero, weight) -> (Math.abs(value - zero) + Math.abs(value)) * Math.abs(weight);

  private static long terms(Weights weights) {
    return Math.max(1, weights.values().elements() / Math.max(1, weights.channels()));
  }

  /// The weights as integers or floats; their scales are the epilogue's.
  private static Elements weights(Weights weights) {
    return new Elements(
        TensorDesc.plain(weights.values().type(), weights.values().shape()),
        weights.values().tensor().data());
  }

  /// From a sum of products to an element of the output.
  private record Epilogue(TensorDesc x, Weights weights, PostOpLoops post, Elements y) {
    Epilogue(TensorDesc x, Weights weights, TensorDesc y, PostOps post, Buffers buffers) {
      this(
          x,
          weights,
          new PostOpLoops(post, y, buffers.inputs()),
          new Elements(y, buffers.output()));
    }

    void finish(long index, int channel, double sum) {
      if (!x.isInt8()) {
        // What is added first belongs to the sum, which is rounded once.
        int first = post.addsFirst() ? 1 : 0;
        double added = first == 1 ? post.operand(0, index) : 0;
        y.putReal(index, post.apply(first, (float) (sum + weights.bias(channel) + added), index));
        return;
      }
      // A sum beyond int32 has no meaning: better an error than an oracle that wraps.
      int acc = Math.toIntExact((long) sum);
      if (y.isAccumulator()) {
        y.putRaw(index, acc);
        return;
      }
      // In float from here on, one operation after the other: the numerical contract's literal
      // form.
      float scale = x.quant().scale() * weights.scale(channel);
      float real = QuantMath.scaleAccumulator(acc, scale, weights.bias(channel));
      y.putReal(index, post.apply(0, real, index));
    }

    double magnitude(long index, int channel, double sum) {
      double unit = x.isInt8() ? (double) x.quant().scale() * weights.scale(channel) : 1;
      return post.magnitude(sum * unit + Math.abs(weights.bias(channel)), index);
    }
  }
}
