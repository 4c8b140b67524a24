package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.octet.graph.Graph;
import io.octet.graph.op.Movement;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.select.Registry;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a kernel would read is made once a backend has accepted that kernel, not to ask for it.
class AskingEmitsNothingTest {
  private static final Registry JVM = Registry.of(List.of(new JvmBackend()));

  private final QdqNet net = new QdqNet();

  /// Stored int8, row-major, [1, 4, 6, 6], and dequantized.
  private String image(String name) {
    String flat = net.input(name, 1, 144);
    String stored = net.quantize(name + ".q", flat, DataType.S8, 0.03f, 0);
    net.constant(name + ".shape", Tensor.of(new long[] {1, 4, 6, 6}, 4));
    String image = net.node(name + ".image", new Movement.Reshape(false), stored, name + ".shape");
    net.scale(image, 0.03f);
    net.zero(image, DataType.S8, 0);
    return net.dequantize(name + ".dq", image);
  }

  private static List<String> ops(Compiled compiled) {
    return compiled.rows().stream().map(NodePlan::op).toList();
  }

  @Test
  void aConvolutionThatNobodyRunsInInt8LeavesNoReorder() {
    Graph graph = net.graph(net.conv("conv", image("x"), 4, 8, 3));
    Map<String, Tensor> inputs = Map.of("x", QdqNet.image(1, 1, 144));
    try (Compiled compiled = new Compiled(graph, JVM, CompileOptions.DEFAULT, inputs)) {
      assertEquals(
          List.of("QuantizeLinear", "Reshape", "DequantizeLinear", "Conv", "Reorder"),
          ops(compiled));
      // A step each but for the view; the last makes the output row-major.
      assertEquals(
          List.of("x.q", "x.dq", "conv", "conv"), compiled.labels(), compiled.rows()::toString);
      assertFalse(compiled.row("conv").int8());
      assertEquals(List.of(), compiled.unread());
    }
  }
}
