package io.octet.internal.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.octet.OctetException;
import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.onnx.Onnx;
import io.octet.testkit.OnnxCase;
import io.octet.testkit.ReportedModels;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every pass of {@link Prepare} keeps to, whatever the graph.
public final class PassTest {
  /// Each pass, behind those before it, finds nothing to do in its own result, and leaves what a
  /// caller sees of the graph alone.
  public static void assertEachPassIsDoneAtItsFirstRun(Graph written) {
    Graph graph = written;
    for (Pass pass : Prepare.PASSES) {
      Graph once = pass.apply(graph);
      assertSame(once, pass.apply(once), pass::name);
      assertEquals(graph.inputs(), once.inputs(), pass::name);
      assertEquals(graph.outputs(), once.outputs(), pass::name);
      Map<String, ValueInfo> before = ShapeInference.infer(graph);
      Map<String, ValueInfo> after = ShapeInference.infer(once);
      for (ValueInfo output : graph.outputs()) {
        assertEquals(before.get(output.name()), after.get(output.name()), pass::name);
      }
      graph = once;
    }
    for (Pass pass : Prepare.PASSES) {
      assertSame(graph, pass.apply(graph), () -> pass + " again, behind all");
    }
  }

  static Stream<Path> reported() throws IOException {
    return ReportedModels.all("matmul_forms").stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("reported")
  void everyFormOfAProductIsPreparedAtOnce(Path file) throws IOException {
    assertEachPassIsDoneAtItsFirstRun(Onnx.read(file));
  }

  /// Every operator, and every form of foreign QDQ.
  static Stream<Path> models() throws IOException {
    return Stream.concat(OnnxCase.all(), OnnxCase.all("onnx-qdq")).map(OnnxCase::model);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void everyModelIsPreparedAtOnce(Path file) throws IOException {
    Graph graph;
    try {
      graph = Onnx.read(file);
    } catch (OctetException e) {
      return; // one of them is there to be refused
    }
    assertEachPassIsDoneAtItsFirstRun(graph);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "io.octet.internal.pass.LayerNodeTest#gemms",
    "io.octet.internal.pass.LayerNodeTest#products",
    "io.octet.internal.pass.LayerNodeTest#sums",
    "io.octet.internal.pass.LayerNodeTest#convolutions"
  })
  void everyFormOfALayerIsPreparedAtOnce(LayerNodeTest.Form form) {
    assertEachPassIsDoneAtItsFirstRun(form.graph());
  }

  @Test
  void networksArePreparedAtOnce() {
    assertEachPassIsDoneAtItsFirstRun(SmallNets.fp32(1));
    assertEachPassIsDoneAtItsFirstRun(SmallNets.int8(1));
  }

  /// Whoever looks for the pass at fault gets their names, and the graphs between them.
  @Test
  void passesHaveNamesAndRunOneByOne() {
    List<String> names = Prepare.PASSES.stream().map(Pass::name).toList();
    assertEquals(names.size(), names.stream().distinct().count());
    Graph net = SmallNets.fp32(1);
    Graph at = net;
    for (Pass pass : Prepare.PASSES) {
      at = pass.apply(at);
    }
    assertEquals(Prepare.prepare(net).graph().nodes(), at.nodes());
  }
}
