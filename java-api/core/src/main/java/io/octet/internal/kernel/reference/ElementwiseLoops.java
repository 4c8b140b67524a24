package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Functions;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.BinaryFunction;
import java.util.function.DoubleUnaryOperator;

/// What treats each element, or each row of a softmax, by itself.
final class ElementwiseLoops {
  private ElementwiseLoops() {}

  static Invocation binary(KernelSpec.Binary spec, Buffers buffers) {
    Elements a = new Elements(spec.a(), buffers.inputs().get(0));
    Elements b = new Elements(spec.b(), buffers.inputs().get(1));
    Elements y = new Elements(spec.y(), buffers.output());
    return () -> {
      for (long i = 0; i < y.count(); i++) {
        float p = a.real(Broadcast.index(a.sizes(), y.sizes(), i));
        float q = b.real(Broadcast.index(b.sizes(), y.sizes(), i));
        y.putReal(i, spec.post().clamp(spec.function() == BinaryFunction.ADD ? p + q : p * q));
      }
    };
  }

  static Invocation unary(KernelSpec.Unary spec, Buffers buffers) {
    DoubleUnaryOperator function = Functions.of(spec.function());
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    return () -> {
      for (long i = 0; i < y.count(); i++) {
        y.putReal(i, (float) function.applyAsDouble(x.real(i)));
      }
    };
  }

  static Invocation affine(KernelSpec.ChannelAffine spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    return () -> {
      for (long i = 0; i < y.count(); i++) {
        int c = (int) (i / x.elementsBehind(1) % x.size(1));
        y.putReal(i, (float) (x.raw(i) * spec.scale()[c] + spec.shift()[c]));
      }
    };
  }

  static Invocation softmax(KernelSpec.Softmax spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    int axis = spec.axis() < 0 ? spec.axis() + x.sizes().length : spec.axis();
    return () -> {
      long step = x.elementsBehind(axis);
      long length = x.size(axis);
      for (long start = 0; start < x.count(); start++) {
        if (start / step % length != 0) {
          continue; // not the first of its row
        }
        double max = Double.NEGATIVE_INFINITY;
        for (long k = 0; k < length; k++) {
          max = Math.max(max, x.raw(start + k * step));
        }
        double sum = 0;
        for (long k = 0; k < length; k++) {
          sum += Math.exp(x.raw(start + k * step) - max);
        }
        for (long k = 0; k < length; k++) {
          y.putRaw(start + k * step, Math.exp(x.raw(start + k * step) - max) / sum);
        }
      }
    };
  }
}
