package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;

/// Layers whose data are quantized when they arrive: each row by its own range, or all by one.
final class RowLoops {
  private RowLoops() {}

  /// Each output from the range of the values alone: none is read back.
  static Oracle quantize(KernelSpec.QuantizeRows spec, int output, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.outputs().get(output), buffers.outputs().get(output));
    long ranges = spec.scale().shape().elements();
    long each = spec.x().shape().elements() / ranges;
    QuantParams[] found = new QuantParams[Math.toIntExact(ranges)];
    return Oracle.Formula.picking(
        1,
        i -> {
          int range = Math.toIntExact(output == 0 ? i / each : i);
          if (found[range] == null) {
            found[range] = params(x, range * each, each);
          }
          QuantParams p = found[range];
          y.putRaw(
              i,
              switch (output) {
                case 0 ->
                    QuantMath.quantize((float) x.raw(i), p.scale(), p.zeroPoint(), DataType.U8);
                case 1 -> p.scale();
                default -> p.zeroPoint();
              });
        });
  }

  /// NaN is in no range.
  private static QuantParams params(Elements x, long from, long count) {
    float min = 0;
    float max = 0;
    for (long i = from; i < from + count; i++) {
      float value = (float) x.raw(i);
      min = value < min ? value : min;
      max = value > max ? value : max;
    }
    return QuantMath.dynamicParams(min, max);
  }

  static Oracle scale(KernelSpec.ScaleSums spec, Buffers buffers) {
    Elements acc = new Elements(spec.acc(), buffers.inputs().get(0));
    Elements scales = new Elements(spec.scale(), buffers.inputs().get(1));
    Elements zeros = new Elements(spec.zero(), buffers.inputs().get(2));
    Elements y = new Elements(spec.y(), buffers.output());
    PostOpLoops post = new PostOpLoops(spec.post(), spec.y(), buffers.inputs());
    Tensor weights = spec.weights().values().tensor();
    int channels = spec.weights().channels();
    Elements q = spec.q() == null ? null : new Elements(spec.q(), buffers.inputs().get(3));
    boolean one = scales.count() == 1;
    return new Oracle.Formula(
        2,
        i -> {
          int channel = (int) (i % channels);
          long row = one ? 0 : i / channels;
          int zero = (int) zeros.raw(row);
          int sum = (int) acc.raw(i) - zero * sum(weights, channel);
          if (q != null) {
            int inner = (int) weights.shape().size(1);
            int data = sum(q, i / channels * inner, inner) - inner * zero;
            sum -= data * spec.weightZeros()[channel];
          }
          float scale = (float) scales.raw(row) * spec.weights().scale(channel);
          float real = QuantMath.scaleAccumulator(sum, scale, spec.weights().bias(channel));
          y.putReal(i, post.apply(0, real, i));
        },
        i -> {
          int channel = (int) (i % channels);
          long row = one ? 0 : i / channels;
          double sum =
              Math.abs(acc.raw(i)) + zeros.raw(row) * Math.abs((double) sum(weights, channel));
          if (q != null) {
            sum += 255.0 * 255 * weights.shape().size(1);
          }
          double unit = Math.abs(scales.raw(row)) * spec.weights().scale(channel);
          return post.magnitude(sum * unit + Math.abs(spec.weights().bias(channel)), i);
        });
  }

  private static int sum(Elements q, long from, int count) {
    int sum = 0;
    for (int k = 0; k < count; k++) {
      sum += (int) q.raw(from + k);
    }
    return sum;
  }

  private static int sum(Tensor weights, int channel) {
    long inner = weights.shape().size(1);
    int sum = 0;
    for (long k = 0; k < inner; k++) {
      sum += (int) weights.getInteger(channel * inner + k);
    }
    return sum;
  }
}
