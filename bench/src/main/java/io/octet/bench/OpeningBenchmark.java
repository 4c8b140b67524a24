package io.octet.bench;

import io.octet.Verify;
import io.octet.graph.Graph;
import io.octet.onnx.Onnx;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What the self-check of kernels adds to opening a quantized network in a new process: nothing
/// checked, everything checked, and everything found in the store. Each opening has a JVM of its
/// own; they take turns, and the medians are printed with their paired ratios. What counts is the
/// opening thread's time on the processor, which other work of the machine hardly lengthens.
///
/// ```
/// ./mvnw -q -Pbench verify -DskipTests -pl bench -am -Djmh="OpeningBenchmark"
/// ```
@State(Scope.Benchmark)
@Fork(1)
public class OpeningBenchmark {
  private static final long SEED = 20251201;

  /// The network's data file.
  @Param({"resnet50"})
  public String net;

  /// How often each has its turn.
  @Param({"9"})
  public int rounds;

  /// For JMH.
  public OpeningBenchmark() {}

  /// Opens it in all three ways.
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 0)
  @Measurement(iterations = 1)
  public void open() throws IOException {
    Path folder = Files.createTempDirectory("octet-opening");
    try {
      Path model = folder.resolve(net + ".onnx");
      Files.write(model, Onnx.toBytes(quantized(Net.named(net))));
      Map<String, DoubleSupplier> openings = new LinkedHashMap<>();
      openings.put("off", () -> millis(model, folder, Verify.OFF));
      openings.put("cold", () -> cold(model, folder.resolve("cold")));
      openings.put("warm", () -> millis(model, folder.resolve("warm"), Verify.SAMPLE));
      openings.get("warm").getAsDouble();
      print(inTurns(openings));
    } finally {
      remove(folder);
    }
  }

  private void print(Race.Result result) {
    System.out.printf(
        "%n  opening %s in a new process: unchecked %.0f ms, checked %.0f ms, remembered %.0f ms;"
            + " checked/unchecked %.3f, remembered/unchecked %.3f%n",
        net,
        result.millis("off"),
        result.millis("cold"),
        result.millis("warm"),
        result.ratio("cold", "off"),
        result.ratio("warm", "off"));
  }

  private Race.Result inTurns(Map<String, DoubleSupplier> openings) {
    Map<String, double[]> millis = new LinkedHashMap<>();
    openings.keySet().forEach(name -> millis.put(name, new double[rounds]));
    for (int round = 0; round < rounds; round++) {
      for (String name : openings.keySet()) {
        millis.get(name)[round] = openings.get(name).getAsDouble();
      }
    }
    return new Race.Result(millis);
  }

  private static double cold(Path model, Path cache) {
    remove(cache);
    return millis(model, cache, Verify.SAMPLE);
  }

  /// The time of one opening in a new process.
  private static double millis(Path model, Path cache, Verify verify) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Doctet.cachePath=" + cache,
                "-cp",
                System.getProperty("java.class.path"),
                OpeningBenchmark.class.getName(),
                model.toString(),
                verify.name()));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Double.parseDouble(out.strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The process that opens: a model and how it is verified.
  public static void main(String[] arguments) throws IOException {
    Graph graph = Onnx.read(Path.of(arguments[0]));
    SessionOptions options =
        SessionOptions.builder()
            .kernels(k -> k.verify(Verify.valueOf(arguments[1])))
            .threads(t -> t.intraOp(1))
            .build();
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    long start = thread.getCurrentThreadCpuTime();
    try (Session session = Session.open(graph, options)) {
      session.explain();
      System.out.println((thread.getCurrentThreadCpuTime() - start) / 1e6);
    }
  }

  private static Graph quantized(Net net) {
    Random random = new Random(SEED);
    Graph graph = NetGraph.of(net, SEED);
    List<Map<String, Tensor>> samples = List.of(Map.of(net.input(), NetGraph.image(net, random)));
    CalibrationTable table = Calibrator.calibrate(graph, QConfig.auto(), samples.iterator());
    return Quantizer.convert(graph, table);
  }

  private static void remove(Path folder) {
    if (Files.isDirectory(folder)) {
      try (var within = Files.newDirectoryStream(folder)) {
        within.forEach(OpeningBenchmark::remove);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
