package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import java.util.ArrayList;
import java.util.List;

/// What moves values, or says the same value in another type.
final class MovementLoops {
  private MovementLoops() {}

  static Invocation convert(KernelSpec.Convert spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    boolean plain = spec.x().type() == spec.y().type() && !spec.x().isInt8();
    return () -> {
      for (long i = 0; i < y.count(); i++) {
        if (plain) {
          y.copy(i, x, i);
        } else {
          y.putReal(i, x.real(i));
        }
      }
    };
  }

  static Invocation runtimeQuantize(KernelSpec.RuntimeQuantize spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().get(0));
    Elements scales = new Elements(spec.scale(), buffers.inputs().get(1));
    Elements zeroPoints =
        spec.zeroPoint() == null ? null : new Elements(spec.zeroPoint(), buffers.inputs().get(2));
    Elements y = new Elements(spec.y(), buffers.output());
    DataType to = spec.y().type();
    boolean scalar = scales.count() == 1;
    int axis = spec.axis() < 0 ? spec.axis() + x.sizes().length : spec.axis();
    return () -> {
      for (long i = 0; i < y.count(); i++) {
        long c = scalar ? 0 : i / x.elementsBehind(axis) % x.size(axis);
        float scale = (float) scales.raw(c);
        int zero = zeroPoints == null ? 0 : (int) zeroPoints.raw(c);
        y.putRaw(
            i,
            to == DataType.F32
                ? QuantMath.dequantize((int) x.raw(i), scale, zero)
                : QuantMath.quantize((float) x.raw(i), scale, zero, to));
      }
    };
  }

  static Invocation concat(KernelSpec.Concat spec, Buffers buffers) {
    List<Elements> xs = new ArrayList<>();
    for (int i = 0; i < spec.xs().size(); i++) {
      xs.add(new Elements(spec.xs().get(i), buffers.inputs().get(i)));
    }
    Elements y = new Elements(spec.y(), buffers.output());
    int axis = spec.axis() < 0 ? spec.axis() + y.sizes().length : spec.axis();
    long behind = y.elementsBehind(axis);
    return () -> {
      int before = 0;
      for (int p = 0; p < xs.size(); p++) {
        Elements x = xs.get(p);
        for (long i = 0; i < x.count(); i++) {
          long outer = i / (behind * x.size(axis));
          long along = i / behind % x.size(axis) + before;
          y.copy((outer * y.size(axis) + along) * behind + i % behind, x, i);
        }
        before += x.size(axis);
      }
    };
  }

  static Invocation transpose(KernelSpec.Transpose spec, Buffers buffers) {
    Activation to = spec.y();
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(to, buffers.output());
    return () -> {
      for (long i = 0; i < y.count(); i++) {
        long source = 0;
        for (int axis = 0; axis < spec.perm().size(); axis++) {
          long coordinate = i / y.elementsBehind(axis) % y.size(axis);
          source += coordinate * x.elementsBehind(spec.perm().get(axis));
        }
        y.copy(i, x, source);
      }
    };
  }
}
