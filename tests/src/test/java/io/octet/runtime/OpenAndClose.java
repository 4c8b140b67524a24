package io.octet.runtime;

import io.octet.graph.Graph;
import io.octet.testkit.NativeMemory;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens, runs and closes sessions in a process of its own, and prints what it holds in between.
final class OpenAndClose {
  private static final int PAGE = 4096;

  private OpenAndClose() {}

  public static void main(String[] arguments) throws IOException {
    Graph int8 = SmallNets.int8(1);
    Graph fp32 = SmallNets.fp32(1);
    for (String count : arguments) {
      for (int i = 0; i < Integer.parseInt(count); i++) {
        once(i % 2 == 0 ? int8 : fp32, i);
      }
      System.gc();
      System.out.println(NativeMemory.inUse() + " " + resident());
    }
  }

  private static void once(Graph graph, int seed) {
    try (Session session = Session.open(graph)) {
      Expected.run(session, SmallNets.image(1, seed));
      Expected.run(session, SmallNets.image(2, seed));
    }
  }

  /// Bytes of this process in memory.
  private static long resident() throws IOException {
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * PAGE;
  }
}
