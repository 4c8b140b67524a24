package io.octet.cli;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.onnx.Onnx;
import io.octet.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `octet quantize --dynamic`.
class DynamicOptionTest {
  @TempDir private Path folder;
  private Path model;
  private Path out;

  @BeforeEach
  void writeANetwork() throws IOException {
    model = folder.resolve("net.onnx");
    out = folder.resolve("net8.onnx");
    Onnx.write(
        sequential(linear(40, 64), relu(), linear(64, 10)).input(Shape.batched("N", 40)), model);
  }

  @Test
  void itNeedsNoSamples() throws IOException {
    Map<String, Object> json =
        Octet.run("quantize", model, out, "--dynamic", "--json").expect(Exit.DONE).json();
    assertEquals(2, json.get("dynamic_weights"));
    assertTrue(Files.size(out) < Files.size(model) / 2);
    String text = Octet.run("quantize", model, out, "--dynamic").expect(Exit.DONE).out();
    assertTrue(text.contains("2 linear layers"), text);
    assertTrue(text.contains("smaller") || text.contains("x"), text);
    Map<String, Object> explained = Octet.run("explain", out, "--json").expect(Exit.DONE).json();
    assertTrue(explained.toString().contains("int8"), explained::toString);
    assertEquals(
        "int8",
        Octet.run("bench", out, "--seconds", 0.01, "--json").expect(Exit.DONE).json().get("dtype"));
  }

  @Test
  void withoutSamplesTheVerbNamesBothWays() {
    String err = Octet.run("quantize", model, out).expect(Exit.USAGE).err();
    assertTrue(err.contains("--calibration DATA"), err);
    assertTrue(err.contains("--dynamic"), err);
    assertFalse(Files.exists(out));
  }

  @Test
  void whatIsForSamplesIsRefused() {
    for (List<Object> more :
        List.<List<Object>>of(
            List.of("--calibration", folder),
            List.of("--observer", "min_max"),
            List.of("--table", folder.resolve("t.json")),
            List.of("--profile", "tensorrt"))) {
      String err =
          Octet.run(
                  "quantize",
                  model,
                  out,
                  "--dynamic",
                  more.stream().map(Object::toString).toArray(String[]::new))
              .expect(Exit.USAGE)
              .err();
      assertTrue(err.contains("--dynamic takes no samples"), err);
    }
  }

  @Test
  void aNetworkOfConvolutionsIsRefused() throws IOException {
    Onnx.write(sequential(conv2d(3, 4, 3), relu()).input(3, 8, 8), model);
    String err = Octet.run("quantize", model, out, "--dynamic").expect(Exit.REFUSED).err();
    assertTrue(err.contains("no linear layer"), err);
    assertFalse(Files.exists(out));
  }
}
