package io.octet.cli;

import io.octet.cli.measure.Caller;
import io.octet.cli.measure.Latencies;
import io.octet.cli.measure.Load;
import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.io.Samples;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `octet bench`.
@Command(
    name = "bench",
    description = "Measure latency and throughput of a model.",
    footer = {
      "  octet bench net8.onnx",
      "  octet bench net8.onnx --batch 8 --threads 4",
      "  octet bench net8.onnx --callers 8 --seconds 10 --json",
      "  octet bench bert.onnx --shape input_ids=1x128 --shape attention_mask=1x128"
    })
final class BenchVerb extends Verb {
  private static final int WARM_UP_RUNS = 5;
  private static final double WARM_UP_PART = 0.25;
  private static final int MOST_THREADS = 1_024;

  @Parameters(paramLabel = "M.onnx", description = "The model.")
  private Path model;

  @Mixin private DimOption dims;

  @Mixin private Shapes shapes;

  @Option(
      names = "--input",
      paramLabel = "X.npz",
      description = "The first N samples of this file are run. Default: random numbers.")
  private Path input;

  @Option(names = "--threads", paramLabel = "T", description = "Threads inside a run. Default 1.")
  private int threads = 1;

  @Option(names = "--callers", paramLabel = "C", description = "Runs at the same time. Default 1.")
  private int callers = 1;

  @Option(names = "--seconds", paramLabel = "S", description = "How long to measure. Default 3.")
  private double seconds = 3;

  @Mixin private LayoutOption layout;

  @Mixin private InputOptions checks;

  @Mixin private RunOptions how;

  @Override
  VerbResult answer() throws Exception {
    require("--threads", threads, MOST_THREADS);
    require("--callers", callers, MOST_THREADS);
    requireSeconds(seconds);
    Graph graph = read(model, dims);
    Map<String, Tensor> inputs = input == null ? random(graph) : given(graph);
    SessionOptions options =
        checks.in(how.session()).toBuilder()
            .threads(t -> t.intraOp(threads).maxConcurrentRuns(callers))
            .build();
    try (Session session = Session.open(graph, options)) {
      Load load = measure(session, inputs);
      Map<String, Shape> concrete = new LinkedHashMap<>();
      inputs.forEach((name, tensor) -> concrete.put(name, tensor.shape()));
      List<NodeReport> nodes = session.explain(concrete);
      how.warning(nodes, "octet explain " + model + " tells why").ifPresent(this::note);
      String dtype = ModelFacts.dtype(nodes);
      return answer(load, shapes.batch(concrete), dtype);
    }
  }

  private Load measure(Session session, Map<String, Tensor> inputs) throws Exception {
    List<Caller> all = new ArrayList<>();
    ExecutorService pool = Executors.newFixedThreadPool(callers);
    try (pool;
        Progress progress = progress("measuring", (long) (1000 * seconds))) {
      for (int i = 0; i < callers; i++) {
        all.add(new Caller(session, inputs));
      }
      runAll(pool, all, WARM_UP_PART * seconds, WARM_UP_RUNS, null);
      all.forEach(Caller::forget);
      long start = System.nanoTime();
      runAll(pool, all, seconds, 1, progress);
      double elapsed = (System.nanoTime() - start) / 1e9;
      long[] nanos = all.stream().flatMapToLong(c -> LongStream.of(c.nanos())).toArray();
      return new Load(Latencies.of(nanos), elapsed);
    } finally {
      all.forEach(Caller::close);
    }
  }

  private static void runAll(
      ExecutorService pool, List<Caller> all, double seconds, int least, Progress progress)
      throws Exception {
    long start = System.nanoTime();
    long deadline = start + (long) (seconds * 1e9);
    List<Future<?>> running = new ArrayList<>();
    for (Caller caller : all) {
      running.add(pool.submit(() -> caller.runUntil(deadline, least)));
    }
    while (progress != null && running.stream().anyMatch(r -> !r.isDone())) {
      progress.accept((System.nanoTime() - start) / 1_000_000);
      Thread.sleep(50);
    }
    for (Future<?> run : running) {
      try {
        run.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof Exception cause ? cause : e;
      }
    }
  }

  private Map<String, Tensor> given(Graph graph) throws IOException {
    if (shapes.hasShapes()) {
      throw misuse("--input and --shape: the shapes come from the file, so give one of them");
    }
    try (Samples samples =
        checks.in(
            Samples.open(input, graph.inputs(), shapes.batch(), Optional.empty(), layout.get()))) {
      if (samples.count() < shapes.batch()) {
        throw new IllegalArgumentException(
            input + " has " + samples.count() + " samples, but --batch is " + shapes.batch());
      }
      return samples.next();
    }
  }

  /// Floats of -1 to 1, the same in every run; integers are 0, a valid token or class anywhere.
  private Map<String, Tensor> random(Graph graph) {
    Map<String, Shape> concrete = shapes.of(graph);
    SplittableRandom random = new SplittableRandom(1);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (ValueInfo info : graph.inputs()) {
      Shape shape = concrete.get(info.name());
      int n = (int) shape.elements();
      if (info.type() == DataType.F32) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
          values[i] = (float) random.nextDouble(-1, 1);
        }
        inputs.put(info.name(), Tensor.of(values, shape.sizes()));
      } else {
        inputs.put(info.name(), Tensor.allocate(Arena.ofAuto(), info.type(), shape));
      }
    }
    return inputs;
  }

  private VerbResult answer(Load load, long batch, String dtype) {
    Latencies l = load.latencies();
    double throughput = load.throughput(batch);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("p50_ms", l.millis(0.50));
    json.put("p90_ms", l.millis(0.90));
    json.put("p99_ms", l.millis(0.99));
    json.put("throughput_per_s", throughput);
    json.put("batch", batch);
    json.put("threads", threads);
    json.put("callers", callers);
    json.put("runs", l.runs());
    json.put("dtype", dtype);
    String text =
        """
        latency     p50 %s, p90 %s, p99 %s
        throughput  %,.1f samples/s
        measured    %s runs in %s; batch %d, threads %d, callers %d
        """
            .formatted(
                Sizes.millis(l.millis(0.50)),
                Sizes.millis(l.millis(0.90)),
                Sizes.millis(l.millis(0.99)),
                throughput,
                Sizes.count(l.runs()),
                dtype,
                batch,
                threads,
                callers);
    return VerbResult.of(json, text);
  }
}
