package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All families: who reads an operator of a given name, and who writes an {@link Op}.
public final class Families {
  private static final Map<String, Reader> READERS = readers();

  private Families() {}

  private static Map<String, Reader> readers() {
    Map<String, Reader> all = new LinkedHashMap<>();
    List.of(
            Binary.READERS,
            Convolution.READERS,
            Movement.READERS,
            Normalization.READERS,
            Pooling.READERS,
            Product.READERS,
            Quantization.READERS,
            Reduction.READERS,
            Unary.READERS)
        .forEach(all::putAll);
    return Collections.unmodifiableMap(all);
  }

  /// ONNX's names of the operators that are read.
  public static Set<String> names() {
    return READERS.keySet();
  }

  /// The nodes that stand for `node`, without their names for what the file's node reads resolved.
  ///
  /// @throws IllegalArgumentException if an {@link Op} refuses an attribute's value
  public static List<Node> read(NodeView node) {
    Reader reader = READERS.get(node.type());
    if (reader == null) {
      throw node.unsupported("works here on constants and shapes alone");
    }
    List<Node> nodes = new ArrayList<>(reader.read(node));
    node.refuseUnread();
    return nodes;
  }

  /// The oldest opset, from 17 on, that has the operator as it is.
  public static int opset(Op op) {
    return switch (op) {
      case io.octet.graph.op.Pooling pooling -> Pooling.opset(pooling);
      case io.octet.graph.op.Reduction _ -> 18; // Before, axes were attributes of most.
      case Op _ -> 17;
    };
  }

  /// Writes attributes, and those inputs that are attributes of ours.
  public static void write(Op op, NodeWriter to) {
    switch (op) {
      case io.octet.graph.op.Binary binary -> Binary.write(binary);
      case io.octet.graph.op.Comparison _ -> {} // None has attributes.
      case io.octet.graph.op.Convolution convolution -> Convolution.write(convolution, to);
      case io.octet.graph.op.Generation generation -> Generation.write(generation, to);
      case io.octet.graph.op.Movement movement -> Movement.write(movement, to);
      case io.octet.graph.op.Normalization normal -> Normalization.write(normal, to);
      case io.octet.graph.op.Pooling pooling -> Pooling.write(pooling, to);
      case io.octet.graph.op.Product product -> Product.write(product, to);
      case io.octet.graph.op.Quantization quantization -> Quantization.write(quantization, to);
      case io.octet.graph.op.Reduction reduction -> Reduction.write(reduction, to);
      case io.octet.graph.op.Selection selection -> Selection.write(selection, to);
      case io.octet.graph.op.Unary unary -> Unary.write(unary, to);
    }
  }
}
