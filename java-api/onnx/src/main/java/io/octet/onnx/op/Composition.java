package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Several nodes that stand for one of a file: the last makes what that one makes, the others
/// values that have no names there.
final class Composition {
  private final NodeView node;
  private final List<Node> nodes = new ArrayList<>();

  Composition(NodeView node) {
    this.node = node;
  }

  /// A further node.
  ///
  /// @return the name of what it makes
  String then(Op op, String... inputs) {
    String word = op.name().toLowerCase(Locale.ROOT);
    String made = node.around().fresh(node.output() + "_" + word);
    String name = node.around().fresh(node.name() + "_" + word);
    nodes.add(new Node(name, op, List.of(inputs), made));
    return made;
  }

  /// A further node that makes what is output `index` in the file, whether somebody reads it or
  /// not.
  ///
  /// @return the name of what it makes
  String then(int index, Op op, String... inputs) {
    if (!node.isRead(index)) {
      return then(op, inputs);
    }
    String name = node.around().fresh(node.name() + "_" + op.name().toLowerCase(Locale.ROOT));
    String made = node.outputs(index + 1).get(index);
    nodes.add(new Node(name, op, List.of(inputs), made));
    return made;
  }

  /// All of them, the last being the one that makes the result.
  List<Node> end(Op op, String... inputs) {
    nodes.addAll(node.with(op, List.of(inputs)));
    return nodes;
  }

  /// All of them, where the last one is there already: it makes the result.
  List<Node> end() {
    Node last = nodes.removeLast();
    return end(last.op(), last.inputs().toArray(String[]::new));
  }

  /// The same, where the last one makes the result alone: the further outputs of the file are not
  /// those of its operator.
  List<Node> endAlone(Op op, String... inputs) {
    nodes.addAll(node.with(op, List.of(inputs), 1));
    return nodes;
  }

  /// The name of a constant of one float, of the type of input 0.
  String scalar(String what, double value) {
    DataType type = node.info(0).type();
    Tensor tensor = Tensor.wrap(type, Shape.of(), MemorySegment.ofArray(new byte[type.bytes()]));
    if (type.isFloat()) {
      tensor.setReal(0, value);
    } else {
      tensor.setInteger(0, (long) value);
    }
    return constant(what, tensor);
  }

  /// The name of a constant.
  String constant(String what, Tensor tensor) {
    String made = node.around().fresh(node.output() + "_" + what);
    node.around().addConstant(made, tensor);
    return made;
  }

  /// The name of a constant list of sizes or axes.
  String list(String what, long... values) {
    return constant(what, Tensor.of(values, values.length));
  }
}
