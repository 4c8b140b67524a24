package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.op.Normalization;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Nodes that have no kernel of their own run as they are defined, and say so.
class LiteralStepsTest {
  private final QdqNet net = new QdqNet();

  @Test
  void aBatchNormWhoseParametersArriveAtRunTimeRuns() {
    String x = net.input("x", 1, 3, 2, 2);
    String y =
        net.node(
            "it",
            new Normalization.BatchNormalization(1e-5f),
            x,
            net.input("scale", 3),
            net.constant("shift", Tensor.of(new float[] {1, 2, 3}, 3)),
            net.constant("mean", Tensor.of(new float[] {0, 0, 1}, 3)),
            net.constant("variance", Tensor.of(new float[] {1 - 1e-5f, 1 - 1e-5f, 4}, 3)));
    Graph graph = net.graph(y);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", QdqNet.image(1, 1, 3, 2, 2));
    inputs.put("scale", Tensor.of(new float[] {1, 2, 4}, 3));
    float[] expected = inputs.get("x").toFloats();
    for (int i = 0; i < expected.length; i++) {
      expected[i] =
          i < 4 ? expected[i] + 1 : i < 8 ? 2 * expected[i] + 2 : 2 * (expected[i] - 1) + 3;
    }
    try (Compiled compiled = new Compiled(graph, "jvm", CompileOptions.DEFAULT, inputs)) {
      assertArrayEquals(expected, compiled.run(inputs).get(y).toFloats(), 1e-4f);
      NodePlan row = compiled.row("it");
      assertEquals("literal", row.kernel());
      assertEquals("not_quantized", row.code().code());
    }
  }
}
