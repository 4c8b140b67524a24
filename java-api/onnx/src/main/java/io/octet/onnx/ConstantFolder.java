package io.octet.onnx;

import static io.octet.tensor.DataType.F32;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.graph.op.Quantization;
import io.octet.internal.pass.Scales;
import io.octet.onnx.op.Families;
import io.octet.onnx.op.Known;
import io.octet.onnx.op.NodeView;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Computes nodes whose inputs are all constant, while the model is read: to everybody behind it, a
/// constant that an exporter left as a small expression is a constant. Operators that move elements
/// are {@link Movements}', elementwise ones {@link Arithmetic}'s.
final class ConstantFolder {
  /// What can be computed.
  static final Set<String> OPERATORS = operators();

  private final TensorReader tensors;
  private final FoldBudget budget;

  ConstantFolder(TensorReader tensors, FoldBudget budget) {
    this.tensors = tensors;
    this.budget = budget;
  }

  private static Set<String> operators() {
    Set<String> all = new TreeSet<>(Arithmetic.OPERATORS);
    all.addAll(Movements.OPERATORS);
    all.addAll(List.of("Constant", "Cast", "CastLike", "Clip", "ConstantOfShape", "Range", "Size"));
    all.addAll(List.of("Pow", "Where", "QuantizeLinear"));
    return Set.copyOf(all);
  }

  /// @param inputs a constant for each of the node's inputs; null for one that is absent
  /// @return the result, or null where the operator is none of these
  Known evaluate(NodeView node, List<Known> inputs) {
    if (!OPERATORS.contains(node.type())) {
      return null;
    }
    Known result = compute(node, new Inputs(node, inputs));
    node.refuseUnread();
    return result;
  }

  private Known compute(NodeView node, Inputs in) {
    Arithmetic arithmetic = new Arithmetic(node, budget);
    return switch (node.type()) {
      case "Constant" -> constant(node);
      case "ConstantOfShape" -> constantOfShape(node, in);
      case "Range" -> range(node, in);
      case "Size" -> Known.of(Tensor.of(new long[] {in.only().stored().elements()}));
      case "Cast" -> cast(node, in.only(), node.int32("to", 0), arithmetic);
      case "CastLike" -> {
        in.require(2, 2);
        yield cast(node, in.get(0), in.get(1).type().getNumber(), arithmetic);
      }
      case "Clip" -> clip(node, in, arithmetic);
      case "Pow" -> {
        in.require(2, 2);
        yield arithmetic.pow(in.get(0), in.get(1));
      }
      case "Where" -> {
        in.require(3, 3);
        yield arithmetic.where(in.get(0), in.get(1), in.get(2));
      }
      case "QuantizeLinear" -> quantize(node, in);
      default ->
          Movements.OPERATORS.contains(node.type())
              ? new Movements(node, in, budget).evaluate()
              : arithmetic.evaluate(in);
    };
  }

  Known constant(NodeView node) {
    node.requireInputs(0, 0);
    AttributeProto value = node.find("value", AttributeType.TENSOR);
    AttributeProto floats = node.find("value_floats", AttributeType.FLOATS);
    AttributeProto ints = node.find("value_ints", AttributeType.INTS);
    boolean real = node.has("value_float");
    if (value != null) {
      TensorProto named = value.getT().toBuilder().setName(node.output()).build();
      return tensors.read(named);
    }
    if (floats != null) {
      float[] elements = new float[floats.getFloatsCount()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = floats.getFloats(i);
      }
      return Known.of(Tensor.of(elements, elements.length));
    }
    if (ints != null) {
      long[] elements = ints.getIntsList().stream().mapToLong(Long::longValue).toArray();
      return Known.of(Tensor.of(elements, elements.length));
    }
    if (real) {
      return Known.of(Tensor.scalar(node.real("value_float", 0)));
    }
    if (node.has("value_int")) {
      return Known.of(Tensor.of(new long[] {node.integer("value_int", 0)}));
    }
    throw node.unsupported("its value is none of value, value_float(s), value_int(s)");
  }

