package io.octet.internal.pass;

import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Nodes that quantization treats as one: what lies between them is never rounded to 8 bits.
///
/// @param core a Conv, Gemm or MatMul with constant weights, or an Add of two activations
/// @param bias for a MatMul, the Add of a constant for each column that follows it; every other
///   bias is an input of the core
/// @param activation the Relu or Clip that follows
public record Group(Node core, Optional<Node> bias, Optional<Node> activation) {
  /// The value that leaves the group.
  public String output() {
    return last().output();
  }

  /// The node that makes the group's output.
  public Node last() {
    return activation.or(() -> bias).orElse(core);
  }

  /// The core and what follows it, in order.
  public List<Node> nodes() {
    List<Node> nodes = new ArrayList<>(List.of(core));
    bias.ifPresent(nodes::add);
    activation.ifPresent(nodes::add);
    return nodes;
  }

  /// The activations that enter the group: an Add's two, otherwise one.
  public List<String> dataInputs() {
    return core.op() instanceof Binary.Add ? core.inputs() : List.of(core.input(0));
  }

  /// Whether this is the sum of two activations.
  public boolean isAdd() {
    return core.op() instanceof Binary.Add;
  }

  /// Whether the output cannot be negative: it leaves a Relu, or a Clip from 0 or above.
  public boolean isNonNegative() {
    return activation.map(Groups::isNonNegative).orElse(false);
  }
}
