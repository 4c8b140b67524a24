package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the README promises of `octet demo`, and the same network through the other verbs.
class DemoVerbTest {
  @TempDir Path folder;

  @Test
  void theDemoKeepsItsPromises() throws IOException {
    Path report = folder.resolve("report.html");
    Map<String, Object> json =
        Octet.run("demo", "--report", report, "--json").expect(Exit.DONE).json();
    Map<?, ?> fp32 = (Map<?, ?>) json.get("fp32");
    Map<?, ?> int8 = (Map<?, ?>) json.get("int8");
    assertEquals(Set.of("top1", "bytes", "file_bytes", "p50_ms"), fp32.keySet());
    assertEquals(fp32.keySet(), int8.keySet());
    assertEquals(0.9367, number(fp32, "top1"), 0.0003);
    assertTrue(number(int8, "top1") >= 0.935, json::toString);
    assertTrue(number(json, "agreement") >= 0.98, json::toString);
    assertTrue(number(fp32, "bytes") >= 3.85 * number(int8, "bytes"), json::toString);
    assertTrue(number(fp32, "file_bytes") >= 3.3 * number(int8, "file_bytes"), json::toString);
    if (Cpu.verdict().path() == Verdict.Path.INT8_VNNI) {
      assertTrue(number(int8, "p50_ms") < number(fp32, "p50_ms"), json::toString);
    }
    assertEquals(report.toString(), json.get("report"));
    assertSelfContained(Files.readString(report));
  }

  private static void assertSelfContained(String html) {
    for (String part : new String[] {"/0/Conv", "<svg", "93.67%", "prefers-color-scheme: dark"}) {
      assertTrue(html.contains(part), part);
    }
    for (String part :
        new String[] {"http:", "https:", "<script", "<link", "@import", "{{", "NaN"}) {
      assertFalse(html.contains(part), part);
    }
  }

  @Test
  void aFewImagesAreEnoughForALook() throws IOException {
    Path report = folder.resolve("report.html");
    Octet.Outcome outcome =
        Octet.run("demo", "--images", 300, "--seconds", 0.3, "--report", report).expect(Exit.DONE);
    assertTrue(outcome.out().contains("/11/a/a.3/Conv"), outcome.out());
    assertTrue(outcome.out().contains("top-1 accuracy"), outcome.out());
    assertEquals("", outcome.err());
    Octet.run("demo", "--images", 0).expect(Exit.USAGE);
    Octet.run("demo", "--images", 10_001).expect(Exit.USAGE);
  }

  @Test
  void theSameNetworkGoesThroughTheOtherVerbs() throws IOException {
    Path model = Octet.demoFile(folder, "fashion_resnet20.onnx");
    Path training = Octet.demoFile(folder, "train512-images-idx3-ubyte.gz");
    Path images = Octet.demoFile(folder, "t10k-images-idx3-ubyte.gz");
    Path labels = Octet.demoFile(folder, "t10k-labels-idx1-ubyte.gz");
    Path int8 = folder.resolve("int8.onnx");
    Octet.run("quantize", model, int8, "--calibration", training, Octet.FASHION).expect(Exit.DONE);
    Map<String, Object> json =
        Octet.run("eval", int8, "--data", images, "--labels", labels, Octet.FASHION, "--json")
            .expect(Exit.DONE)
            .json();
    assertTrue(number(json, "top1") >= 0.935, json::toString);
    assertEquals(10_000, json.get("count"));
    if (Cpu.verdict().path() == Verdict.Path.INT8_VNNI) {
      assertEquals("int8", json.get("dtype"));
    }
  }

  private static double number(Map<?, ?> json, String key) {
    return ((Number) json.get(key)).doubleValue();
  }
}
