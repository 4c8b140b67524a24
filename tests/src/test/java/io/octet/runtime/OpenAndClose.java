package io.octet.runtime;

import io.octet.graph.Graph;
import io.octet.testkit.NativeMemory;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens, runs and closes sessions in a process of its own, and prints for each round what it added
/// to the C heap and to the process, until two rounds were flat.
final class OpenAndClose {
  private static final int PAGE = 4096;

  private OpenAndClose() {}

  /// Bytes in use of the C heap, and bytes of the process in memory.
  record Held(long heap, long resident) {
    static Held parse(String heap, String resident) {
      return new Held(Long.parseLong(heap), Long.parseLong(resident));
    }

    Held since(Held before) {
      return new Held(heap - before.heap, resident - before.resident);
    }

    boolean below(Held bound) {
      return heap < bound.heap && resident < bound.resident;
    }
  }

  /// @param arguments sessions of a round, rounds at most, and what makes a round flat
  public static void main(String[] arguments) throws IOException {
    int sessions = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    Held flat = Held.parse(arguments[2], arguments[3]);
    Graph int8 = SmallNets.int8(1);
    Graph fp32 = SmallNets.fp32(1);
    int found = 0;
    Held before = round(int8, fp32, sessions); // warms up
    for (int i = 0; i < rounds && found < 2; i++) {
      Held after = round(int8, fp32, sessions);
      Held grown = after.since(before);
      System.out.println(grown.heap + " " + grown.resident);
      found += grown.below(flat) ? 1 : 0;
      before = after;
    }
  }

  private static Held round(Graph int8, Graph fp32, int sessions) throws IOException {
    for (int i = 0; i < sessions; i++) {
      once(i % 2 == 0 ? int8 : fp32, i);
      if (i % 10 == 0) {
        measured(int8, i);
      }
    }
    System.gc();
    return new Held(NativeMemory.inUse(), resident());
  }

  private static void once(Graph graph, int seed) {
    try (Session session = Session.open(graph)) {
      Expected.run(session, SmallNets.image(1, seed));
      Expected.run(session, SmallNets.image(2, seed));
    }
  }

  /// With trials in FP32, all of which are taken.
  private static void measured(Graph graph, int seed) {
    SessionOptions options = SessionOptions.builder().kernels(k -> k.measured(true)).build();
    try (Session session = Session.open(graph, options, Measured.FP32_WINS)) {
      Expected.run(session, SmallNets.image(1, seed));
    }
  }

  /// Bytes of this process in memory.
  private static long resident() throws IOException {
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * PAGE;
  }
}