  private Known constantOfShape(NodeView node, Inputs in) {
    long[] sizes = in.only().integers();
    for (long size : sizes) {
      if (size < 0) {
        throw node.invalid("its shape is " + Arrays.toString(sizes));
      }
    }
    Shape shape = Shape.of(sizes);
    AttributeProto value = node.find("value", AttributeType.TENSOR);
    Known element =
        value == null
            ? Known.of(Tensor.scalar(0))
            : tensors.read(value.getT().toBuilder().setName(node.output()).build());
    if (element.stored().elements() != 1) {
      throw node.invalid("its value has " + element.stored().elements() + " elements");
    }
    budget.take(node, shape, element.stored().type());
    return element.isReal()
        ? Known.reals(element.type(), shape, _ -> element.real(0))
        : Known.integers(element.type(), shape, _ -> element.integer(0));
  }

  private Known range(NodeView node, Inputs in) {
    in.require(3, 3);
    Known start = in.get(0);
    if (in.get(1).type() != start.type() || in.get(2).type() != start.type()) {
      throw node.invalid("takes inputs of one type, but got " + in.constants());
    }
    double step = in.number(2);
    double count = Math.max(0, Math.ceil((in.number(1) - in.number(0)) / step));
    if (step == 0 || !(count <= Long.MAX_VALUE)) {
      throw node.invalid("ranges in steps of " + step);
    }
    Shape shape = Shape.of((long) count);
    budget.take(node, shape, start.stored().type());
    if (start.isReal()) {
      return Known.reals(start.type(), shape, i -> start.real(0) + i * step);
    }
    long whole = in.get(2).integer(0);
    return Known.integers(start.type(), shape, i -> start.integer(0) + i * whole);
  }

  private Known cast(NodeView node, Known x, int to, Arithmetic arithmetic) {
    node.ignore("saturate"); // It concerns float8 alone.
    DataType type = DataType.forNumber(to);
    if (!Known.holds(type)) {
      throw node.unsupported("casts a constant " + x + " to " + (type == null ? to : type));
    }
    // float16 was widened when it was read.
    boolean same = type == x.type() || type == DataType.FLOAT && Known.storage(x.type()) == F32;
    return same ? new Known(type, x.stored()) : arithmetic.cast(x, type);
  }

  /// Attributes until opset 10, inputs since.
  private Known clip(NodeView node, Inputs in, Arithmetic arithmetic) {
    if (node.opset() < 11) {
      float min = node.real("min", -Float.MAX_VALUE);
      float max = node.real("max", Float.MAX_VALUE);
      Known x = in.only();
      if (!x.isReal()) {
        throw node.invalid("does not take " + x.type());
      }
      budget.take(node, x.shape(), x.stored().type());
      return Known.reals(x.type(), x.shape(), i -> Math.min(Math.max(x.real(i), min), max));
    }
    in.require(1, 3);
    Known x = in.get(0);
    x = in.has(1) ? arithmetic.extremum(x, in.get(1), true) : x;
    return in.has(2) ? arithmetic.extremum(x, in.get(2), false) : x;
  }

  private Known quantize(NodeView node, Inputs in) {
    in.require(2, 3);
    if (!(Families.read(node).getFirst().op()
        instanceof Quantization.QuantizeLinear(int axis, var type))) {
      throw node.invalid("is no QuantizeLinear");
    }
    Known x = in.get(0);
    ScaleInputs scale = ScaleInputs.of(node, x.shape(), axis, in.get(1), in.getOrNull(2));
    if (x.type() != DataType.FLOAT) {
      throw node.unsupported("quantizes a constant " + x + "; supported is FLOAT");
    }
    budget.take(node, x.shape(), type);
    Scales scales = scale.scales();
    return Known.of(scales.quantize(x.stored(), type));
  }
}
