package io.octet.onnx;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What TensorRT takes of QuantizeLinear and DequantizeLinear: s8 with zero point 0, constant
/// scales, one for an activation, weights within [-127, 127], and no DequantizeLinear of int32, so
/// that biases are floats.
final class TensorRtProfile {
  private final Graph graph;
  private final Map<String, ValueInfo> values;

  private TensorRtProfile(Graph graph) {
    this.graph = graph;
    this.values = ShapeInference.infer(graph);
  }

  /// The graph as TensorRT takes it: the same values, with biases as floats under their names.
  ///
  /// @throws Unsupported naming the first node that it would refuse
  static Graph of(Graph graph) {
    Graph floats = withFloatBiases(graph);
    TensorRtProfile profile = new TensorRtProfile(floats);
    floats.nodes().forEach(profile::check);
    return floats;
  }

  private static Graph withFloatBiases(Graph graph) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Tensor bias = isBias(graph, node) ? Constants.floats(graph, node.output()) : null;
      if (bias == null) {
        nodes.add(node);
      } else {
        constants.put(node.output(), bias);
      }
    }
    Graph changed = graph.with(constants, nodes);
    constants.keySet().removeIf(name -> changed.consumers(name).isEmpty() && !graph.isOutput(name));
    return graph.with(constants, nodes);
  }

  private static boolean isBias(Graph graph, Node node) {
    return Constants.isQuantized(graph, node.output())
        && graph.constant(node.input(0)).type() == DataType.S32
        && !graph.isOutput(node.output());
  }

  private void check(Node node) {
    if (QdqNodes.isQuantize(node)) {
      check(node, values.get(node.output()).type(), graph.constant(node.input(0)));
    } else if (QdqNodes.isDequantize(node)) {
      Tensor known = graph.constant(node.input(0));
      check(node, values.get(node.input(0)).type(), known);
      if (known != null) {
        requireSymmetric(node, known);
      }
    } else if (!node.op().signature().types().values().stream()
        .allMatch(types -> types.contains(DataType.F32) || !types.contains(DataType.U8))) {
      throw refused(node, "it computes on 8-bit integers itself");
    }
  }

  /// @param known the constant that the node reads, or null
  private void check(Node node, DataType type, Tensor known) {
    if (type != DataType.S8) {
      throw refused(node, "its integers are " + type + ", and must be s8");
    }
    QuantParams params = QdqNodes.params(graph, node, type);
    if (params == null) {
      throw refused(node, "its scale or zero point is not constant");
    }
    if (!params.isSymmetric()) {
      throw refused(node, "its zero point is not 0: " + params);
    }
    for (float scale : params.scales()) {
      if (!(scale > 0) || Float.isInfinite(scale)) {
        throw refused(node, "its scale is " + scale);
      }
    }
    if (known == null && !params.isPerTensor()) {
      throw refused(node, "an activation has one scale, not " + params.scales().length);
    }
  }

  private static void requireSymmetric(Node node, Tensor weights) {
    byte[] all = weights.toBytes();
    for (int i = 0; i < all.length; i++) {
      if (all[i] == Byte.MIN_VALUE) {
        throw refused(node, "weight " + i + " is -128, and must be within [-127, 127]");
      }
    }
  }

  private static Unsupported refused(Node node, String why) {
    return new Unsupported(
        node
            + ": TensorRT does not take it: "
            + why
            + ". Quantize for the profile: --profile tensorrt, or QConfig.Activations.SYMMETRIC");
  }
}
