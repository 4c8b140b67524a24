package io.octet.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Real files beside ONNX Runtime, one thread, in FP32 and in int8: the four sessions of each file
/// take turns in one process, and a table of medians and paired ratios comes out. In int8 both run
/// the same file, but for sentence encoders: Octet quantizes those itself, and ONNX Runtime runs
/// the `-q` file that its own tools made. Files that are nowhere are named below the table.
///
/// ```
/// ./mvnw -q -Pbench,files verify -DskipTests -pl bench -am -Djmh=FilesBenchmark.race
/// ./mvnw -q -Pbench,files verify -DskipTests -pl bench -am \
///     -Djmh="FilesBenchmark.race -p folder=/other/files -p only=lite0 -p nodes=20"
/// ```
@State(Scope.Benchmark)
@Fork(1)
public class FilesBenchmark {
  private static final double WARM_UP_SECONDS = 1;
  private static final double TURN_SECONDS = 0.03;
  private static final int MOST_RUNS = 20;

  /// Folders with more files, which come before those of the class path, with colons between them.
  @Param({""})
  public String folder;

  /// A part of the names of the files that race; all where it is empty.
  @Param({""})
  public String only;

  /// Rounds of each race.
  @Param({"15"})
  public int rounds;

  /// How many of the slowest nodes are printed for each of Octet's sessions.
  @Param({"0"})
  public int nodes;

  /// For JMH.
  public FilesBenchmark() {}

  /// All files, one after the other.
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 0)
  @Measurement(iterations = 1)
  public void race() {
    List<Path> folders =
        Stream.of(folder.split(":")).filter(f -> !f.isEmpty()).map(Path::of).toList();
    List<String> leftOut = new ArrayList<>();
    System.out.printf(
        "%n| ms, one thread | FP32: Octet | ONNX Runtime | ratio | int8: Octet | ONNX Runtime |"
            + " ratio |%n|---|---|---|---|---|---|---|%n");
    for (RealFile file : RealFile.all()) {
      if (file.name().contains(only)) {
        Optional<byte[]> model = file.bytes("", folders);
        if (model.isPresent()) {
          race(file, model.get(), folders);
        } else {
          leftOut.add(file.name());
        }
      }
    }
    if (!leftOut.isEmpty()) {
      System.out.println("Left out, for they are nowhere: " + String.join(", ", leftOut));
    }
  }

  private void race(RealFile file, byte[] model, List<Path> folders) {
    try (FileContestants contestants = new FileContestants(file, model, folders)) {
      Map<String, Runnable> racers = contestants.racers();
      double slowest = 0;
      for (Runnable racer : racers.values()) {
        slowest = Math.max(slowest, warmUp(racer));
      }
      int runs = (int) Math.clamp(TURN_SECONDS / slowest, 2, MOST_RUNS);
      Race.Result result = new Race(rounds, runs).run(racers);
      System.out.printf(
          "| %s | %s | %s |%n", file.name(), cells(result, "FP32"), cells(result, "int8"));
      if (nodes > 0) {
        System.out.print(contestants.profile(nodes));
      }
    }
  }

  /// Runs it until its code is compiled.
  ///
  /// @return the seconds of a run
  private static double warmUp(Runnable racer) {
    long start = System.nanoTime();
    double seconds;
    int runs = 0;
    do {
      racer.run();
      runs++;
      seconds = (System.nanoTime() - start) / 1e9;
    } while (seconds < WARM_UP_SECONDS);
    return seconds / runs;
  }

  private static String cells(Race.Result result, String type) {
    String octet = "Octet " + type;
    String ort = "ONNX Runtime " + type;
    boolean ours = result.millis().containsKey(octet);
    boolean theirs = result.millis().containsKey(ort);
    return "%s | %s | %s"
        .formatted(
            ours ? "%.3f".formatted(result.millis(octet)) : "-",
            theirs ? "%.3f".formatted(result.millis(ort)) : "-",
            ours && theirs ? "%.2f".formatted(result.ratio(octet, ort)) : "-");
  }
}
