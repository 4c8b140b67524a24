package io.octet.bench;

import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.onnx.Onnx;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// This commit against another one, which stands built beside it: opening an int8 network, running
/// it, and the memory that it holds, each in a process of its own, in turns. This commit has two
/// places in every round: the ratio of the two is the noise, and tells what the other ratio means.
///
/// ```
/// git worktree add ../other COMMIT && (cd ../other && ./mvnw -q test-compile)
/// ./mvnw -q -Pbench verify -DskipTests -pl bench -am -Djmh="CommitBenchmark -p other=$PWD/../other"
/// ```
@State(Scope.Benchmark)
@Fork(1)
public class CommitBenchmark {
  private static final long SEED = 20251201;
  private static final String[] WHAT = {"opening, ms", "run, us", "resident, KiB"};

  /// The network's data file.
  @Param({"resnet18", "resnet50", "mobilenet_v2"})
  public String net;

  /// How often each has its turn.
  @Param({"5"})
  public int rounds;

  /// The folder of the other commit.
  @Param({""})
  public String other;

  /// For JMH.
  public CommitBenchmark() {}

  /// Both commits, and this one once more.
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 0)
  @Measurement(iterations = 1)
  public void race() throws IOException {
    Path folder = Files.createTempDirectory("octet-commits");
    Path model = folder.resolve(net + ".onnx");
    Net data = Net.named(net);
    Random random = new Random(SEED);
    Tensor image = NetGraph.image(data, random);
    Files.write(model, Onnx.toBytes(quantized(data, image)));
    List<String> arguments = new ArrayList<>(List.of(model.toString(), data.input()));
    Arrays.stream(image.shape().sizes()).forEach(size -> arguments.add(Long.toString(size)));
    Map<String, String> classPaths = new LinkedHashMap<>();
    String own = System.getProperty("java.class.path");
    classPaths.put("this", own);
    classPaths.put("other", Path.of(other).isAbsolute() ? inPlaceOfOurs(own) : own);
    classPaths.put("again", own);
    List<Map<String, double[]>> results = inTurns(classPaths, arguments);
    for (int i = 0; i < WHAT.length; i++) {
      Race.Result result = new Race.Result(results.get(i));
      System.out.printf(
          "%n  %s %s: this %.1f, other %.1f; this/other %.3f, noise (this/again) %.3f%n",
          net,
          WHAT[i],
          result.millis("this"),
          result.millis("other"),
          result.ratio("this", "other"),
          result.ratio("this", "again"));
    }
    Files.delete(model);
    Files.delete(folder);
  }

  /// The other commit's class files in front of ours, of which only the {@link Racer} is left.
  private String inPlaceOfOurs(String own) {
    StringBuilder path = new StringBuilder();
    for (String module : List.of("core", "io", "onnx")) {
      path.append(Path.of(other, "java-api", module, "target", "classes")).append(':');
    }
    path.append(Path.of(other, "native", "target", "classes")).append(':');
    for (String entry : own.split(":")) {
      boolean ours = Path.of(entry).endsWith(Path.of("target", "classes"));
      if (!ours || entry.contains("bench")) {
        path.append(entry).append(':');
      }
    }
    return path.toString();
  }

  /// For each figure, the values of every process in every round.
  private List<Map<String, double[]>> inTurns(Map<String, String> paths, List<String> arguments)
      throws IOException {
    List<Map<String, double[]>> results = new ArrayList<>();
    for (int i = 0; i < WHAT.length; i++) {
      Map<String, double[]> values = new LinkedHashMap<>();
      paths.keySet().forEach(name -> values.put(name, new double[rounds]));
      results.add(values);
    }
    List<String> names = List.copyOf(paths.keySet());
    for (int round = 0; round < rounds; round++) {
      for (String name : round % 2 == 0 ? names : names.reversed()) {
        String[] figures = run(paths.get(name), arguments).strip().split(" ");
        for (int i = 0; i < WHAT.length; i++) {
          results.get(i).get(name)[round] = Double.parseDouble(figures[i]);
        }
      }
    }
    return results;
  }

  private static String run(String classPath, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx2g",
            "-XX:+UseSerialGC",
            "-XX:MinHeapFreeRatio=5",
            "-XX:MaxHeapFreeRatio=10",
            "-cp",
            classPath,
            Racer.class.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /// For one image, whose size is fixed: the largest part of the weights' memory is at stake there.
  private static Graph quantized(Net net, Tensor image) {
    Graph graph = NetGraph.of(net, SEED);
    Graph int8 =
        Quantizer.convert(
            graph,
            Calibrator.calibrate(
                graph, QConfig.auto(), List.of(Map.of(net.input(), image)).iterator()));
    return new Graph(
        int8.name(),
        single(int8.inputs()),
        single(int8.outputs()),
        int8.initializers(),
        int8.nodes());
  }

  private static List<ValueInfo> single(List<ValueInfo> batched) {
    return batched.stream()
        .map(i -> new ValueInfo(i.name(), i.type(), i.shape().bind(Map.of("N", 1L))))
        .toList();
  }
}
