package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// Quantization that no int8 kernel has, to 16 bits or with scales for blocks: spelled out in
/// operators over reals, which is what it means. Of constants they leave constants.
final class SpelledQuantization {
  private final NodeView node;
  private final Between nodes;
  private final Shape x;
  private final int axis;
  private final int block;

  /// @param axis counted from the front
  /// @param block how many elements along it share a scale; 0 where there is one for each or one
  ///   for all
  SpelledQuantization(NodeView node, int axis, int block) {
    this.node = node;
    this.nodes = new Between(node);
    this.x = node.info(0).shape();
    this.axis = axis;
    this.block = block;
  }

  /// round(x / scale) + zero point, clamped and made integers.
  List<Node> quantize(int min, int max, DataType type) {
    String name = node.output();
    String steps = step(name + "_steps", new Binary.Div(), node.input(0), scale());
    String whole = step(name + "_whole", new Unary.Round(), steps);
    String moved =
        node.hasInput(2) ? step(name + "_moved", new Binary.Add(), whole, zero()) : whole;
    String bounded = step(name + "_bounded", new Unary.Clip(min, max), moved);
    return nodes.real(new Unary.Cast(type), List.of(bounded));
  }

  /// (x - zero point) * scale.
  List<Node> dequantize() {
    String name = node.output();
    String reals = step(name + "_reals", new Unary.Cast(DataType.F32), node.input(0));
    String moved =
        node.hasInput(2) ? step(name + "_moved", new Binary.Sub(), reals, zero()) : reals;
    return nodes.real(new Binary.Mul(), List.of(moved, scale()));
  }

  private String scale() {
    return spread(node.around().asFloats(node.input(1)), 1);
  }

  private String zero() {
    String zero = node.around().asFloats(node.input(2));
    return spread(step(zero + "_real", new Unary.Cast(DataType.F32), zero), 2);
  }

  /// A parameter as it is broadcast over x.
  private String spread(String value, int input) {
    Shape shape = node.info(input).shape();
    if (block > 0) {
      return blocks(value, shape);
    }
    if (shape.rank() != 1 || shape.isConcrete() && shape.elements() == 1) {
      return value;
    }
    if (axis < 0 || axis >= x.rank()) {
      throw node.invalid("axis " + axis + " of " + x + " has no scales " + shape);
    }
    long[] axes = LongStream.range(1, x.rank() - axis).toArray();
    return axes.length == 0
        ? value
        : step(value + "_spread", new Movement.Unsqueeze(), value, constant(axes));
  }

  private String blocks(String value, Shape shape) {
    if (axis < 0 || axis >= x.rank() || shape.rank() != x.rank()) {
      throw node.invalid(
          "blocks of " + block + " along axis " + axis + " of " + x + " by " + shape);
    }
    long size =
        x.dim(axis)
            .number()
            .orElseThrow(() -> node.unsupported("blocks along an axis of free size: " + x));
    if (size > 1 << 24 || !shape.dim(axis).mayEqual(Dim.of((size + block - 1) / block))) {
      throw node.invalid(shape + " are no scales for blocks of " + block + " of " + x);
    }
    long[] places = LongStream.range(0, size).map(i -> i / block).toArray();
    return step(value + "_spread", new Selection.Gather(axis), value, constant(places));
  }

  private String constant(long[] values) {
    String made = node.around().fresh(node.output() + "_places");
    node.around().addConstant(made, Tensor.of(values, values.length));
    return made;
  }

  private String step(String wanted, Op op, String... inputs) {
    return nodes.step(wanted, op, new ArrayList<>(List.of(inputs)));
  }
}
