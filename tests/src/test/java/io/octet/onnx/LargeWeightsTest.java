package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Selection;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.ChildJvm;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Weights of more than one message holds go into a file beside the model, and come back. In a Java
/// of its own, whose heap holds them twice.
class LargeWeightsTest {
  private static final int TABLES = 9;
  private static final long ROWS = 1 << 16;
  private static final long COLUMNS = 1 << 10;
  private static final long BYTES = 4 * ROWS * COLUMNS;

  @TempDir Path folder;

  @Tag("long")
  @Test
  void moreThanTwoGigabytesAreWrittenAndReadBack() throws Exception {
    Path file = folder.resolve("large.onnx");
    List<String> heap = List.of("-Xmx6g");
    String said = ChildJvm.run(List.of(), heap, RoundTrip.class, file.toString()).expect(0);
    assertTrue(Files.size(folder.resolve("large.onnx.data")) > Integer.MAX_VALUE);
    assertTrue(Files.size(file) < 10_000);
    assertEquals(TABLES + " tables came back", said.strip());
  }

  /// Each begins a page behind the one before it, in memory that all share: no two are equal.
  private static Graph tables(MemorySegment memory) {
    Map<String, Tensor> constants = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    List<ValueInfo> outputs = new ArrayList<>();
    for (int i = 0; i < TABLES; i++) {
      constants.put(
          "w" + i,
          Tensor.wrap(DataType.F32, Shape.of(ROWS, COLUMNS), memory.asSlice(i * 4096L, BYTES)));
      nodes.add(new Node("n" + i, new Selection.Gather(0), List.of("w" + i, "ids"), "y" + i));
      outputs.add(new ValueInfo("y" + i, DataType.F32, Shape.of(2, COLUMNS)));
    }
    ValueInfo ids = new ValueInfo("ids", DataType.S64, Shape.of(2));
    return new Graph("tables", List.of(ids), outputs, constants, nodes);
  }

  /// Writes and reads; says how many tables are what they were.
  static final class RoundTrip {
    private RoundTrip() {}

    public static void main(String[] arguments) throws IOException {
      Path file = Path.of(arguments[0]);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(BYTES + TABLES * 4096L);
        for (long i = 0; i < memory.byteSize() / 4; i++) {
          memory.setAtIndex(ValueLayout.JAVA_INT, i, (int) i & 0x3fffffff);
        }
        Graph written = tables(memory);
        Onnx.write(written, file);
        Graph read = Onnx.read(file);
        long same =
            written.initializers().entrySet().stream()
                .filter(w -> read.constant(w.getKey()).data().mismatch(w.getValue().data()) < 0)
                .count();
        System.out.println(same + " tables came back");
      }
    }
  }
}
