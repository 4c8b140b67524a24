package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;

/// What is known around a node that is being read: of the values that it may read, and of names.
public interface Surroundings {
  /// Type and shape of a value.
  ///
  /// @param reader who asks, for the error
  ValueInfo info(String name, NodeView reader);

  /// The constant of that name as the file has it, or null.
  Known constant(String name);

  /// Whether the value of `name` is known, as it is or behind DequantizeLinear.
  boolean isKnown(String name);

  /// The value of `name`, dequantized where it is kept as integers; null where it is not known.
  Known known(String name, NodeView reader);

  /// The name of a constant that holds the value of `name`: the name itself, unless it is kept as
  /// integers.
  String asFloats(String name, NodeView reader);

  /// The node that makes `value`, or null.
  Node maker(String value);

  /// `base`, or that with the first number that makes it a name nobody has.
  String fresh(String base);

  /// A further constant.
  void addConstant(String name, Known constant);
}
