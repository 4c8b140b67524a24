package io.octet.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// This process's threads as the system sees them, those of native libraries included. A native
/// thread has the name of the one that started it, of which the system keeps 15 characters.
public final class OsThreads {
  private static final Path TASKS = Path.of("/proc/self/task");

  private OsThreads() {}

  /// How many there are; skips the test, loudly, where the system does not tell.
  public static int count() {
    return names().size();
  }

  /// How many have a name that begins so.
  public static int named(String prefix) {
    return (int) names().stream().filter(name -> name.startsWith(prefix)).count();
  }

  private static List<String> names() {
    Assumptions.assumeTrue(Files.exists(TASKS), "SKIPPED: no /proc, so no Linux");
    List<String> names = new ArrayList<>();
    try (Stream<Path> tasks = Files.list(TASKS)) {
      for (Path task : tasks.toList()) {
        try {
          names.add(Files.readString(task.resolve("comm")).strip());
        } catch (IOException e) {
          continue; // it has ended meanwhile
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return names;
  }
}
