package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.cpu.Cpu;
import io.octet.graph.Graph;
import io.octet.io.Npz;
import io.octet.onnx.Onnx;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.Measured;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.Machine;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--measure`, and how layers that FP32 won by it are shown.
class MeasureOptionTest {
  private static final String TEXT = "FP32 takes 41.0 us with its conversions, int8 58.2 us";
  private static final Graph NET = SmallNets.int8(1);

  @TempDir Path folder;

  @BeforeEach
  void needInt8() {
    Machine.requireInt8();
  }

  private static List<NodeReport> nodes() {
    try (Session session = Measured.open(NET, FallbackPolicy.FAIL, Measured.FP32_WINS)) {
      return session.explain();
    }
  }

  @Test
  void explainShowsThemUnderAHeadingOfTheirOwn() {
    String text = ExplainVerb.text(nodes(), Cpu.verdict());
    assertTrue(
        text.contains("FP32 by measurement, for it is faster here:\n  slower_than_fp32, " + TEXT),
        text);
    assertTrue(text.contains("0 of 4 layers with weights run in int8."), text);
    assertFalse(text.contains("fall back to FP32"), text);
  }

  @Test
  void jsonHasTheCodeAndBothTimes() {
    List<Map<String, Object>> layers =
        nodes().stream().filter(n -> n.op().equals("Conv")).map(n -> ExplainVerb.json(n)).toList();
    assertEquals(3, layers.size());
    for (Map<String, Object> layer : layers) {
      assertEquals(Map.of("code", "slower_than_fp32", "text", TEXT), layer.get("fallback"));
      assertEquals(false, layer.get("fell_back"));
      assertEquals("fp32", layer.get("dtype"));
    }
  }

  @Test
  void everyVerbThatRunsAModelTakesIt() throws IOException {
    Path model = folder.resolve("net8.onnx");
    Path data = folder.resolve("x.npz");
    Path labels = folder.resolve("labels.npz");
    Onnx.write(NET, model);
    Npz.write(data, Map.of("input", SmallNets.image(2, 3)));
    Npz.write(labels, Map.of("labels", Tensor.of(new int[2], 2)));
    Object[][] commands = {
      {"explain", model},
      {"bench", model, "--seconds", "0.01"},
      {"run", model, "--input", data, "--output", folder.resolve("y.npz")},
      {"eval", model, "--data", data, "--labels", labels}
    };
    for (Object[] command : commands) {
      Object[] all = java.util.Arrays.copyOf(command, command.length + 2);
      all[command.length] = "--measure";
      all[command.length + 1] = "--fallback=fail";
      Octet.run(all).expect(Exit.DONE);
    }
  }
}
