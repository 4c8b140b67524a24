package io.octet.internal.pass;

import io.octet.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Nodes that quantization treats as one: what lies between them is never rounded to 8 bits.
///
/// @param kind what they are together
/// @param core the layer's Conv, Gemm or MatMul, or the first of the nodes
/// @param layer nothing where the core is none
/// @param dataInputs the activations that enter the group: two of a sum or product, otherwise one
/// @param behind what follows the core and the layer's Add, in order: a Relu or Clip, or the rest
///   of a function
public record Group(
    Kind kind, Node core, Optional<LayerNode> layer, List<String> dataInputs, List<Node> behind) {
  /// What a group is.
  public enum Kind {
    /// A layer, perhaps with a clamp.
    LAYER,
    /// The sum of two activations, perhaps with a clamp.
    SUM,
    /// The product of two activations, perhaps with a clamp.
    PRODUCT,
    /// A {@link Curve} that is more than a clamp.
    CURVE;

    /// Whether PyTorch's eager flow has it.
    boolean isTorchs() {
      return this == LAYER || this == SUM;
    }
  }

  /// Copies the lists.
  public Group {
    dataInputs = List.copyOf(dataInputs);
    behind = List.copyOf(behind);
  }

  static Group of(Kind kind, Node core, Optional<LayerNode> layer, Optional<Node> clamp) {
    List<String> data = layer.map(l -> List.of(l.data())).orElseGet(core::inputs);
    return new Group(kind, core, layer, data, clamp.stream().toList());
  }

  static Group of(Curve curve) {
    List<Node> nodes = curve.nodes();
    return new Group(
        Kind.CURVE,
        nodes.getFirst(),
        Optional.empty(),
        List.of(curve.input()),
        nodes.subList(1, nodes.size()));
  }

  /// Whether it is quantized wherever it stands; the others are where a quantized operator reads
  /// what they make.
  public boolean isQuantizedAnywhere() {
    return kind.isTorchs();
  }

  /// The value that leaves the group.
  public String output() {
    return last().output();
  }

  /// The node that makes the group's output.
  public Node last() {
    return behind.isEmpty() ? layer.map(LayerNode::last).orElse(core) : behind.getLast();
  }

  /// The core and what follows it, in order.
  public List<Node> nodes() {
    List<Node> nodes = new ArrayList<>(List.of(core));
    layer.flatMap(LayerNode::add).ifPresent(nodes::add);
    nodes.addAll(behind);
    return nodes;
  }
}
