package io.octet.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The meaning of a node: ONNX's operator and attributes, as they were in the model's opset, as an
/// {@link Op}. Softmax before opset 13 is {@link SoftmaxRewrite}'s.
final class OpReader {
  /// Operators that become others.
  private static final List<String> REWRITTEN =
      List.of("Constant", "Cast", "Max", "Min", "ReduceMean");

  /// What may work on data that only a run knows.
  static final Set<String> OPERATORS = operators();

  private final Values values;

  OpReader(Values values) {
    this.values = values;
  }

  /// An operator with the inputs that it keeps: those that became attributes are left out.
  record Translated(Op op, List<String> inputs) {}

  /// @throws IllegalArgumentException if an {@link Op} refuses an attribute's value
  Translated translate(NodeView node) {
    Translated translated =
        switch (node.type()) {
          case "Conv" -> all(node, 2, 3, conv(node));
          case "Gemm" -> all(node, 2, 3, gemm(node));
          case "MatMul" -> all(node, 2, 2, new Product.MatMul());
          case "BatchNormalization" -> onFloats(node, 1, all(node, 5, 5, batchNorm(node)));
          case "Relu" -> all(node, 1, 1, new Unary.Relu());
          case "Clip" -> clip(node);
          case "LeakyRelu" -> all(node, 1, 1, new Unary.LeakyRelu(node.real("alpha", 0.01f)));
          case "Sigmoid" -> all(node, 1, 1, new Unary.Sigmoid());
          case "HardSigmoid" ->
              all(
                  node,
                  1,
                  1,
                  new Unary.HardSigmoid(node.real("alpha", 0.2f), node.real("beta", 0.5f)));
          case "HardSwish" -> all(since(node, 14), 1, 1, new Unary.HardSwish());
          case "Tanh" -> all(node, 1, 1, new Unary.Tanh());
          case "Add" -> all(node, 2, 2, new Binary.Add());
          case "Mul" -> all(node, 2, 2, new Binary.Mul());
          case "MaxPool" -> all(node, 1, 1, maxPool(node));
          case "AveragePool" -> all(node, 1, 1, averagePool(node));
          case "GlobalAveragePool" -> all(node, 1, 1, new Pooling.GlobalAveragePool());
          case "Flatten" -> all(node, 1, 1, new Movement.Flatten(node.int32("axis", 1)));
          case "Reshape" -> all(node, 2, 2, new Movement.Reshape(node.flag("allowzero", false)));
          case "Transpose" -> all(node, 1, 1, transpose(node));
          case "Concat" -> all(node, 1, Integer.MAX_VALUE, concat(node));
          case "Softmax" ->
              all(since(node, 13), 1, 1, new Normalization.Softmax(node.int32("axis", -1)));
          case "Identity" -> all(node, 1, 1, new Movement.Identity());
          case "Dropout" -> dropout(node);
          case "QuantizeLinear" -> onFloats(node, 1, all(since(node, 10), 2, 3, quantize(node)));
          case "DequantizeLinear" ->
              onFloats(node, 1, all(since(node, 10), 2, 3, dequantize(node)));
          case "Max" -> clamp(node, true);
          case "Min" -> clamp(node, false);
          case "Cast" -> cast(node);
          default -> throw node.unsupported("works here on constants and shapes alone");
        };
    node.refuseUnread();
    return translated;
  }

  private static Set<String> operators() {
    Set<String> all = new LinkedHashSet<>();
    for (Class<?> op : Op.members()) {
      all.add(op.getSimpleName());
    }
    all.addAll(REWRITTEN);
    return Collections.unmodifiableSet(all);
  }

  static String supported() {
    return String.join(", ", OPERATORS);
  }

  private static Translated all(NodeView node, int least, int most, Op op) {
    node.requireInputs(least, most);
    return new Translated(op, trimmed(node.inputs()));
  }

