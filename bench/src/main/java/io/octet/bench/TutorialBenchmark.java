package io.octet.bench;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;

import io.octet.graph.Graph;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Binding;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/// The network of PyTorch's quantization tutorial, in float and in int8: one image, one thread,
/// memory of the caller's. `race` lets the two take turns in one process, and prints medians, their
/// paired ratio, and where the time goes; only that is to be compared on a machine that does other
/// things too.
///
/// ```
/// ./mvnw -q -Pbench verify -DskipTests -pl bench -am -Djmh=TutorialBenchmark.race
/// ```
@State(Scope.Thread)
@Fork(1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TutorialBenchmark {
  private static final Shape IMAGE = Shape.of(1, 3, 32, 32);
  private static final int CLASSES = 10;
  private static final int ROUNDS = 400;

  /// A run takes microseconds, so many count as one.
  private static final int RUNS = 100;

  private final Arena arena = Arena.ofShared();
  private Map<String, Tensor> image;
  private Session fp32;
  private Session int8;
  private Binding fp32Memory;
  private Binding int8Memory;

  /// For JMH.
  public TutorialBenchmark() {}

  /// Builds, calibrates on a hundred random images, converts, opens.
  @Setup
  public void open() {
    Graph net =
        sequential(
                conv2d(3, 16, 3).padding(1),
                relu(),
                maxPool2d(2),
                flatten(),
                linear(16 * 16 * 16, CLASSES))
            .input(3, 32, 32);
    Random random = new Random(1);
    List<Map<String, Tensor>> images =
        Stream.generate(() -> Map.of("input", image(random))).limit(100).toList();
    CalibrationTable table = Calibrator.calibrate(net, QConfig.fbgemm(), images.iterator());
    SessionOptions options = SessionOptions.builder().threads(t -> t.intraOp(1)).build();
    image = images.getFirst();
    fp32 = Session.open(net, options);
    int8 = Session.open(Quantizer.convert(net, table), options);
    fp32Memory = bind(fp32);
    int8Memory = bind(int8);
  }

  private Tensor image(Random random) {
    float[] pixels = new float[Math.toIntExact(IMAGE.elements())];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    Tensor tensor = Tensor.allocate(arena, DataType.F32, IMAGE);
    tensor.data().copyFrom(Tensor.of(pixels, IMAGE.sizes()).data());
    return tensor;
  }

  private Binding bind(Session session) {
    Tensor scores = Tensor.allocate(arena, DataType.F32, Shape.of(1, CLASSES));
    return session.bind(image, Map.of("output", scores));
  }

  /// Frees.
  @TearDown
  public void close() {
    fp32.close();
    int8.close();
    arena.close();
  }

  /// A run in float.
  @Benchmark
  public void fp32() {
    fp32.run(fp32Memory);
  }

  /// A run in int8.
  @Benchmark
  public void int8() {
    int8.run(int8Memory);
  }

  /// Both in turns.
  ///
  /// @param iteration tells the warm-up, whose figures are nobody's
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  @Warmup(iterations = 2)
  @Measurement(iterations = 1)
  public void race(IterationParams iteration) {
    Map<String, Runnable> racers = new LinkedHashMap<>();
    racers.put("fp32", () -> times(fp32, fp32Memory));
    racers.put("int8", () -> times(int8, int8Memory));
    Race.Result result = new Race(ROUNDS, 5).run(racers);
    if (iteration.getType() == IterationType.WARMUP) {
      return;
    }
    System.out.printf(
        "%n  tutorial's network: FP32 %.2f us, int8 %.2f us; FP32/int8 %.3f%n",
        result.millis("fp32") * 1000 / RUNS,
        result.millis("int8") * 1000 / RUNS,
        result.ratio("fp32", "int8"));
    profile("FP32", fp32);
    profile("int8", int8);
  }

  private static void times(Session session, Binding memory) {
    for (int i = 0; i < RUNS; i++) {
      session.run(memory);
    }
  }

  private void profile(String name, Session session) {
    System.out.println("  " + name + ", microseconds:");
    session
        .profile(image, ROUNDS * RUNS)
        .forEach(t -> System.out.printf("  %9.2f  %s%n", t.nanos() / 1e3, t.name()));
  }
}
