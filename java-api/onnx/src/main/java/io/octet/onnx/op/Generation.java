package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.graph.Node;
import io.octet.graph.op.Generation.ConstantOfShape;
import io.octet.graph.op.Generation.EyeLike;
import io.octet.graph.op.Generation.OneHot;
import io.octet.graph.op.Generation.Range;
import io.octet.graph.op.Generation.Shape;
import io.octet.graph.op.Generation.Size;
import io.octet.graph.op.Op;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// What makes values of sizes and numbers. A Constant is none of the graph's nodes.
final class Generation {
  /// Beyond it, not every whole number is a double.
  private static final long LARGEST_EXACT = 1L << 53;

  /// What has no attributes.
  static final List<Op> PLAIN = List.of(new Size(), new Range());

  static final Map<String, Reader> READERS =
      Map.of(
          "Shape", node -> node.with(new Shape(place(node, "start", 0), end(node))),
          "ConstantOfShape", node -> node.with(constantOfShape(node)),
          "EyeLike", node -> node.with(eye(node)),
          "OneHot", node -> node.with(new OneHot(node.int32("axis", -1))),
          "Constant", Generation::constant);

  private Generation() {}

  private static int end(NodeView node) {
    return place(node, "end", Integer.MAX_VALUE);
  }

  /// Beyond any rank is the border.
  private static int place(NodeView node, String attribute, int absent) {
    return Math.clamp(node.integer(attribute, absent), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static ConstantOfShape constantOfShape(NodeView node) {
    AttributeProto given = node.find("value", AttributeType.TENSOR);
    if (given == null) {
      return new ConstantOfShape(DataType.F32, 0);
    }
    Tensor value = named(node, given);
    if (value.elements() != 1) {
      throw node.invalid("its value has " + value.elements() + " elements");
    }
    double number = value.getReal(0);
    if (!value.type().isFloat() && Math.abs(number) > LARGEST_EXACT) {
      throw node.unsupported("its value is " + value.getInteger(0) + ", which no double holds");
    }
    boolean folded = node.constant(0).isPresent();
    return new ConstantOfShape(folded ? value.type() : ElementTypes.wide(value.type()), number);
  }

  private static Tensor named(NodeView node, AttributeProto value) {
    return node.around().read(value.getT().toBuilder().setName(node.output()).build());
  }

  private static EyeLike eye(NodeView node) {
    int code = node.int32("dtype", 0);
    DataType type =
        code == 0 ? node.info(0).type() : ElementTypes.ofData(code, node + ": its type");
    return new EyeLike(type, node.int32("k", 0));
  }

  private static List<Node> constant(NodeView node) {
    node.requireInputs(0, 0);
    node.around().addConstant(node.output(), value(node));
    return List.of();
  }

  private static Tensor value(NodeView node) {
    AttributeProto value = node.find("value", AttributeType.TENSOR);
    AttributeProto floats = node.find("value_floats", AttributeType.FLOATS);
    long[] integers = node.longs("value_ints");
    if (value != null) {
      return named(node, value);
    }
    if (floats != null) {
      float[] elements = new float[floats.getFloatsCount()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = floats.getFloats(i);
      }
      return Tensor.of(elements, elements.length);
    }
    if (integers != null) {
      return Tensor.of(integers, integers.length);
    }
    if (node.has("value_float")) {
      return Tensor.scalar(node.real("value_float", 0));
    }
    if (node.has("value_int")) {
      return Tensor.of(new long[] {node.integer("value_int", 0)});
    }
    throw node.unsupported("its value is none of value, value_float(s), value_int(s)");
  }

  static void write(io.octet.graph.op.Generation op, NodeWriter to) {
    switch (op) {
      case Shape(int start, int end) -> {
        to.integer("start", start, 0);
        to.integer("end", end, Integer.MAX_VALUE);
      }
      case ConstantOfShape(DataType type, double value) -> to.tensor("value", one(type, value));
      case EyeLike(DataType type, int k) -> {
        to.integer("dtype", ElementTypes.code(type).getNumber());
        to.integer("k", k, 0);
      }
      case OneHot(int axis) -> to.integer("axis", axis, -1);
      case Size(), Range() -> {}
    }
  }

  private static TensorProto one(DataType type, double value) {
    TensorProto.Builder one =
        TensorProto.newBuilder().setDataType(ElementTypes.code(type).getNumber()).addDims(1);
    switch (type) {
      case F32 -> one.addFloatData((float) value);
      case F64 -> one.addDoubleData(value);
      case F16 -> one.addInt32Data(Float.floatToFloat16((float) value) & 0xffff);
      case BF16 -> one.addInt32Data(Float.floatToRawIntBits((float) value) >>> 16);
      case S64 -> one.addInt64Data((long) value);
      case U8, S8, S32, BOOL -> one.addInt32Data((int) value);
    }
    return one.build();
  }
}
