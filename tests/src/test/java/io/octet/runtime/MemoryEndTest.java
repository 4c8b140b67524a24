package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.OctetException;
import io.octet.graph.Graph;
import io.octet.tensor.Tensor;
import io.octet.testkit.ChildJvm;
import io.octet.testkit.Machine;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The end of native memory is an exception, and passes when sessions are closed: in a process of
/// its own, whose address space is limited.
class MemoryEndTest {
  @BeforeEach
  void onlyWhereTheAddressSpaceCanBeLimited() {
    Machine.requireInt8();
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "SKIPPED: needs bash's ulimit -v");
  }

  /// Opens sessions and keeps them until memory ends; closes them; opens one more.
  static final class Filling {
    private static final int PLENTY = 10_000;
    private static final long LEFT = 144L << 20;

    private Filling() {}

    /// @param arguments the limit in KiB, and how often
    public static void main(String[] arguments) throws IOException {
      Graph graph = SmallNets.int8(1);
      float[] expected = run(graph);
      try (Arena ballast = Arena.ofShared()) {
        takeAddresses(ballast, (Long.parseLong(arguments[0]) << 10) - size() - LEFT);
        for (int round = 0; round < Integer.parseInt(arguments[1]); round++) {
          System.out.println(fill(graph));
          System.out.println("the same answer: " + Arrays.equals(expected, run(graph)));
        }
      }
    }

    /// So that the end is near: a file without content, mapped and never read.
    private static void takeAddresses(Arena arena, long bytes) throws IOException {
      Path file = Files.createTempFile("ballast", "");
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(bytes);
        sparse.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
      } finally {
        Files.delete(file);
      }
    }

    /// The address space that this process has taken.
    private static long size() throws IOException {
      String kilobytes =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("VmSize:"))
              .findFirst()
              .orElseThrow()
              .replaceAll("[^0-9]", "");
      return Long.parseLong(kilobytes) << 10;
    }

    /// What ended it.
    private static String fill(Graph graph) {
      Deque<Session> open = new ArrayDeque<>();
      Tensor batch = SmallNets.image(100, 3);
      Tensor scores = Tensor.of(new float[1000], 100, 10);
      try {
        while (open.size() < PLENTY) {
          open.push(Session.open(graph));
          open.peek().bind(Map.of("input", batch), Map.of("output", scores));
        }
        return "memory never ended";
      } catch (OutOfMemoryError | OctetException e) {
        return "after " + open.size() + ": " + e;
      } finally {
        open.forEach(Session::close);
      }
    }

    private static float[] run(Graph graph) {
      try (Session session = Session.open(graph);
          Arena arena = Arena.ofConfined()) {
        return session.run(Map.of("input", SmallNets.image(2, 3)), arena).get("output").toFloats();
      }
    }
  }

  /// Runs it where the process may have so much address space.
  private static List<String> limited(long kilobytes, String backend, int rounds) {
    List<String> wrapper =
        List.of("/bin/bash", "-c", "ulimit -v " + kilobytes + "; exec \"$@\"", "bash");
    List<String> options =
        List.of(
            "-Xmx256m",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:CompressedClassSpaceSize=64m",
            "-XX:+UseSerialGC",
            "-XX:MaxDirectMemorySize=100g",
            "-Doctet.backend=" + backend);
    return ChildJvm.run(
            wrapper, options, Filling.class, Long.toString(kilobytes), Integer.toString(rounds))
        .expect(0)
        .lines()
        .toList();
  }

  private static void assertEndsAndPasses(List<String> lines, int rounds) {
    assertEquals(2 * rounds, lines.size(), lines::toString);
    for (int i = 0; i < rounds; i++) {
      assertTrue(lines.get(2 * i).matches("after [0-9]{2,}: .*"), lines::toString);
      assertTrue(lines.get(2 * i).contains("memory"), lines::toString);
      assertEquals("the same answer: true", lines.get(2 * i + 1), lines::toString);
    }
  }

  @Test
  void isAnExceptionAndPasses() {
    assertEndsAndPasses(limited(2_500_000, "onednn", 1), 1);
  }

  @Test
  void isAnExceptionWhereFbgemmPacks() {
    assertEndsAndPasses(limited(3_500_000, "fbgemm", 1), 1);
  }

  @Tag("long")
  @Test
  void isAnExceptionWhereverItComes() {
    for (int i = 0; i < 20; i++) {
      assertEndsAndPasses(limited(2_000_000 + 37_000L * i, "onednn", 3), 3);
    }
  }
}
