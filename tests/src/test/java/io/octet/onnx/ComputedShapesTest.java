package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.runtime.Session;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Shapes that a model computes from free axes: known as expressions where they are sums, products
/// and quotients of them, and in any case right when the model runs, for several sizes in turn.
final class ComputedShapesTest {
  private static final Random RANDOM = new Random(20260101);

  private static Tensor random(long... sizes) {
    float[] values = new float[(int) Shape.of(sizes).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) RANDOM.nextGaussian();
    }
    return Tensor.of(values, sizes);
  }

  /// The model, the file that Octet writes of it, and that file read again answer as ONNX Runtime
  /// does, and have the same shapes.
  private static Graph assertRuns(OnnxModel model, long[]... shapes) throws Exception {
    Graph graph = Onnx.read(model.bytes());
    byte[] written = Onnx.toBytes(graph);
    Graph again = Onnx.read(written);
    assertEquals(infos(graph.inputs()), infos(again.inputs()));
    assertEquals(infos(graph.outputs()), infos(again.outputs()));
    try (OrtRunner original = new OrtRunner(model.bytes());
        OrtRunner rewritten = new OrtRunner(written);
        Session session = Session.open(graph);
        Session reread = Session.open(again)) {
      for (long[] shape : shapes) {
        Map<String, Tensor> inputs = Map.of("x", random(shape));
        Map<String, Tensor> expected = original.run(inputs);
        try (Arena arena = Arena.ofConfined()) {
          Answers.assertClose(expected, rewritten.run(inputs), 1e-5, 0);
          Answers.assertClose(expected, session.run(inputs, arena), 1e-5, 0);
          Answers.assertClose(expected, reread.run(inputs, arena), 1e-5, 0);
        }
      }
    }
    return graph;
  }

  private static List<String> infos(List<ValueInfo> values) {
    return values.stream().map(ValueInfo::toString).toList();
  }

  /// `size` is axis `axis` of x, a vector of one.
  private static OnnxModel axis(OnnxModel model, String size, long axis) {
    return model
        .longs(size + "_axis", axis)
        .node("Gather", "shape " + size + "_axis", size, attribute("axis", 0));
  }

  @Test
  void aMultipleOfAFreeAxisIsAnAxis() throws Exception {
    OnnxModel model =
        new OnnxModel(17)
            .input("x", "N", 6, 4)
            .longs("two", 2)
            .longs("twelve", 12)
            .node("Shape", "x", "shape");
    axis(model, "n", 0)
        .node("Mul", "n two", "n2")
        .node("Concat", "n2 twelve", "target", attribute("axis", 0))
        .node("Relu", "x", "r")
        .node("Reshape", "r target", "y")
        .openOutput("y");
    Graph graph = assertRuns(model, new long[] {3, 6, 4}, new long[] {5, 6, 4});
    Shape y = graph.outputs().getFirst().shape();
    assertEquals("[14,12]", y.bind(Map.of("N", 7L)).toString());
  }

  @Test
  void twoFreeAxesMayChangePlaces() throws Exception {
    OnnxModel model = new OnnxModel(17).input("x", "A", "B").node("Shape", "x", "shape");
    axis(axis(model, "a", 0), "b", 1)
        .node("Concat", "b a", "target", attribute("axis", 0))
        .node("Reshape", "x target", "y")
        .openOutput("y");
    Graph graph = assertRuns(model, new long[] {3, 2}, new long[] {1, 7});
    assertEquals("[B,A]", graph.outputs().getFirst().shape().toString());
  }

  /// The heads of an attention, as BERT splits and joins them: batch and length are free.
  private static OnnxModel heads(boolean computed) {
    OnnxModel model =
        new OnnxModel(17)
            .input("x", "batch", "length", 24)
            .longs("heads", 12)
            .longs("width", 2)
            .longs("all", 24);
    if (computed) {
      axis(axis(model.node("Shape", "x", "shape"), "b", 0), "s", 1)
          .node("Mul", "heads width", "hidden")
          .node("Concat", "b s heads width", "split", attribute("axis", 0))
          .node("Concat", "b s hidden", "join", attribute("axis", 0));
    } else {
      model.longs("split", 0, 0, 12, 2).longs("join", 0, 0, 24);
    }
    return model
        .node("Reshape", "x split", "q")
        .node("Transpose", "q", "qt", attribute("perm", new long[] {0, 2, 1, 3}))
        .node("Transpose", "q", "kt", attribute("perm", new long[] {0, 2, 3, 1}))
        .node("MatMul", "qt kt", "scores")
        .node("Softmax", "scores", "p")
        .node("MatMul", "p qt", "z")
        .node("Transpose", "z", "zt", attribute("perm", new long[] {0, 2, 1, 3}))
        .node("Reshape", "zt join", "y")
        .openOutput("y");
  }

  @Test
  void headsAreSplitAndJoinedOverFreeBatchAndLength() throws Exception {
    for (boolean computed : new boolean[] {false, true}) {
      Graph graph = assertRuns(heads(computed), new long[] {2, 5, 24}, new long[] {1, 9, 24});
      assertEquals("[batch,length,24]", graph.outputs().getFirst().shape().toString());
    }
  }

  /// A quotient that is no whole number for every size.
  @Test
  void aHalfOfAFreeAxisIsAnAxis() throws Exception {
    OnnxModel model =
        new OnnxModel(17)
            .input("x", "N", 2)
            .longs("two", 2)
            .longs("rest", -1)
            .node("Shape", "x", "shape");
    axis(model, "n", 0)
        .node("Div", "n two", "half")
        .node("Concat", "half rest", "target", attribute("axis", 0))
        .node("Reshape", "x target", "y")
        .openOutput("y");
    Graph graph = assertRuns(model, new long[] {4, 2}, new long[] {6, 2});
    assertEquals("[3,4]", graph.outputs().getFirst().shape().bind(Map.of("N", 6L)).toString());
  }

  @Test
  void aComputedShapeMayBeAnOutput() throws Exception {
    OnnxModel model =
        new OnnxModel(17)
            .input("x", "N", 2)
            .longs("two", 2)
            .node("Shape", "x", "shape")
            .node("Mul", "shape two", "y")
            .openOutput("y");
    Graph graph = assertRuns(model, new long[] {3, 2}, new long[] {5, 2});
    assertEquals("y s64[2]", graph.outputs().getFirst().toString());
  }
}