  /// Inputs from `first` on that are parameters, not data: constants that are kept as integers are
  /// wanted as floats.
  private Translated onFloats(NodeView node, int first, Translated translated) {
    List<String> inputs = new ArrayList<>(translated.inputs());
    for (int i = first; i < inputs.size(); i++) {
      inputs.set(i, values.asFloats(inputs.get(i), node));
    }
    return new Translated(translated.op(), inputs);
  }

  /// Without the absent inputs at the end.
  private static List<String> trimmed(List<String> inputs) {
    int size = inputs.size();
    while (size > 0 && inputs.get(size - 1).isEmpty()) {
      size--;
    }
    return inputs.subList(0, size);
  }

  private static NodeView since(NodeView node, int opset) {
    if (node.opset() < opset) {
      throw node.invalid("exists since opset " + opset + ", the model's is " + node.opset());
    }
    return node;
  }

  private Op conv(NodeView node) {
    int groups = node.int32("group", 1);
    return new Convolution.Conv(
        WindowReader.read(node, node.has("kernel_shape") ? null : kernel(node)), groups);
  }

  /// The kernel's size, where only the weights tell it.
  private int[] kernel(NodeView node) {
    node.requireInputs(2, 3);
    Shape weights = values.info(node.input(1), node).shape();
    if (weights.rank() != 4
        || !(weights.dim(2) instanceof Dim.Fixed(long height))
        || !(weights.dim(3) instanceof Dim.Fixed(long width))) {
      throw node.unsupported("weights must be [M,C,kH,kW], but are " + weights);
    }
    return new int[] {Math.toIntExact(height), Math.toIntExact(width)};
  }

  private static Op gemm(NodeView node) {
    return new Product.Gemm(
        node.real("alpha", 1),
        node.real("beta", 1),
        node.flag("transA", false),
        node.flag("transB", false));
  }

  private static Op batchNorm(NodeView node) {
    node.ignore("momentum");
    if (node.flag("training_mode", false)) {
      throw node.unsupported("training_mode is set; export the model for inference");
    }
    if (node.opset() < 9 && !node.flag("spatial", true)) {
      throw node.unsupported("spatial = 0 (statistics for each pixel)");
    }
    return new Normalization.BatchNormalization(node.real("epsilon", 1e-5f));
  }

  /// Attributes until opset 10, inputs since.
  private Translated clip(NodeView node) {
    if (node.opset() < 11) {
      node.requireInputs(1, 1);
      float min = node.real("min", -Float.MAX_VALUE);
      float max = node.real("max", Float.MAX_VALUE);
      return new Translated(new Unary.Clip(min, max), node.inputs());
    }
    node.requireInputs(1, 3);
    float min = bound(node, 1, Float.NEGATIVE_INFINITY);
    float max = bound(node, 2, Float.POSITIVE_INFINITY);
    return new Translated(new Unary.Clip(min, max), List.of(node.input(0)));
  }

  private float bound(NodeView node, int input, float absent) {
    if (!node.hasInput(input)) {
      return absent;
    }
    Known bound = values.known(node.input(input), node);
    if (bound == null || bound.stored().type() != DataType.F32 || bound.stored().elements() != 1) {
      throw node.unsupported(
          "bound \""
              + node.input(input)
              + "\" must be one constant f32, but is "
              + (bound == null ? "no constant" : bound));
    }
    return bound.stored().getFloat(0);
  }

  /// The larger, or the smaller, of a value and constant numbers: PyTorch's exporter writes a clamp
  /// as Max and Min. Behind another clamp, one of both.
  private Translated clamp(NodeView node, boolean larger) {
    node.requireInputs(1, Integer.MAX_VALUE);
    String data = null;
    float bound = larger ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
    int rank = 0;
    for (int i = 0; i < node.inputs().size(); i++) {
      if (values.isKnown(node.input(i))) {
        float number = bound(node, i, bound);
        bound = larger ? Math.max(bound, number) : Math.min(bound, number);
        rank = Math.max(rank, values.known(node.input(i), node).shape().rank());
      } else if (data != null || !node.hasInput(i)) {
        throw node.unsupported("takes one value and constant numbers");
      } else {
        data = node.input(i);
      }
    }
    if (rank > 0 && rank > values.info(data, node).shape().rank()) {
      throw node.unsupported("its bound gives \"" + data + "\" more axes");
    }
    float min = larger ? bound : Float.NEGATIVE_INFINITY;
    float max = larger ? Float.POSITIVE_INFINITY : bound;
    Node inner = values.maker(data);
    if (inner != null && inner.op() instanceof Unary.Clip(float low, float high)) {
      Op both = new Unary.Clip(Math.clamp(low, min, max), Math.clamp(high, min, max));
      return new Translated(both, inner.inputs());
    }
    return new Translated(new Unary.Clip(min, max), List.of(data));
  }

