package io.octet.graph;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import java.util.Map;

/// Which inputs an operator needs, and the element types that go in and come out.
final class TypeRules {
  private final Map<String, ValueInfo> values;

  /// @param values what is known so far; it grows as nodes are inferred
  TypeRules(Map<String, ValueInfo> values) {
    this.values = values;
  }

  private void requireInputs(Node node) {
    int least =
        switch (node.op()) {
          case Convolution.Conv _,
              Product.Gemm _,
              Product.MatMul _,
              Binary.Add _,
              Binary.Mul _,
              Movement.Reshape _ ->
              2;
          case Quantization.QuantizeLinear _, Quantization.DequantizeLinear _ -> 2;
          case Normalization.BatchNormalization _ -> 5;
          case Unary.Relu _,
              Unary.Clip _,
              Unary.LeakyRelu _,
              Unary.Sigmoid _,
              Unary.HardSigmoid _ ->
              1;
          case Unary.HardSwish _,
              Unary.Tanh _,
              Normalization.Softmax _,
              Movement.Identity _,
              Movement.Dropout _ ->
              1;
          case Pooling.MaxPool _, Pooling.AveragePool _, Pooling.GlobalAveragePool _ -> 1;
          case Movement.Flatten _, Movement.Transpose _, Movement.Concat _ -> 1;
        };
    for (int i = 0; i < least; i++) {
      if (!node.hasInput(i)) {
        throw new InvalidModel(
            node + ": needs " + least + " inputs, but input " + i + " is absent");
      }
    }
  }

  /// The type of the node's result.
  ///
  /// @throws InvalidModel if an input is absent or of a type that the operator does not take
  DataType typeOf(Node node) {
    requireInputs(node);
    return switch (node.op()) {
      case Convolution.Conv _,
          Product.Gemm _,
          Product.MatMul _,
          Normalization.BatchNormalization _ ->
          allFloat(node);
      case Unary.Relu _, Unary.Clip _, Unary.LeakyRelu _, Unary.Sigmoid _, Unary.HardSigmoid _ ->
          allFloat(node);
      case Unary.HardSwish _, Unary.Tanh _, Normalization.Softmax _, Binary.Add _, Binary.Mul _ ->
          allFloat(node);
      case Pooling.AveragePool _, Pooling.GlobalAveragePool _ -> allFloat(node);
      case Pooling.MaxPool _ -> {
        DataType type = type(node, 0);
        require(type == DataType.F32 || type.isInt8(), node, "takes f32, u8 or s8", node.input(0));
        yield type;
      }
      case Movement.Flatten _, Movement.Transpose _, Movement.Identity _, Movement.Dropout _ ->
          type(node, 0);
      case Movement.Reshape _ -> {
        require(type(node, 1) == DataType.S64, node, "takes its shape as s64", node.input(1));
        yield type(node, 0);
      }
      case Movement.Concat _ -> {
        for (String input : node.inputs()) {
          require(
              info(node, input).type() == type(node, 0),
              node,
              "joins values of one type, the first being " + type(node, 0),
              input);
        }
        yield type(node, 0);
      }
      case Quantization.QuantizeLinear(int _, DataType type) -> quantizedType(node, type);
      case Quantization.DequantizeLinear _ -> {
        DataType type = type(node, 0);
        require(type.isInt8() || type == DataType.S32, node, "takes u8, s8 or s32", node.input(0));
        require(type(node, 1) == DataType.F32, node, "takes its scale as f32", node.input(1));
        if (node.hasInput(2)) {
          require(type(node, 2) == type, node, "takes its zero point as " + type, node.input(2));
        }
        yield DataType.F32;
      }
    };
  }

  private DataType quantizedType(Node node, DataType type) {
    require(type(node, 0) == DataType.F32, node, "takes f32", node.input(0));
    require(type(node, 1) == DataType.F32, node, "takes its scale as f32", node.input(1));
    if (!type.isInt8()) {
      throw new InvalidModel(node + ": quantizes to u8 or s8, not to " + type);
    }
    if (node.hasInput(2)) {
      require(type(node, 2) == type, node, "takes its zero point as " + type, node.input(2));
    }
    return type;
  }

  private DataType allFloat(Node node) {
    for (String input : node.inputs()) {
      if (!input.isEmpty()) {
        require(info(node, input).type() == DataType.F32, node, "takes f32", input);
      }
    }
    return DataType.F32;
  }

  private void require(boolean holds, Node node, String rule, String input) {
    if (!holds) {
      ValueInfo info = values.get(input);
      throw new InvalidModel(
          node + ": " + rule + ", but \"" + input + "\" is " + info.type() + info.shape());
    }
  }

  /// What is known of one of the node's inputs.
  ValueInfo info(Node node, String input) {
    ValueInfo info = values.get(input);
    if (info == null) {
      throw new InvalidModel(node + ": input \"" + input + "\" has no known shape");
    }
    return info;
  }

  private DataType type(Node node, int input) {
    return info(node, node.input(input)).type();
  }
}
