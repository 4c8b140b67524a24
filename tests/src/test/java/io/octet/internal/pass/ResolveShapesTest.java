package io.octet.internal.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Shapes that a network computes while it runs become constants where they can be said by one.
final class ResolveShapesTest {
  private static final Dim N = new Dim.Symbol("N");
  private static final Dim T = new Dim.Symbol("T");

  /// A graph over one float input "x", whose nodes are called after their outputs.
  private static final class Net {
    final List<Node> nodes = new ArrayList<>();
    final Map<String, Tensor> constants = new LinkedHashMap<>();
    final Shape x;

    Net(Dim... x) {
      this.x = new Shape(List.of(x));
      constants.put("zero", Tensor.of(new long[] {0}));
      constants.put("one", Tensor.of(new long[] {1}));
      constants.put("first", Tensor.of(new long[] {0}, 1));
      constants.put("rest", Tensor.of(new long[] {-1}, 1));
    }

    Net node(String output, Op op, String... inputs) {
      nodes.add(new Node(output, op, Arrays.asList(inputs), output));
      return this;
    }

    Net list(String name, long... values) {
      constants.put(name, Tensor.of(values, values.length));
      return this;
    }

    /// The size of an axis of x, as a vector of one.
    Net size(String name, String axis) {
      return node(name + ".shape", new Generation.Shape(), "x")
          .node(name + ".size", new Selection.Gather(0), name + ".shape", axis)
          .node(name, new Movement.Unsqueeze(), name + ".size", "first");
    }

    Graph graph(String... outputs) {
      List<ValueInfo> declared =
          Arrays.stream(outputs).map(o -> new ValueInfo(o, DataType.F32, Shape.of())).toList();
      ValueInfo input = new ValueInfo("x", DataType.F32, x);
      Graph graph = new Graph("net", List.of(input), declared, constants, nodes);
      Map<String, ValueInfo> infos = ShapeInference.infer(graph);
      return graph.withOutputs(declared.stream().map(o -> infos.get(o.name())).toList());
    }
  }

  private static Dim dim(long n) {
    return Dim.of(n);
  }

  private static List<String> names(Graph graph) {
    return graph.nodes().stream().map(Node::name).toList();
  }

  /// The rewritten graph, whose outputs have the shapes that they had.
  private static Graph rewritten(Graph graph) {
    Graph done = ResolveShapes.rewrite(graph);
    Map<String, ValueInfo> before = ShapeInference.infer(graph);
    Map<String, ValueInfo> after = ShapeInference.infer(done);
    for (ValueInfo output : graph.outputs()) {
      assertEquals(before.get(output.name()), after.get(output.name()));
    }
    assertSame(done, ResolveShapes.rewrite(done));
    return done;
  }

  private static void target(long[] expected, Graph graph, String node) {
    Node reshape = graph.producer(node);
    assertArrayEquals(expected, graph.constant(reshape.input(1)).toLongs());
  }

  @Test
  void theBatchIsCopiedAndTheRestInferred() {
    Graph graph =
        new Net(N, dim(3), dim(4))
            .size("batch", "zero")
            .node("target", new Movement.Concat(0), "batch", "rest")
            .node("y", new Movement.Reshape(true), "x", "target")
            .graph("y");
    Graph done = rewritten(graph);
    assertEquals(List.of("y"), names(done));
    target(new long[] {0, -1}, done, "y");
    assertEquals("target", done.producer("y").input(1));
    assertEquals(new Movement.Reshape(false), done.producer("y").op());
  }

  @Test
  void aComputedAxisIsInferred() {
    Graph graph =
        new Net(N, T, dim(4))
            .size("batch", "zero")
            .size("steps", "one")
            .list("four", 4)
            .node("flat", new Binary.Mul(), "steps", "four")
            .node("target", new Movement.Concat(0), "batch", "flat")
            .node("y", new Movement.Reshape(false), "x", "target")
            .graph("y");
    Graph done = rewritten(graph);
    assertEquals(List.of("y"), names(done));
    target(new long[] {0, -1}, done, "y");
  }

  @Test
  void numbersAreConstantsWhateverIsFree() {
    Graph graph =
        new Net(N, dim(3), dim(4))
            .size("channels", "one")
            .node("target", new Movement.Concat(0), "rest", "channels")
            .node("y", new Movement.Reshape(false), "x", "target")
            .node("shape", new Generation.Shape(1, 3), "x")
            .graph("y", "shape");
    Graph done = rewritten(graph);
    assertEquals(List.of("y"), names(done));
    target(new long[] {-1, 3}, done, "y");
    assertArrayEquals(new long[] {3, 4}, done.constant("shape").toLongs());
  }

  @Test
  void twoNewFreeAxesAreLeftToThePlan() {
    Net net =
        new Net(N, T, dim(4))
            .size("batch", "zero")
            .size("steps", "one")
            .node("target", new Movement.Concat(0), "steps", "batch", "rest")
            .node("y", new Movement.Reshape(false), "x", "target");
    Graph graph = net.graph("y");
    assertSame(graph, rewritten(graph));
  }

  @Test
  void whatSomebodyElseReadsStays() {
    Graph graph =
        new Net(N, dim(6))
            .size("batch", "zero")
            .list("two", 2)
            .node("target", new Movement.Concat(0), "batch", "two", "rest")
            .node("y", new Movement.Reshape(false), "x", "target")
            .node("z", new Movement.Reshape(false), "x", "target")
            .node("ones", new Generation.ConstantOfShape(DataType.F32, 1), "batch")
            .graph("y", "z", "ones");
    Graph done = rewritten(graph);
    assertEquals(List.of("batch.shape", "batch.size", "batch", "y", "z", "ones"), names(done));
    assertEquals(done.producer("y").input(1), done.producer("z").input(1));
    target(new long[] {0, 2, -1}, done, "z");
  }

  @Test
  void aTargetThatIsAnOutputKeepsItsName() {
    Graph graph =
        new Net(N, dim(6))
            .size("batch", "zero")
            .node("target", new Movement.Concat(0), "batch", "rest")
            .node("y", new Movement.Reshape(false), "x", "target")
            .graph("y", "target");
    Graph done = rewritten(graph);
    assertEquals(graph.nodes().size(), done.nodes().size());
    target(new long[] {0, -1}, done, "y");
    assertEquals("target_1", done.producer("y").input(1));
  }

  @Test
  void truthsAboutSizesAreConstantsToo() {
    Graph graph =
        new Net(dim(2), dim(3))
            .size("rows", "zero")
            .node("truth", new Unary.Cast(DataType.BOOL), "rows")
            .node("y", new Selection.Where(), "truth", "x", "x")
            .graph("y");
    Graph done = rewritten(graph);
    assertEquals(List.of("y"), names(done));
    assertEquals(DataType.BOOL, done.constant("truth").type());
    assertEquals(1, done.constant("truth").getInteger(0));
  }

  @Test
  void aGraphWithoutSuchShapesIsLeftAlone() {
    Graph graph = new Net(N, dim(3)).node("y", new Unary.Relu(), "x").graph("y");
    assertSame(graph, ResolveShapes.rewrite(graph));
  }
}
