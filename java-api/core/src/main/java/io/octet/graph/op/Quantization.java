package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;
import static io.octet.tensor.DataType.S32;
import static io.octet.tensor.DataType.S8;
import static io.octet.tensor.DataType.U8;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import java.util.List;

/// Where reals become integers and integers reals: `real = scale * (q - zeroPoint)`.
public sealed interface Quantization extends Op {
  /// saturate(round(x / scale) + zeroPoint). Inputs: x, scale, optional zero point of the output's
  /// type.
  ///
  /// @param axis the channel axis where the scale is a vector
  /// @param type the output's type: u8 or s8
  record QuantizeLinear(int axis, DataType type) implements Quantization {}

  /// (q - zeroPoint) * scale. Inputs: q, scale, optional zero point.
  ///
  /// @param axis the channel axis where the scale is a vector
  record DequantizeLinear(int axis) implements Quantization {}

  /// Quantizes to u8 by the range of the values themselves, 0 included. Input: x. Outputs: y, scale
  /// and zero point, both scalars; a range of nothing but 0 has scale 1.
  ///
  /// @param rows whether whoever computes the products of these integers may take the range of each
  ///   row (what the last axis holds) in the place of that of all values, which keeps more; what
  ///   anybody else sees is the range of all
  record DynamicQuantizeLinear(boolean rows) implements Quantization {
    /// As ONNX defines it.
    public DynamicQuantizeLinear() {
      this(false);
    }
  }

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("QuantizeLinear")
            .since(10)
            .in("T1", "x")
            .in("T1", "scale")
            .optional("T2", "zero point")
            .out("T2", "y")
            .where("T1", F32)
            .where("T2", U8, S8),
        Signature.of("DequantizeLinear")
            .since(10)
            .in("T1", "x")
            .in("T2", "scale")
            .optional("T1", "zero point")
            .out("T2", "y")
            .where("T1", U8, S8, S32)
            .where("T2", F32),
        Signature.of("DynamicQuantizeLinear")
            .since(11)
            .in("T1", "x")
            .out("T2", "y")
            .out("T1", "scale")
            .out("T2", "zero point")
            .where("T1", F32)
            .where("T2", U8));
  }

  @Override
  default Traits traits() {
    Axes axes =
        switch (this) {
          case QuantizeLinear _, DequantizeLinear _ -> Axes.CHANNELS;
          case DynamicQuantizeLinear _ -> Axes.ELEMENTWISE;
        };
    return Traits.of(Values.NEW, axes, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case QuantizeLinear(int axis, DataType type) -> {
        if (!type.isInt8()) {
          throw in.invalid("quantizes to u8 or s8, not to " + type);
        }
        if (in.has(2) && in.type(2) != type) {
          throw in.mistyped(2, "takes its zero point as " + type);
        }
        yield in.result(type, scaled(in, axis));
      }
      case DequantizeLinear(int axis) -> in.result(F32, scaled(in, axis));
      case DynamicQuantizeLinear _ ->
          List.of(
              new ValueInfo("", U8, in.shape(0)),
              new ValueInfo("", F32, Shape.of()),
              new ValueInfo("", U8, Shape.of()));
    };
  }

  private static Shape scaled(Operands in, int axis) {
    Shape x = in.shape(0);
    Shape scale = in.shape(1);
    boolean single = scale.isConcrete() && scale.elements() == 1 && scale.rank() < 2;
    if (scale.rank() > 1) {
      throw in.unsupported("blocked quantization (scale " + scale + ")");
    }
    if (!single && !scale.dim(0).mayEqual(x.dim(in.axis(0, axis)))) {
      throw in.invalid(scale.dim(0) + " scales for axis " + axis + " of input " + x);
    }
    if (in.has(2)) {
      Shape zero = in.shape(2);
      boolean alike = zero.isConcrete() && scale.isConcrete();
      if (alike && (zero.rank() > 1 || zero.elements() != scale.elements())) {
        throw in.invalid("scale is " + scale + ", zero point is " + zero);
      }
    }
    return x;
  }
}
