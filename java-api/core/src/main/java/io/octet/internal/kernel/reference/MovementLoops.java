package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import java.util.ArrayList;
import java.util.List;

/// What moves values, or says the same value in another type.
final class MovementLoops {
  private MovementLoops() {}

  static Oracle convert(KernelSpec.Convert spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    if (spec.moves()) {
      return Oracle.Formula.picking(1, i -> y.copy(i, x, i));
    }
    return new Oracle.Formula(1, i -> y.putReal(i, x.real(i)), i -> Math.abs(x.real(i)));
  }

  static Oracle runtimeQuantize(KernelSpec.RuntimeQuantize spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().get(0));
    Elements scales = new Elements(spec.scale(), buffers.inputs().get(1));
    Elements zeroPoints =
        spec.zeroPoint() == null ? null : new Elements(spec.zeroPoint(), buffers.inputs().get(2));
    Elements y = new Elements(spec.y(), buffers.output());
    DataType to = spec.y().type();
    boolean scalar = scales.count() == 1;
    int axis = spec.x().shape().axis(spec.axis()).orElse(0);
    Oracle.Formula.Element element =
        i -> {
          long c = scalar ? 0 : x.coordinate(i, axis);
          float scale = (float) scales.raw(c);
          int zero = zeroPoints == null ? 0 : (int) zeroPoints.raw(c);
          y.putRaw(
              i,
              to == DataType.F32
                  ? QuantMath.dequantize((int) x.raw(i), scale, zero)
                  : QuantMath.quantize((float) x.raw(i), scale, zero, to));
        };
    return new Oracle.Formula(
        1,
        element,
        i ->
            Math.abs(x.raw(i))
                * (to == DataType.F32 ? scales.raw(scalar ? 0 : x.coordinate(i, axis)) : 1));
  }

  static Oracle concat(KernelSpec.Concat spec, Buffers buffers) {
    List<Elements> xs = new ArrayList<>();
    for (int i = 0; i < spec.xs().size(); i++) {
      xs.add(new Elements(spec.xs().get(i), buffers.inputs().get(i)));
    }
    Elements y = new Elements(spec.y(), buffers.output());
    int axis = spec.y().shape().axis(spec.axis()).orElseThrow();
    long behind = y.elementsBehind(axis);
    return Oracle.Formula.picking(
        1,
        i -> {
          long along = y.coordinate(i, axis);
          int part = 0;
          while (along >= xs.get(part).size(axis)) {
            along -= xs.get(part).size(axis);
            part++;
          }
          Elements x = xs.get(part);
          long outer = i / (behind * y.size(axis));
          y.copy(i, x, (outer * x.size(axis) + along) * behind + i % behind);
        });
  }

  static Oracle transpose(KernelSpec.Transpose spec, Buffers buffers) {
    TensorDesc to = spec.y();
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(to, buffers.output());
    return Oracle.Formula.picking(
        1,
        i -> {
          long source = 0;
          for (int axis = 0; axis < spec.perm().size(); axis++) {
            source += y.coordinate(i, axis) * x.elementsBehind(spec.perm().get(axis));
          }
          y.copy(i, x, source);
        });
  }
}
