package io.octet.onnx.op;

import io.octet.graph.Node;
import java.util.List;

/// What reads the nodes of one operator.
@FunctionalInterface
public interface Reader {
  /// The nodes that stand for one of a file: one of the same operator, whose attributes may have
  /// been inputs there, several that compute the same, or none where it is a constant.
  ///
  /// @throws IllegalArgumentException if an {@link io.octet.graph.op.Op} refuses an attribute's
  ///   value
  List<Node> read(NodeView node);
}
