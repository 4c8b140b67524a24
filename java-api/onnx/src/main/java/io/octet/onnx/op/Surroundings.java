package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Tensor;
import java.util.Optional;

/// What is known around a node that is being read: of the values that it may read, and of names.
public interface Surroundings {
  /// Type and shape of a value, and its elements where they are sizes that are known.
  ///
  /// @param reader who asks, for the error
  ValueInfo info(String name, NodeView reader);

  /// The constant that a value is, dequantized where it is kept as integers, widened where it has
  /// halves.
  Optional<Tensor> constant(String name);

  /// The name of a constant that holds the value of `name`: the name itself, unless it is kept as
  /// integers.
  String asFloats(String name);

  /// Which integers of 16 bits a constant or an input of the file holds, where it does: it is s32
  /// here.
  Optional<SixteenBits> sixteenBits(String name);

  /// The node that makes `value`, or null.
  Node maker(String value);

  /// Whether another node of the file reads `value`, or it is an output.
  boolean reads(String value);

  /// `base`, or that with the first number that makes it a name nobody has.
  String fresh(String base);

  /// A further constant.
  void addConstant(String name, Tensor constant);

  /// A tensor that stands in the file.
  Tensor read(TensorProto tensor);
}