  /// To the type that the value has: exporters leave such casts.
  private Translated cast(NodeView node) {
    node.requireInputs(1, 1);
    node.ignore("saturate"); // It concerns float8 alone.
    int to = node.int32("to", 0);
    DataType type = values.info(node.input(0), node).type();
    if (to != Known.code(type).getNumber()) {
      throw node.unsupported(
          "casts \""
              + node.input(0)
              + "\" from "
              + type
              + " to "
              + TensorProto.DataType.forNumber(to));
    }
    return new Translated(new Movement.Identity(), node.inputs());
  }

  private static Op maxPool(NodeView node) {
    node.ignore("storage_order"); // It orders the indices, which are refused where they are read.
    return new Pooling.MaxPool(WindowReader.read(node, null), node.flag("ceil_mode", false));
  }

  private static Op averagePool(NodeView node) {
    return new Pooling.AveragePool(
        WindowReader.read(node, null),
        node.flag("ceil_mode", false),
        node.flag("count_include_pad", false));
  }

  private static Op transpose(NodeView node) {
    int[] perm = node.integers("perm");
    return new Movement.Transpose(perm == null ? List.of() : Arrays.stream(perm).boxed().toList());
  }

  private static Op concat(NodeView node) {
    if (!node.has("axis")) {
      throw node.invalid("has no attribute \"axis\"");
    }
    return new Movement.Concat(node.int32("axis", 0));
  }

  private Translated dropout(NodeView node) {
    node.requireInputs(1, 3);
    node.ignore("ratio");
    node.ignore("seed");
    if (node.hasInput(2)) {
      Known training = values.constant(node.input(2));
      boolean known =
          training != null
              && training.stored().type().isInt8()
              && training.stored().elements() == 1;
      if (!known || training.integer(0) != 0) {
        throw node.unsupported("training_mode may be set; export the model for inference");
      }
    }
    return new Translated(new Movement.Dropout(), List.of(node.input(0)));
  }

  private Op quantize(NodeView node) {
    refuseBlocks(node);
    node.ignore("saturate"); // It concerns float8 alone.
    DataType type = null;
    int code = node.int32("output_dtype", 0);
    if (code != 0) {
      type = TensorReader.type(code, node + ": output_dtype");
    }
    if (node.hasInput(2)) {
      DataType zero = values.info(node.input(2), node).type();
      if (type != null && type != zero) {
        throw node.invalid("output_dtype is " + type + ", the zero point's type is " + zero);
      }
      type = zero;
    }
    type = type == null ? DataType.U8 : type;
    if (!type.isInt8()) {
      throw node.unsupported("quantizes to " + type + "; supported are u8 and s8");
    }
    return new Quantization.QuantizeLinear(axis(node), type);
  }

  private Op dequantize(NodeView node) {
    refuseBlocks(node);
    return new Quantization.DequantizeLinear(axis(node));
  }

  /// Counted from the front. It means something only beside a vector of scales, and the default of
  /// 1 may exceed the rank of a value with one scale.
  private int axis(NodeView node) {
    node.requireInputs(2, 3);
    int axis = node.int32("axis", 1);
    return axis < 0 ? axis + values.info(node.input(0), node).shape().rank() : axis;
  }

  private static void refuseBlocks(NodeView node) {
    long block = node.integer("block_size", 0);
    if (block != 0) {
      throw node.unsupported("blocked quantization (block_size " + block + ")");
    }
  }
}
