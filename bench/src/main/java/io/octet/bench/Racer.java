package io.octet.bench;

import io.octet.graph.Graph;
import io.octet.onnx.Onnx;
import io.octet.runtime.Binding;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/// One process of a {@link CommitBenchmark}: opens a model, runs it for a while, and prints the
/// processor's milliseconds that opening took, the microseconds of a run, and the kibibytes that
/// the process holds once it is open. It calls only what every commit has, so that the class files
/// of another commit serve it as well.
public final class Racer {
  private static final int ROUNDS = 60;
  private static final int RUNS_PER_ROUND = 10;
  private static final long WARM_UP_NANOS = 2_000_000_000L;

  private Racer() {}

  /// @param arguments a model, the name of its input, and the input's sizes
  public static void main(String[] arguments) throws IOException {
    long[] sizes = Arrays.stream(arguments).skip(2).mapToLong(Long::parseLong).toArray();
    Graph graph = Onnx.read(Path.of(arguments[0]));
    var thread = ManagementFactory.getThreadMXBean();
    long start = thread.getCurrentThreadCpuTime();
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofShared()) {
      session.explain();
      final double opening = (thread.getCurrentThreadCpuTime() - start) / 1e6;
      graph = null;
      Map<String, Tensor> in = Map.of(arguments[1], image(arena, sizes));
      Binding binding = session.bind(in, session.run(in, arena));
      double run = microseconds(() -> session.run(binding));
      System.out.println(opening + " " + run + " " + resident());
    }
  }

  private static Tensor image(Arena arena, long... sizes) {
    Tensor image = Tensor.allocate(arena, DataType.F32, Shape.of(sizes));
    Random random = new Random(1);
    for (long i = 0; i < image.elements(); i++) {
      image.setFloat(i, (float) random.nextGaussian());
    }
    return image;
  }

  /// The median over rounds of the fastest run of each.
  private static double microseconds(Runnable run) {
    long begin = System.nanoTime();
    do {
      run.run();
    } while (System.nanoTime() - begin < WARM_UP_NANOS);
    long[] fastest = new long[ROUNDS];
    Arrays.fill(fastest, Long.MAX_VALUE);
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < RUNS_PER_ROUND; i++) {
        long before = System.nanoTime();
        run.run();
        fastest[round] = Math.min(fastest[round], System.nanoTime() - before);
      }
    }
    Arrays.sort(fastest);
    return fastest[ROUNDS / 2] / 1e3;
  }

  /// What the process holds when Java's garbage has gone.
  private static String resident() throws IOException {
    for (int i = 0; i < 5; i++) {
      System.gc();
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return line.replaceAll("[^0-9]", "");
      }
    }
    return "0";
  }
}
