package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.io.Npz;
import io.octet.onnx.Onnx;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `--fallback`, on a model that falls back everywhere: two sums of quantized values that have no
/// range of their own, behind them a node that no model quantizes.
class FallbackOptionTest {
  @TempDir Path folder;
  private Path model;
  private Path data;
  private Path labels;

  @BeforeEach
  void writeTheModel() throws IOException {
    ValueInfo x = new ValueInfo("x", DataType.F32, Shape.of(1, 4));
    List<Node> nodes =
        List.of(
            new Node(
                "q", new Quantization.QuantizeLinear(0, DataType.S8), List.of("x", "s", "z"), "q"),
            new Node("dq", new Quantization.DequantizeLinear(0), List.of("q", "s", "z"), "dq"),
            new Node("first", new Binary.Add(), List.of("dq", "dq"), "a"),
            new Node("second", new Binary.Add(), List.of("dq", "dq"), "b"),
            new Node("product", new Binary.Mul(), List.of("a", "b"), "y"));
    Map<String, Tensor> constants =
        Map.of("s", Tensor.scalar(0.5f), "z", Tensor.of(DataType.S8, new byte[] {0}));
    List<ValueInfo> outputs = List.of(new ValueInfo("y", DataType.F32, Shape.of(1, 4)));
    Graph graph = new Graph("sums", List.of(x), outputs, constants, nodes);
    ShapeInference.infer(graph);
    model = folder.resolve("sums.onnx");
    data = folder.resolve("x.npz");
    labels = folder.resolve("labels.npz");
    Onnx.write(graph, model);
    Npz.write(data, Map.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)));
    Npz.write(labels, Map.of("labels", Tensor.of(new int[] {3}, 1)));
  }

  private Octet.Outcome run(String verb, Object... more) {
    String[] own =
        switch (verb) {
          case "run" ->
              new String[] {"--input", data.toString(), "--output", folder.resolve("y.npz") + ""};
          case "eval" ->
              new String[] {"--data", data.toString(), "--labels", labels.toString(), "--batch=1"};
          case "bench" -> new String[] {"--seconds", "0.01"};
          default -> new String[0];
        };
    Object[] all = new Object[3 + more.length];
    all[0] = verb;
    all[1] = model;
    all[2] = own;
    System.arraycopy(more, 0, all, 3, more.length);
    return Octet.run(all);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "eval", "bench", "explain"})
  void oneLineWarnsUnlessItIsAllowed(String verb) {
    for (Octet.Outcome warned : List.of(run(verb), run(verb, "--fallback", "warn"))) {
      assertEquals(1, warned.expect(Exit.DONE).err().lines().count(), warned::toString);
      assertTrue(warned.err().startsWith("2 nodes fall back to FP32 here: "), warned::err);
    }
    assertEquals("", run(verb, "--fallback", "allow").expect(Exit.DONE).err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "eval", "bench", "explain"})
  void failRefusesWithAllOfThemGroupedByReason(String verb) throws IOException {
    Octet.Outcome failed = run(verb, "--fallback=fail").expect(Exit.REFUSED);
    assertTrue(failed.err().contains("[first, second]: missing_range: "), failed::err);
    assertFalse(failed.err().contains("product"), failed::err);
    assertEquals("", failed.out());
    Map<?, ?> error =
        (Map<?, ?>) run(verb, "--fallback=fail", "--json").expect(Exit.REFUSED).json().get("error");
    assertEquals(Exit.REFUSED, error.get("exit"));
    assertTrue(error.get("message").toString().contains("[first, second]"), error::toString);
  }

  @Test
  void anotherWordIsUsage() {
    Octet.Outcome outcome = run("explain", "--fallback", "maybe").expect(Exit.USAGE);
    assertTrue(outcome.err().contains("allow, warn or fail"), outcome::err);
  }

  @Test
  void explainTellsAFallbackFromWhatTheModelLeavesInFloat() throws IOException {
    List<?> nodes = (List<?>) run("explain", "--json").expect(Exit.DONE).json().get("nodes");
    for (Object row : nodes) {
      Map<?, ?> node = (Map<?, ?>) row;
      boolean sum = node.get("op").equals("Add");
      assertEquals(sum, node.get("fell_back"), row::toString);
      if (node.get("dtype").equals("fp32") && node.get("fallback") != null) {
        String code = (String) ((Map<?, ?>) node.get("fallback")).get("code");
        assertEquals(sum ? "missing_range" : "not_quantized", code, row::toString);
      }
    }
    String text = run("explain").out();
    assertTrue(text.contains("fall back to FP32, though the model quantizes them:"), text);
    assertTrue(text.indexOf("FP32 by the model:") > text.indexOf("fall back to FP32"), text);
  }
}
