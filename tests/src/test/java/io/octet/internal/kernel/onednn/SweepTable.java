package io.octet.internal.kernel.onednn;

import io.octet.cpu.Cpu;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.DnnlVersion;
import io.octet.internal.kernel.onednn.SweepProgress.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What the sweep found, as it is committed: one line for each cap, implementation, kind of fault
/// and rule, with how often it was seen and the first case that showed it.
final class SweepTable {
  private static final String COLUMNS =
      "cap\tmode\tbackend\timplementation\tfault\trule\tseen\texample";

  private SweepTable() {}

  /// A line of the table.
  record Row(String cap, Finding first, int seen) {
    @Override
    public String toString() {
      return String.join("\t", cap, first.kind(), String.valueOf(seen), first.example() + "");
    }

    static Row parse(String line) {
      String[] f = line.split("\t");
      SweepCase example = SweepCase.parse(f[7]);
      Finding first = new Finding(f[1].equals("served"), f[2], f[3], f[4], f[5], example);
      return new Row(f[0], first, Integer.parseInt(f[6]));
    }
  }

  /// What a table says of its origin.
  static List<String> head() {
    return List.of(
        "# processor: " + Cpu.detect().model(),
        "# instruction set: " + DnnlIsa.effective().text(),
        "# oneDNN: " + DnnlVersion.text(),
        "# date: " + LocalDate.now());
  }

  /// How much ran under a cap.
  static List<String> counts(String cap, SweepProgress progress) {
    List<String> lines = new ArrayList<>();
    lines.add("# " + cap + ": " + progress.next() + " cases, " + progress);
    progress.kernels().forEach((name, n) -> lines.add("# " + cap + ": " + n + " of " + name));
    return lines;
  }

  static List<Row> rows(String cap, SweepProgress progress) {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Finding finding : progress.findings()) {
      Row one = new Row(cap, finding, 1);
      rows.merge(
          finding.kind(), one, (old, now) -> new Row(cap, old.first(), old.seen() + now.seen()));
    }
    return rows.values().stream().sorted(java.util.Comparator.comparing(Row::toString)).toList();
  }

  static String columns() {
    return COLUMNS;
  }

  /// The committed table, its head included.
  static List<String> committed() {
    try (InputStream in = SweepTable.class.getResourceAsStream("/kernel-sweep.tsv")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The committed rows.
  static List<Row> committedRows() {
    return committed().stream()
        .filter(line -> !line.startsWith("#") && !line.equals(COLUMNS))
        .map(Row::parse)
        .toList();
  }
}
