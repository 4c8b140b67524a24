package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.testkit.ChildJvm;
import io.octet.testkit.Machine;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What goes wrong when a process first uses the libraries does not stay: a process of its own for
/// each test, with nothing unpacked yet.
class FirstUseTest {
  @TempDir Path folder;

  @BeforeEach
  void onlyWhereThereIsOnednn() {
    Machine.requireOnednn();
  }

  /// Who runs the convolutions of a session that is opened now.
  private static Set<String> convolutions(Graph graph) {
    try (Session session = Session.open(graph)) {
      return session.explain().stream()
          .filter(row -> row.op().equals("Conv"))
          .map(NodeReport::backend)
          .collect(Collectors.toSet());
    }
  }

  /// A task that was cancelled is the first to open a session.
  static final class Interrupted {
    private Interrupted() {}

    public static void main(String[] arguments) {
      Graph graph = SmallNets.fp32(1);
      Thread.currentThread().interrupt();
      System.out.println(convolutions(graph) + " " + Thread.interrupted());
      System.out.println(convolutions(graph));
    }
  }

  @Test
  void byAnInterruptedThreadSucceedsAndLeavesItInterrupted() {
    List<String> properties = List.of("octet.cachePath=" + folder.resolve("cache"));
    String out = ChildJvm.run(properties, Interrupted.class).expect(0);
    assertEquals(List.of("[onednn] true", "[onednn]"), out.lines().toList());
  }

  /// A file stands where the folder should be, at first: as passing as a full disk, and no more
  /// trouble to arrange.
  static final class Obstructed {
    private Obstructed() {}

    public static void main(String[] arguments) throws IOException {
      Graph graph = SmallNets.fp32(1);
      Path obstacle = Files.createFile(Path.of(System.getProperty("octet.cachePath")));
      System.out.println(convolutions(graph));
      try (Session session = Session.open(graph)) {
        session.explain().getFirst().refusals().forEach(System.out::println);
      }
      Files.delete(obstacle);
      System.out.println(convolutions(graph));
    }
  }

  @Test
  void whereNothingCanBeUnpackedIsTriedAgainByTheNextSession() {
    Path cache = folder.resolve("cache");
    List<String> properties = List.of("octet.cachePath=" + cache);
    List<String> out = ChildJvm.run(properties, Obstructed.class).expect(0).lines().toList();
    assertEquals("[jvm]", out.getFirst());
    String refusal = String.join("\n", out.subList(1, out.size() - 1));
    assertTrue(refusal.contains(cache + " is there, and no folder"), refusal);
    assertTrue(refusal.contains("the next session tries again"), refusal);
    assertEquals("[onednn]", out.getLast());
  }
}
