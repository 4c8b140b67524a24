package io.octet.testkit;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.reference.Reference;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs a graph node by node through {@link Reference}: no pass, no kernel, no plan.
public final class Literally {
  private Literally() {}

  /// The outputs by name.
  public static Map<String, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
    Map<String, Shape> shapes = new HashMap<>();
    inputs.forEach((name, t) -> shapes.put(name, t.shape()));
    Map<String, ValueInfo> infos = ShapeInference.infer(graph, shapes);
    Map<String, Tensor> values = new HashMap<>(graph.initializers());
    values.putAll(inputs);
    for (Node node : graph.nodes()) {
      List<Tensor> in =
          Arrays.asList(node.inputs().stream().map(values::get).toArray(Tensor[]::new));
      List<Tensor> out =
          node.outputs().stream().filter(infos::containsKey).map(o -> blank(infos.get(o))).toList();
      Reference.evaluate(node.op(), in, out);
      for (int i = 0; i < out.size(); i++) {
        values.put(node.outputs().get(i), out.get(i));
      }
    }
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    graph.outputs().forEach(o -> outputs.put(o.name(), values.get(o.name())));
    return outputs;
  }

  /// A tensor of that type and shape, full of ones so that nothing is right by chance.
  public static Tensor blank(ValueInfo info) {
    byte[] bytes = new byte[Math.toIntExact(info.shape().elements() * info.type().bytes())];
    Arrays.fill(bytes, (byte) 1);
    return Tensor.wrap(info.type(), info.shape(), MemorySegment.ofArray(bytes));
  }
}
