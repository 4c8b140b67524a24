package io.octet.internal.pass;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.HashSet;
import java.util.Set;

/// Refuses weights, biases, statistics and scales that are no finite numbers. Other constants may
/// be infinite: a mask that is added often is. Each constant is looked at once, however many nodes
/// read it.
final class CheckConstants {
  private final Graph graph;
  private final Set<String> finite = new HashSet<>();
  private final Set<String> scales = new HashSet<>();

  private CheckConstants(Graph graph) {
    this.graph = graph;
  }

  /// The same graph.
  ///
  /// @throws InvalidModel naming the tensor
  static Graph checked(Graph graph) {
    new CheckConstants(graph).run();
    return graph;
  }

  private void run() {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Quantization) {
        requireScale(node);
      } else if (!node.op().traits().weights().isEmpty()) {
        // A constant that stands where data are is multiplied as well.
        node.inputs().forEach(name -> requireFinite(node, name, "weight"));
      }
    }
  }

  private void requireFinite(Node node, String name, String what) {
    Tensor t = graph.constant(name);
    if (t == null || t.type() != DataType.F32 || !finite.add(name)) {
      return;
    }
    float[] values = t.toFloats();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new InvalidModel(
            what + " \"" + name + "\" of " + node + " holds " + values[i] + " at element " + i);
      }
    }
  }

  private void requireScale(Node node) {
    // A float that is quantized at run time is a weight as well.
    requireFinite(node, node.input(0), "weight");
    if (!node.hasInput(1)) {
      return;
    }
    String name = node.input(1);
    requireFinite(node, name, "scale");
    Tensor scale = graph.constant(name);
    if (scale == null || scale.type() != DataType.F32 || !scales.add(name)) {
      return;
    }
    for (float s : scale.toFloats()) {
      if (!(s > 0)) {
        throw new InvalidModel(
            "scale \"" + name + "\" of " + node + " must be positive, but holds " + s);
      }
    }
  }
}
