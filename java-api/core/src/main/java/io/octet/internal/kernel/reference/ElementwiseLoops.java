package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.reference.Binary;
import io.octet.internal.reference.Unary;
import io.octet.tensor.QuantMath;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// What treats each element, or the elements of each row of a softmax, by itself.
final class ElementwiseLoops {
  private ElementwiseLoops() {}

  static Oracle binary(KernelSpec.Binary spec, Buffers buffers) {
    Elements a = new Elements(spec.a(), buffers.inputs().get(0));
    Elements b = new Elements(spec.b(), buffers.inputs().get(1));
    Elements y = new Elements(spec.y(), buffers.output());
    PostOpLoops post = new PostOpLoops(spec.post(), spec.y(), buffers.inputs());
    DoubleBinaryOperator function = Binary.real(spec.function());
    return new Oracle.Formula(
        2,
        i -> {
          float p = a.real(Broadcast.index(a.sizes(), y.sizes(), i));
          float q = b.real(Broadcast.index(b.sizes(), y.sizes(), i));
          y.putReal(i, post.apply(0, (float) function.applyAsDouble(p, q), i));
        },
        i -> {
          double p = Math.abs(a.real(Broadcast.index(a.sizes(), y.sizes(), i)));
          double q = Math.abs(b.real(Broadcast.index(b.sizes(), y.sizes(), i)));
          return post.magnitude(Math.abs(function.applyAsDouble(p, q)), i);
        });
  }

  /// A function is approximated about as well near 0 as near 1.
  static Oracle unary(KernelSpec.Unary spec, Buffers buffers) {
    DoubleUnaryOperator function = Unary.real(spec.function());
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    return new Oracle.Formula(
        1,
        i -> y.putReal(i, (float) function.applyAsDouble(x.real(i))),
        i -> {
          double value = x.real(i);
          double result = function.applyAsDouble(value);
          return Math.max(1, Math.max(Math.abs(value), Math.abs(result)));
        });
  }

  static Oracle lookup(KernelSpec.Lookup spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    return Oracle.Formula.picking(
        1, i -> y.putRaw(i, QuantMath.widen(spec.table()[(int) x.raw(i) & 0xff], spec.y().type())));
  }

  static Oracle affine(KernelSpec.ChannelAffine spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    return new Oracle.Formula(
        2,
        i -> {
          int c = x.coordinate(i, 1);
          y.putReal(i, (float) (x.raw(i) * spec.scale()[c] + spec.shift()[c]));
        },
        i -> {
          int c = x.coordinate(i, 1);
          return Math.abs(x.raw(i) * spec.scale()[c]) + Math.abs(spec.shift()[c]);
        });
  }

  /// A quotient of approximated exponentials and their sum, each a few roundings from the truth.
  private static final double SOFTMAX_MAGNITUDE = 4;

  static Oracle softmax(KernelSpec.Softmax spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    int axis = spec.x().shape().axis(spec.axis()).orElseThrow();
    long step = x.elementsBehind(axis);
    long length = x.size(axis);
    return new Oracle.Formula(
        length,
        i -> {
          long start = i - x.coordinate(i, axis) * step;
          double max = Double.NEGATIVE_INFINITY;
          for (long k = 0; k < length; k++) {
            max = Math.max(max, x.raw(start + k * step));
          }
          double sum = 0;
          for (long k = 0; k < length; k++) {
            sum += Math.exp(x.raw(start + k * step) - max);
          }
          y.putRaw(i, Math.exp(x.raw(i) - max) / sum);
        },
        i -> SOFTMAX_MAGNITUDE);
  }
}
