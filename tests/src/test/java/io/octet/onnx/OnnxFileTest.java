package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.octet.graph.Graph;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files appear whole or not at all.
final class OnnxFileTest {
  @TempDir Path folder;

  private static Graph net() throws IOException {
    return Onnx.read(OnnxCase.named("net_residual_17").model());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void aFileIsWrittenAndNothingElse() throws IOException {
    Path file = folder.resolve("net.onnx");
    Onnx.write(net(), file);
    assertEquals(List.of(file), files());
    Answers.assertSame(net(), Onnx.read(file));
  }

  @Test
  void anExistingFileIsReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("net.onnx"), "old");
    Onnx.write(net(), file);
    assertEquals(List.of(file), files());
    assertArrayEquals(Onnx.toBytes(net()), Files.readAllBytes(file));
  }

  @Test
  void aPlaceThatCannotBeWrittenKeepsWhatItHas() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("net.onnx").resolve("inside"));
    assertThrows(IOException.class, () -> Onnx.write(net(), taken.getParent()));
    assertEquals(List.of(taken.getParent()), files());
  }
}
