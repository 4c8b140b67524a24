package io.octet.bench;

import io.octet.graph.Graph;
import io.octet.kernel.KernelOptions;
import io.octet.kernel.QLinear;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What threads cost beside the work. Prints its figures.
///
/// ```
/// ./mvnw -q -Pbench verify -DskipTests -pl bench -am -Djmh=ThreadsBenchmark
/// ```
@State(Scope.Thread)
@Fork(1)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 1)
public class ThreadsBenchmark {
  private static final int FEATURES = 16;
  private static final int CLOSINGS = 15;

  /// Threads that do nothing while a session is closed.
  @Param({"1000"})
  public int idle;

  /// For JMH.
  public ThreadsBenchmark() {}

  /// A layer that one thread does alone, in the caller's hands and handed over to a slot's thread:
  /// the difference is what handing over costs, in a loop and after a pause.
  @Benchmark
  public void handOver() {
    try (QLinear mine = layer(1);
        QLinear handed = layer(2)) {
      Map<String, Runnable> racers = new LinkedHashMap<>();
      racers.put("caller", () -> run(mine));
      racers.put("slot", () -> run(handed));
      for (int i = 0; i < 20_000; i++) {
        run(mine);
        run(handed);
      }
      Race.Result loop = new Race(40, 200).run(racers);
      System.out.printf(
          "%nin a loop: caller %.2f us, slot's thread %.2f us%n",
          1e3 * loop.millis("caller"), 1e3 * loop.millis("slot"));
      System.out.printf(
          "after 2 ms of sleep: caller %.1f us, slot's thread %.1f us%n",
          afterSleep(mine), afterSleep(handed));
    }
  }

  private static QLinear layer(int threads) {
    byte[] weights = new byte[FEATURES * FEATURES];
    new Random(1).nextBytes(weights);
    QuantParams bytes = QuantParams.perTensor(DataType.U8, 0.1f, 0);
    return QLinear.of(
            Tensor.of(DataType.S8, weights, FEATURES, FEATURES),
            QuantParams.perTensor(DataType.S8, 0.1f, 0))
        .input(bytes)
        .output(bytes)
        .options(
            KernelOptions.builder().threads(t -> t.intraOp(threads).maxConcurrentRuns(1)).build())
        .pack();
  }

  private static final MemorySegment X = MemorySegment.ofArray(new byte[FEATURES]);
  private static final MemorySegment Y = MemorySegment.ofArray(new byte[FEATURES]);

  private static void run(QLinear layer) {
    layer.run(X, 1, Y);
  }

  /// Microseconds, the median of some.
  private static double afterSleep(QLinear layer) {
    double[] micros = new double[300];
    for (int i = 0; i < micros.length; i++) {
      LockSupport.parkNanos(2_000_000);
      long begin = System.nanoTime();
      run(layer);
      micros[i] = (System.nanoTime() - begin) / 1e3;
    }
    Arrays.sort(micros);
    return micros[micros.length / 2];
  }

  /// Closes ResNet-18 beside idle threads.
  @Benchmark
  public void close() {
    Net net = Net.named("resnet18");
    Graph graph = NetGraph.of(net, 1);
    Tensor image = NetGraph.image(net, new Random(1));
    for (int i = 0; i < idle; i++) {
      Thread.ofPlatform().daemon().start(ThreadsBenchmark::idle);
    }
    double[] millis = new double[CLOSINGS];
    for (int i = 0; i < CLOSINGS; i++) {
      Session session =
          Session.open(
              graph, SessionOptions.builder().threads(t -> t.maxConcurrentRuns(1)).build());
      try (Arena arena = Arena.ofConfined()) {
        session.run(Map.of(net.input(), image), arena);
      }
      long begin = System.nanoTime();
      session.close();
      millis[i] = (System.nanoTime() - begin) / 1e6;
    }
    Arrays.sort(millis);
    System.out.printf(
        "%nclosing resnet18 beside %d threads: median %.2f ms, least %.2f ms%n",
        idle, millis[CLOSINGS / 2], millis[0]);
  }

  private static void idle() {
    while (true) {
      LockSupport.park();
    }
  }
}
