package io.octet.graph;

import io.octet.graph.op.Op;
import io.octet.graph.op.Signature;
import io.octet.graph.op.Traits;
import java.util.List;
import java.util.stream.IntStream;

/// One operator of a {@link Graph}, over named values.
///
/// @param name what reports and errors call it; unique within its graph
/// @param op what it computes
/// @param inputs names of values, in ONNX's order; "" is an optional input that is absent
/// @param outputs names of the values it makes; the first is the result
public record Node(String name, Op op, List<String> inputs, List<String> outputs) {
  /// Copies the lists.
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    if (outputs.isEmpty()) {
      throw new IllegalArgumentException("node \"" + name + "\" has no output");
    }
  }

  /// A node with one output.
  public Node(String name, Op op, List<String> inputs, String output) {
    this(name, op, inputs, List.of(output));
  }

  /// The name of input `index`, or "" where it is absent.
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /// Whether input `index` is there.
  public boolean hasInput(int index) {
    return !input(index).isEmpty();
  }

  /// The inputs whose elements the result's may be, where the operator picks or averages them:
  /// those of the result's type variable.
  public List<String> data() {
    Signature signature = op.signature();
    return IntStream.range(0, inputs.size())
        .filter(i -> hasInput(i) && signature.isData(i))
        .mapToObj(inputs::get)
        .toList();
  }

  /// Whether the result is the node's only input as it stands.
  public boolean isCopy() {
    Traits traits = op.traits();
    return traits.values() == Traits.Values.PICKED
        && traits.axes() == Traits.Axes.ELEMENTWISE
        && inputs.size() == 1;
  }

  /// The name of the result.
  public String output() {
    return outputs.getFirst();
  }

  /// How errors name this node: `Conv "layer1.conv"`.
  @Override
  public String toString() {
    return op.name() + " \"" + name + "\"";
  }
}
