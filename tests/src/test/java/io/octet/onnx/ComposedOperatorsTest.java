package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.ReportedModels;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Operators that are read as several others, of ONNX's domain and of ONNX Runtime's: the file,
/// what is written of it, and a session give the same answers.
final class ComposedOperatorsTest {
  /// @param operators what stands in the graph
  private record Composed(String title, OnnxModel model, List<String> operators) {
    @Override
    public String toString() {
      return title;
    }
  }

  private static OnnxModel microsoft() {
    return new OnnxModel(17)
        .model(m -> m.addOpsetImportBuilder().setDomain("com.microsoft").setVersion(1))
        .input("x", 2, 3, 8)
        .input("s", 2, 3, 8)
        .constant("g", new long[] {8}, 1, 2, 0.5f, 1, -1, 1, 3, 1)
        .constant("b", new long[] {8}, 0, 1, 0, -1, 0, 0.5f, 0, 2)
        .constant("c", new long[] {8}, 0.5f, 0, 0.25f, 0, 1, 0, -2, 0);
  }

  private static Composed of(String op, String inputs, String outputs, String... operators) {
    OnnxModel model =
        microsoft()
            .node(op, inputs, outputs)
            .graph(g -> g.getNodeBuilder(0).setDomain("com.microsoft"));
    for (String output : outputs.split(" ")) {
      if (!output.equals("_")) {
        model.openOutput(output);
      }
    }
    return new Composed(op + " of " + inputs + " to " + outputs, model, List.of(operators));
  }

  private static Composed onnx(String title, int opset, Consumer<OnnxModel> change) {
    OnnxModel model =
        new OnnxModel(opset)
            .input("x", 2, 4, 3, 5)
            .constant("g", new long[] {2}, 2, 0.5f)
            .constant("b", new long[] {2}, 1, -1);
    change.accept(model);
    return new Composed(title, model.openOutput("y"), null);
  }

  static Stream<Composed> composed() {
    return Stream.of(
        of("Gelu", "x", "y", "Gelu"),
        of("BiasGelu", "x b", "y", "Add", "Gelu"),
        of("FastGelu", "x", "y", "Gelu"),
        of("FastGelu", "x b", "y", "Add", "Gelu"),
        of("QuickGelu", "x", "y", "Mul", "Sigmoid", "Mul"),
        of("SkipLayerNormalization", "x s g", "y", "Add", "LayerNormalization"),
        of("SkipLayerNormalization", "x s g b c", "y", "Add", "Add", "LayerNormalization"),
        of("SkipLayerNormalization", "x s g b c", "y _ _ z", "Add", "Add", "LayerNormalization"),
        of(
            "SkipSimplifiedLayerNormalization",
            "x s g c",
            "y _ _ z",
            "Add",
            "Add",
            "RMSNormalization"),
        onnx("sum", 13, m -> m.node("Sum", "x x x", "y")),
        onnx("mean", 13, m -> m.node("Mean", "x x", "y")),
        onnx("norm 1", 13, m -> m.node("LpNormalization", "x", "y", attribute("p", 1))),
        onnx("norm 2", 13, m -> m.node("LpNormalization", "x", "y", attribute("axis", 1))),
        onnx("mean and variance", 13, m -> m.node("MeanVarianceNormalization", "x", "y")),
        onnx(
            "groups of opset 18",
            18,
            m -> m.node("GroupNormalization", "x g b", "y", attribute("num_groups", 2))),
        onnx("old softmax", 11, m -> m.node("LogSoftmax", "x", "y", attribute("axis", 2))),
        onnx("old hardmax", 11, m -> m.node("Hardmax", "x", "y")),
        onnx("statistics", 17, ComposedOperatorsTest::statistics));
  }

  private static void statistics(OnnxModel model) {
    model
        .constant("five", new long[] {5}, 1, 2, 3, 4, 5)
        .node("LayerNormalization", "x five", "y _ z", attribute("axis", -1))
        .openOutput("z");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("composed")
  void answersAreOnnxRuntimes(Composed composed) throws Exception {
    byte[] model = composed.model().bytes();
    Graph graph = Onnx.read(model);
    if (composed.operators() != null) {
      List<String> found = graph.nodes().stream().map(n -> n.op().name()).toList();
      assertEquals(composed.operators(), found);
    }
    Map<String, Tensor> inputs = ReportedModels.inputs(graph);
    try (OrtRunner original = new OrtRunner(model);
        OrtRunner written = new OrtRunner(Onnx.toBytes(graph));
        Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> expected = original.run(inputs);
      Answers.assertClose(expected, written.run(inputs), 1e-5, 0);
      Answers.assertClose(expected, session.run(inputs, arena), 1e-5, 0);
    }
  }

  @Test
  void anOperatorOfADomainThatIsNotImportedIsRefused() {
    byte[] model =
        new OnnxModel(17)
            .input("x", 2)
            .node("Gelu", "x", "y")
            .graph(g -> g.getNodeBuilder(0).setDomain("com.microsoft"))
            .openOutput("y")
            .bytes();
    Unsupported e = assertThrows(Unsupported.class, () -> Onnx.read(model));
    assertTrue(
        e.getMessage().contains("Gelu \"y_node\" (com.microsoft, which the model does not import)"),
        e::getMessage);
  }
}
