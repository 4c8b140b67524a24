package io.octet.internal.pass;

import static io.octet.testkit.OnnxModel.attribute;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.onnx.Onnx;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literally;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.Values;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What exporters write as sums, roots and products is the one operator that it is, and nothing
/// else is taken for it.
class FusePatternsTest {
  /// A network in the words of {@link OnnxModel}: nodes as "Type inputs -> output".
  private record Form(String name, List<String> operators, String... nodes) {
    OnnxModel model() {
      OnnxModel model =
          new OnnxModel(17)
              .input("x", "N", 5, 8)
              .constant("root2", new long[0], 1.4142135f)
              .constant("rootHalf", new long[0], 0.70710677f)
              .constant("half", new long[] {1}, 0.5f)
              .constant("one", new long[0], 1)
              .constant("two", new long[0], 2)
              .constant("three", new long[0], 3)
              .constant("zero", new long[0], 0)
              .constant("six", new long[0], 6)
              .constant("sixth", new long[0], 0.16666667f)
              .constant("cubic", new long[0], 0.044715f)
              .constant("inner", new long[0], 0.7978846f)
              .constant("eps", new long[0], 1e-5f)
              .constant("scale", new long[] {8}, 1, 2, 3, 4, 5, 6, 7, 8)
              .constant("bias", new long[] {1, 1, 8}, 8, 7, 6, 5, 4, 3, 2, 1)
              .constant("perRow", new long[] {5, 1}, 1, 2, 3, 4, 5);
      for (String node : nodes) {
        String[] parts = node.split(" ", 2);
        String[] values = parts[1].split(" -> ");
        switch (parts[0]) {
          case "ReduceMean" ->
              model.node(parts[0], values[0], values[1], attribute("axes", new long[] {-1}));
          case "HardSigmoid6" ->
              model.node("HardSigmoid", values[0], values[1], attribute("alpha", 0.16666667f));
          case "ReduceMean1" ->
              model.node("ReduceMean", values[0], values[1], attribute("axes", new long[] {1}));
          default -> model.node(parts[0], values[0], values[1]);
        }
      }
      return model.openOutput("y");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<String> GELU = List.of("Gelu");
  private static final List<String> HARD_SWISH = List.of("HardSwish");
  private static final List<String> NORM = List.of("LayerNormalization");

  static Stream<Form> forms() {
    return Stream.of(
        new Form(
            "hard swish, as Paddle writes it",
            HARD_SWISH,
            "Add x three -> a",
            "Clip a zero six -> b",
            "Mul x b -> c",
            "Div c six -> y"),
        new Form(
            "hard swish, a sixth first",
            HARD_SWISH,
            "Add three x -> a",
            "Clip a zero six -> b",
            "Mul b sixth -> c",
            "Mul c x -> y"),
        new Form(
            "hard swish, divided first",
            HARD_SWISH,
            "Add x three -> a",
            "Clip a zero six -> b",
            "Div b six -> c",
            "Mul x c -> y"),
        new Form("hard swish, gated", HARD_SWISH, "HardSigmoid6 x -> a", "Mul a x -> y"),
        new Form(
            "another gate", List.of("HardSigmoid", "Mul"), "HardSigmoid x -> a", "Mul a x -> y"),
        new Form(
            "another value is clipped",
            List.of("Add", "Clip", "Mul", "Div"),
            "Add x two -> a",
            "Clip a zero six -> b",
            "Mul x b -> c",
            "Div c six -> y"),
        new Form(
            "gelu, x first",
            GELU,
            "Div x root2 -> a",
            "Erf a -> b",
            "Add b one -> c",
            "Mul x c -> d",
            "Mul d half -> y"),
        new Form(
            "gelu, half of x",
            GELU,
            "Mul rootHalf x -> a",
            "Erf a -> b",
            "Add one b -> c",
            "Mul x half -> d",
            "Mul d c -> y"),
        new Form(
            "gelu, half first",
            GELU,
            "Mul rootHalf x -> a",
            "Erf a -> b",
            "Add one b -> c",
            "Mul half c -> d",
            "Mul d x -> y"),
        new Form(
            "tanh, a power",
            GELU,
            "Pow x three -> a",
            "Mul a cubic -> b",
            "Add x b -> c",
            "Mul c inner -> d",
            "Tanh d -> e",
            "Add e one -> f",
            "Mul x half -> g",
            "Mul g f -> y"),
        new Form(
            "tanh, products",
            GELU,
            "Mul x x -> s",
            "Mul x s -> a",
            "Mul cubic a -> b",
            "Add b x -> c",
            "Mul inner c -> d",
            "Tanh d -> e",
            "Add one e -> f",
            "Mul x f -> g",
            "Mul half g -> y"),
        new Form(
            "tanh, the number first, as jax writes it",
            GELU,
            "Mul cubic x -> a",
            "Mul x a -> s",
            "Mul x s -> b",
            "Add x b -> c",
            "Mul inner c -> d",
            "Tanh d -> e",
            "Add one e -> f",
            "Mul half f -> g",
            "Mul x g -> y"),
        new Form(
            "a fourth power is none",
            List.of("Mul", "Mul", "Mul", "Mul", "Add", "Mul", "Tanh", "Add", "Mul", "Mul"),
            "Mul cubic x -> a",
            "Mul x a -> s",
            "Mul x s -> t",
            "Mul x t -> b",
            "Add x b -> c",
            "Mul inner c -> d",
            "Tanh d -> e",
            "Add one e -> f",
            "Mul half f -> g",
            "Mul x g -> y"),
        new Form(
            "tanh, factored",
            GELU,
            "Mul x inner -> p",
            "Mul x cubic -> a",
            "Mul a x -> b",
            "Add one b -> c",
            "Mul p c -> d",
            "Tanh d -> e",
            "Add e one -> f",
            "Mul f x -> g",
            "Mul g half -> y"),
        new Form(
            "norm",
            NORM,
            "ReduceMean x -> m",
            "Sub x m -> d",
            "Pow d two -> s",
            "ReduceMean s -> v",
            "Add v eps -> e",
            "Sqrt e -> r",
            "Div d r -> n",
            "Mul n scale -> t",
            "Add t bias -> y"),
        new Form(
            "norm with the difference twice, without bias",
            NORM,
            "ReduceMean x -> m",
            "Sub x m -> d",
            "Sub x m -> d2",
            "Mul d d -> s",
            "ReduceMean s -> v",
            "Add eps v -> e",
            "Sqrt e -> r",
            "Div d2 r -> n",
            "Mul scale n -> y"),
        new Form(
            "norm by a reciprocal, without scale",
            NORM,
            "ReduceMean x -> m",
            "Sub x m -> d",
            "Mul d d -> s",
            "ReduceMean s -> v",
            "Add eps v -> e",
            "Sqrt e -> r",
            "Reciprocal r -> i",
            "Mul d i -> y"),
        new Form(
            "scale of another axis stays",
            List.of("LayerNormalization", "Mul"),
            "ReduceMean x -> m",
            "Sub x m -> d",
            "Pow d two -> s",
            "ReduceMean s -> v",
            "Add v eps -> e",
            "Sqrt e -> r",
            "Div d r -> n",
            "Mul n perRow -> y"),
        new Form(
            "axes that are not the last",
            List.of("ReduceMean", "Sub", "Pow", "ReduceMean", "Add", "Sqrt", "Div"),
            "ReduceMean1 x -> m",
            "Sub x m -> d",
            "Pow d two -> s",
            "ReduceMean1 s -> v",
            "Add v eps -> e",
            "Sqrt e -> r",
            "Div d r -> y"),
        new Form(
            "a gelu of two values",
            List.of("Div", "Erf", "Relu", "Add", "Mul", "Mul"),
            "Div x root2 -> a",
            "Erf a -> b",
            "Relu x -> z",
            "Add b one -> c",
            "Mul z c -> d",
            "Mul d half -> y"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void aPatternIsItsOperator(Form form) throws Exception {
    byte[] model = form.model().bytes();
    Graph graph = Prepare.prepare(Onnx.read(model)).graph();
    assertEquals(
        form.operators().stream().sorted().toList(),
        graph.nodes().stream().map(n -> n.op().name()).sorted().toList());
    Tensor x = Tensor.of(Values.floats(80, new SplittableRandom(1)), 2, 5, 8);
    Map<String, Tensor> given = Map.of("x", x);
    float[] expected;
    try (OrtRunner ort = new OrtRunner(model)) {
      expected = ort.run(given).get("y").toFloats();
    }
    assertClose(expected, Literally.run(graph, given).get("y").toFloats());
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(graph))) {
      assertClose(expected, ort.run(given).get("y").toFloats());
    }
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      assertClose(expected, session.run(given, arena).get("y").toFloats());
    }
  }

  private static void assertClose(float[] expected, float[] actual) {
    for (int i = 0; i < expected.length; i++) {
      float e = expected[i];
      float a = actual[i];
      assertTrue(Math.abs(e - a) <= 2e-5 * Math.max(1, Math.abs(e)), () -> e + ", but " + a);
    }
  }

  /// The scores of attention: their scale is the product's.
  @Test
  void aProductTakesInItsScale() throws Exception {
    OnnxModel model =
        new OnnxModel(17)
            .input("q", 2, 3, 5)
            .input("k", 2, 5, 4)
            .constant("scale", new long[0], 4)
            .node("MatMul", "q k", "p")
            .node("Div", "p scale", "y")
            .openOutput("y");
    Map<String, Tensor> given =
        Map.of(
            "q", Tensor.of(Values.floats(30, new SplittableRandom(1)), 2, 3, 5),
            "k", Tensor.of(Values.floats(40, new SplittableRandom(2)), 2, 5, 4));
    Graph graph = Onnx.read(model.bytes());
    float[] expected = Literally.run(graph, given).get("y").toFloats();
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      assertClose(expected, session.run(given, arena).get("y").toFloats());
      assertEquals(List.of("y_node"), session.explain().getFirst().fused());
    }
  }

  @Test
  void whatSomebodyElseReadsStays() throws Exception {
    for (String name : List.of("gelu, x first", "hard swish, as Paddle writes it")) {
      Form form = forms().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
      OnnxModel model = form.model().openOutput("b");
      Graph graph = Prepare.prepare(Onnx.read(model.bytes())).graph();
      assertEquals(form.nodes().length, graph.nodes().size(), name);
    }
  }
}
