package io.octet.internal.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// How much memory this process may use: the machine's, or less where a control group (a container,
/// a service) says so. Read from Linux's files; elsewhere it follows from the heap, which is a
/// quarter of it unless somebody set it.
public final class ContainerMemory {
  private static final int HEAPS = 4;

  private final Path root;

  /// @param root of the file system, "/" but for tests
  ContainerMemory(Path root) {
    this.root = root;
  }

  /// What the heap leaves of the memory, but at least a quarter: where the heap may take nearly all
  /// of it, it seldom does. The files are read once: options are made often, limits seldom changed.
  public static long besideTheHeap() {
    return Here.BESIDE_THE_HEAP;
  }

  private static final class Here {
    static final long BESIDE_THE_HEAP = readBesideTheHeap();
  }

  private static long readBesideTheHeap() {
    long heap = Runtime.getRuntime().maxMemory();
    long whole = new ContainerMemory(Path.of("/")).bytes().orElse(saturated(heap));
    return Math.max(whole - heap, whole / 4);
  }

  private static long saturated(long heap) {
    return heap > Long.MAX_VALUE / HEAPS ? Long.MAX_VALUE : heap * HEAPS;
  }

  /// The bytes; empty where no file tells.
  OptionalLong bytes() {
    long least = machine();
    for (String group : lines("proc/self/cgroup").split("\n")) {
      String[] parts = group.split(":", 3); // "0::/a/b", or before version 2 "7:memory:/a/b"
      boolean unified = parts.length == 3 && parts[1].isEmpty();
      if (unified || parts.length == 3 && parts[1].equals("memory")) {
        String folder = unified ? "sys/fs/cgroup" : "sys/fs/cgroup/memory";
        String file = unified ? "memory.max" : "memory.limit_in_bytes";
        least = Math.min(least, least(folder, parts[2], file));
      }
    }
    return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
  }

  /// The least limit of a group and those around it. Inside of a container the path is often that
  /// of the host, and only the outermost folder is there.
  private long least(String folder, String group, String file) {
    long least = Long.MAX_VALUE;
    Path path = Path.of("/").resolve(group).normalize();
    while (path != null) {
      String inner = path.toString().substring(1);
      least = Math.min(least, number(lines(folder + "/" + inner + "/" + file)));
      path = path.getParent();
    }
    return least;
  }

  private long machine() {
    for (String line : lines("proc/meminfo").split("\n")) {
      if (line.startsWith("MemTotal:")) {
        long kilobytes = number(line.replaceAll("[^0-9]", ""));
        return kilobytes > Long.MAX_VALUE / 1024 ? Long.MAX_VALUE : kilobytes * 1024;
      }
    }
    return Long.MAX_VALUE;
  }

  /// "max" is no limit, and neither is what is no number.
  private static long number(String text) {
    String digits = text.strip();
    return digits.matches("[1-9][0-9]{0,17}") ? Long.parseLong(digits) : Long.MAX_VALUE;
  }

  /// A file's text; empty where it cannot be read, which is the case on every other system.
  private String lines(String file) {
    try {
      return Files.readString(root.resolve(file));
    } catch (IOException e) {
      return "";
    }
  }
}
