package io.octet.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// Commands that run another one under the limits of `prlimit` (Linux). The kernel excepts root
/// from a limit on threads: a child of root becomes nobody, who may read root's files.
public final class Limits {
  private static final String NOBODY = "65534";

  private Limits() {}

  /// At most `bytes` of address space.
  public static List<String> memory(long bytes) {
    requireTool("prlimit");
    return List.of("prlimit", "--as=" + bytes);
  }

  /// At most `bytes` of address space, and at most `threads` beside those that the user has now.
  public static List<String> memoryAndThreads(long bytes, int threads) {
    List<String> command = new ArrayList<>(memory(bytes));
    if (isRoot()) {
      requireTool("setpriv");
      command.add("--nproc=" + (threadsOf(NOBODY) + threads));
      command.addAll(List.of("setpriv", "--reuid", NOBODY, "--clear-groups"));
      command.addAll(List.of("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"));
    } else {
      command.add("--nproc=" + (threadsOf(uid("/proc/self/status")) + threads));
    }
    return command;
  }

  private static boolean isRoot() {
    return uid("/proc/self/status").equals("0");
  }

  private static int threadsOf(String user) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .map(p -> p.resolve("status"))
          .filter(Files::isReadable)
          .map(Path::toString)
          .filter(status -> uid(status).equals(user))
          .mapToInt(status -> Integer.parseInt("0" + field(status, "Threads:")))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String uid(String status) {
    return field(status, "Uid:");
  }

  /// The first word of a line of a process's status; empty where the process has ended.
  private static String field(String status, String name) {
    try (Stream<String> lines = Files.lines(Path.of(status))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(name.length()).strip().split("\\s")[0])
          .findFirst()
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }

  private static void requireTool(String name) {
    boolean there =
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    Assumptions.assumeTrue(there, "SKIPPED: no " + name);
  }
}
