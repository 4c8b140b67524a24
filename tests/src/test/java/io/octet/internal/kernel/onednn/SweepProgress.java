package io.octet.internal.kernel.onednn;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// How far the sweep under one cap has come, in a file that grows line by line; beside it, mapped
/// into memory so that it outlives the process, which kernel is running: one that ends the process
/// is a finding of the next one, and is not run again.
final class SweepProgress implements AutoCloseable {
  /// @param served whether a backend serves this kernel; else it was passed over or not, see `rule`
  /// @param rule of {@link ConvFaults} that covers it; "-" for none
  record Finding(
      boolean served,
      String backend,
      String implementation,
      String fault,
      String rule,
      SweepCase example) {
    /// All but the example.
    String kind() {
      String mode = served ? "served" : "untrusted";
      return String.join("\t", mode, backend, implementation, fault, rule);
    }

    @Override
    public String toString() {
      return kind() + "\t" + example;
    }

    static Finding parse(String line) {
      String[] f = line.split("\t");
      SweepCase example = SweepCase.parse(f[5]);
      return new Finding(f[0].equals("served"), f[1], f[2], f[3], f[4], example);
    }
  }

  private static final int RUNNING = 0;
  private static final int INDEX = 8;
  private static final int SLOT = 16;
  private static final int BYTES = 32;

  private final BufferedWriter out;
  private final MappedByteBuffer at;
  private final Set<String> crashes = new HashSet<>();
  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, Integer> kernels = new TreeMap<>();
  private final Map<String, Integer> saved = new TreeMap<>();
  private long next;

  private SweepProgress(BufferedWriter out, MappedByteBuffer at) {
    this.out = out;
    this.at = at;
  }

  /// Reads what was done, and what was running when the process ended.
  static SweepProgress open(Path file) throws IOException {
    List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
    Path beside = file.resolveSibling(file.getFileName() + ".at");
    MappedByteBuffer at;
    try (FileChannel channel =
        FileChannel.open(
            beside, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      at = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
    }
    BufferedWriter out =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    SweepProgress progress = new SweepProgress(out, at);
    lines.forEach(progress::read);
    if (at.getLong(RUNNING) != 0) {
      progress.write("crash\t" + at.getLong(INDEX) + ":" + at.getLong(SLOT));
      at.putLong(RUNNING, 0);
    }
    return progress;
  }

  private void read(String line) {
    String[] words = line.split("\t", 3);
    switch (words[0]) {
      case "done" -> next = Long.parseLong(words[1]);
      case "crash" -> crashes.add(words[1]);
      case "finding" -> findings.add(Finding.parse(words[2]));
      case "kernels" -> kernels.merge(words[1], Integer.parseInt(words[2]), Integer::sum);
      default -> throw new IllegalStateException("no line of a sweep: " + line);
    }
  }

  private void write(String line) {
    read(line);
    try {
      out.write(line);
      out.newLine();
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The first case that is not done. Findings behind it are found again.
  long next() {
    return next;
  }

  List<Finding> findings() {
    return List.copyOf(new java.util.LinkedHashSet<>(findings));
  }

  /// How many kernels of each implementation ran.
  Map<String, Integer> kernels() {
    return kernels;
  }

  boolean crashedAt(long index, int slot) {
    return crashes.contains(index + ":" + slot);
  }

  void entering(long index, int slot) {
    at.putLong(INDEX, index);
    at.putLong(SLOT, slot);
    at.putLong(RUNNING, 1);
  }

  void left(String implementation) {
    at.putLong(RUNNING, 0);
    saved.merge(implementation, 1, Integer::sum);
  }

  void found(long index, Finding finding) {
    write("finding\t" + index + "\t" + finding);
  }

  void done(long index) {
    saved.forEach((implementation, count) -> write("kernels\t" + implementation + "\t" + count));
    saved.clear();
    write("done\t" + index);
  }

  /// "3 findings of 4000 kernels".
  @Override
  public String toString() {
    int ran = kernels.values().stream().mapToInt(Integer::intValue).sum();
    return findings.size() + " findings of " + ran + " kernels";
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
