package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Quantization.DynamicQuantizeLinear;
import io.octet.graph.op.Quantization.QuantizeLinear;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where reals become integers and integers reals.
final class Quantization {
  static final Map<String, Reader> READERS =
      Map.of(
          "QuantizeLinear", Quantization::quantize,
          "DequantizeLinear", Quantization::dequantize,
          "DynamicQuantizeLinear", node -> node.with(dynamic(node), node.inputs(), 3));

  /// What a DynamicQuantizeLinear says of itself where rows are welcome. Other programs pass it
  /// over, and take the range of all values, as ONNX defines it.
  private static final String RANGE = "octet.range";

  private static final String ROWS = "rows";

  private Quantization() {}

  private static DynamicQuantizeLinear dynamic(NodeView node) {
    return new DynamicQuantizeLinear(node.property(RANGE).equals(ROWS));
  }

  private static List<Node> quantize(NodeView node) {
    node.ignore("saturate"); // It concerns float8 alone.
    node.ignore("precision"); // Of the quotient, which is f32 here.
    int block = block(node);
    DataType type = null;
    int code = node.int32("output_dtype", 0);
    Optional<SixteenBits> sixteen =
        SixteenBits.of(code).or(() -> node.around().sixteenBits(node.input(2)));
    if (sixteen.isPresent()) {
      return new SpelledQuantization(node, axis(node), block)
          .quantize(sixteen.get().min(), sixteen.get().max(), DataType.S32);
    }
    if (code != 0) {
      type = ElementTypes.of(code, node + ": output_dtype");
    }
    if (node.hasInput(2)) {
      DataType zero = node.info(2).type();
      if (type != null && type != zero) {
        throw node.invalid("output_dtype is " + type + ", the zero point's type is " + zero);
      }
      type = zero;
    }
    type = type == null ? DataType.U8 : type;
    if (!type.isInt8()) {
      throw node.unsupported("quantizes to " + type + "; supported are u8 and s8");
    }
    return block == 0
        ? node.onFloats(1, node.with(new QuantizeLinear(axis(node), type)))
        : new SpelledQuantization(node, axis(node), block)
            .quantize((int) type.min(), (int) type.max(), type);
  }

  private static List<Node> dequantize(NodeView node) {
    int type = node.int32("output_dtype", 0);
    if (type != 0 && ElementTypes.ofData(type, node + ": output_dtype") != DataType.F32) {
      throw node.unsupported("dequantizes to element type " + type);
    }
    int block = block(node);
    return block == 0
        ? node.onFloats(1, node.with(new DequantizeLinear(axis(node))))
        : new SpelledQuantization(node, axis(node), block).dequantize();
  }

  /// Counted from the front. It means something only beside a vector of scales, and the default of
  /// 1 may exceed the rank of a value with one scale.
  private static int axis(NodeView node) {
    node.requireInputs(2, 3);
    int axis = node.int32("axis", 1);
    return axis < 0 ? axis + node.info(0).shape().rank() : axis;
  }

  /// Elements that share a scale along the axis, or 0.
  private static int block(NodeView node) {
    int block = node.int32("block_size", 0);
    if (block < 0) {
      throw node.invalid("block_size is " + block);
    }
    return block;
  }

  static void write(io.octet.graph.op.Quantization op, NodeWriter to) {
    switch (op) {
      case QuantizeLinear(int axis, DataType type) -> {
        to.integer("axis", axis, 1);
        // Without a zero point the type would be u8.
        if (type == DataType.S8 && !to.hasInput(2)) {
          zeroPoint(to);
        }
      }
      case DequantizeLinear(int axis) -> to.integer("axis", axis, 1);
      case DynamicQuantizeLinear(boolean rows) -> {
        if (rows) {
          to.property(RANGE, ROWS);
        }
      }
    }
  }

  private static void zeroPoint(NodeWriter to) {
    Tensor scale = to.constant(1);
    long[] sizes = scale == null ? new long[0] : scale.shape().sizes();
    byte[] zeros = new byte[scale == null ? 1 : Math.toIntExact(scale.elements())];
    Tensor tensor = Tensor.of(DataType.S8, zeros, sizes);
    to.input(2, tensor.shape(), "zero_" + tensor, tensor);
  }
}
