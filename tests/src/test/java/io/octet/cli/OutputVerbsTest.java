package io.octet.cli;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.io.Npz;
import io.octet.onnx.Onnx;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Outputs that are no plain new files.
class OutputVerbsTest {
  @TempDir private Path folder;
  private Path model;
  private Path data;

  @BeforeEach
  void writeANetworkAndSamples() throws IOException {
    model = folder.resolve("net.onnx");
    data = folder.resolve("data.npz");
    Onnx.write(sequential(conv2d(3, 16, 3), relu()).input(3, 5, 5), model);
    Npz.write(data, Map.of("input", Tensor.of(new float[4 * 75], 4, 3, 5, 5)));
  }

  @Test
  void quantizeIntoADeviceLeavesItADeviceAndTellsTheSizes() throws Exception {
    Path device = folder.resolve("null");
    Process mknod = new ProcessBuilder("mknod", device.toString(), "c", "1", "3").start();
    assumeTrue(mknod.waitFor() == 0, "only an administrator makes devices");
    Map<String, Object> json = quantize(model, device);
    assertFalse(Files.isRegularFile(device));
    long plain = fileBytes(quantize(model, folder.resolve("net8.onnx")), "int8");
    assertEquals(plain, fileBytes(json, "int8"));
    assertTrue(plain > 0);
  }

  @Test
  void quantizeInPlaceTellsWhatTheFileWas() throws IOException {
    long before = Files.size(model);
    Map<String, Object> json = quantize(model, model);
    assertEquals(before, fileBytes(json, "fp32"));
    assertEquals(Files.size(model), fileBytes(json, "int8"));
    assertTrue(Files.size(model) < before);
  }

  private Map<String, Object> quantize(Path in, Path out) throws IOException {
    return Octet.run("quantize", in, out, "--calibration", data, "--json").expect(Exit.DONE).json();
  }

  private static long fileBytes(Map<String, Object> json, String side) {
    return ((Number) ((Map<?, ?>) json.get(side)).get("file_bytes")).longValue();
  }
}
