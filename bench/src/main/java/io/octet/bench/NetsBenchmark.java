package io.octet.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/// Whole networks, batch 1, one thread, random weights: Octet, oneDNN's bare primitives, and ONNX
/// Runtime. `race` lets them take turns in one process and prints medians and paired ratios; only
/// those are to be compared on a machine that does other things too. With a ratio to the bare
/// primitives above 1.15 in int8 it prints where the time goes, and fails (as an exit status with
/// `-foe true`).
///
/// ```
/// ./mvnw -q -Pbench verify -DskipTests -pl bench -am -Djmh="NetsBenchmark.race -foe true"
/// ./mvnw -q -Pbench verify -DskipTests -pl bench -am -Djmh="NetsBenchmark.octet -prof gc"
/// ./mvnw -q -Pbench verify -DskipTests -pl bench -am \
///     -Djmh="NetsBenchmark.race -p net=mobilenet_v2 -p type=int8,fp32"
/// ```
@State(Scope.Thread)
@Fork(1)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class NetsBenchmark {
  /// What a network may take, in bare primitives.
  private static final double LIMIT = 1.15;

  /// The network's data file.
  @Param({"resnet18", "resnet50"})
  public String net;

  /// "int8" or "fp32".
  @Param({"int8"})
  public String type;

  /// Rounds of a race.
  @Param({"40"})
  public int rounds;

  private Contestants contestants;

  /// For JMH.
  public NetsBenchmark() {}

  /// Builds, calibrates, converts, opens.
  @Setup
  public void open() {
    contestants = new Contestants(net, type.equals("int8"));
  }

  /// Frees.
  @TearDown
  public void close() {
    contestants.close();
  }

  /// A run of an Octet session over bound memory.
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @Warmup(iterations = 3, time = 1)
  @Measurement(iterations = 5, time = 1)
  public void octet() {
    contestants.octet();
  }

  /// The sum of its layers as bare primitives.
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @Warmup(iterations = 3, time = 1)
  @Measurement(iterations = 5, time = 1)
  public void bare() {
    contestants.bare();
  }

  /// A run of ONNX Runtime.
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @Warmup(iterations = 3, time = 1)
  @Measurement(iterations = 5, time = 1)
  public void ort() {
    contestants.ort();
  }

  /// All three in turns.
  ///
  /// @param iteration tells the warm-up, whose figures are nobody's
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 1)
  @Measurement(iterations = 1)
  public void race(IterationParams iteration) {
    Map<String, Runnable> racers = new LinkedHashMap<>();
    racers.put("octet", contestants::octet);
    racers.put("bare", contestants::bare);
    racers.put("ort", contestants::ort);
    Race.Result result = new Race(rounds, 10).run(racers);
    if (iteration.getType() == IterationType.WARMUP) {
      return;
    }
    double ratio = result.ratio("octet", "bare");
    System.out.printf(
        "%n  %s %s: Octet %.3f ms, bare primitives %.3f ms, ONNX Runtime %.3f ms;"
            + " Octet/bare %.3f, Octet/ONNX Runtime %.3f%n",
        net,
        type,
        result.millis("octet"),
        result.millis("bare"),
        result.millis("ort"),
        ratio,
        result.ratio("octet", "ort"));
    if (type.equals("int8") && ratio > LIMIT) {
      System.out.println(contestants.profile(50));
      throw new IllegalStateException("Octet takes " + ratio + " of the bare primitives' time");
    }
  }
}
