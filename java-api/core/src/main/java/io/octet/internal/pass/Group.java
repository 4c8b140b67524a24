package io.octet.internal.pass;

import io.octet.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Nodes that quantization treats as one: what lies between them is never rounded to 8 bits.
///
/// @param core the layer's Conv, Gemm or MatMul, or an Add of two activations
/// @param layer nothing for an Add
/// @param clamp the Relu or Clip that follows
public record Group(Node core, Optional<LayerNode> layer, Optional<Node> clamp) {
  /// The value that leaves the group.
  public String output() {
    return last().output();
  }

  /// The node that makes the group's output.
  public Node last() {
    return clamp.orElseGet(() -> layer.map(LayerNode::last).orElse(core));
  }

  /// The core and what follows it, in order.
  public List<Node> nodes() {
    List<Node> nodes = new ArrayList<>(List.of(core));
    layer.flatMap(LayerNode::add).ifPresent(nodes::add);
    clamp.ifPresent(nodes::add);
    return nodes;
  }

  /// The activations that enter the group: an Add's two, otherwise one.
  public List<String> dataInputs() {
    return layer.map(l -> List.of(l.data())).orElseGet(core::inputs);
  }
}
