package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.pass.PassTest;
import io.octet.internal.pass.Prepare;
import io.octet.internal.select.Backends;
import io.octet.internal.select.Registry;
import io.octet.internal.tune.Stopwatch;
import io.octet.onnx.Onnx;
import io.octet.runtime.Measured;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literally;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.Seeds;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random graphs over all operators: prepared and fused, on every backend, against the graph as it
/// was written, node by node in float on the reference backend.
class RandomGraphTest {
  private static final List<String> BACKENDS = List.of("onednn", "jvm", "reference");
  private static final int NEIGHBOURS = 3;
  private static final float NOISE = 1e-6f;
  private static final CompileOptions EXACT = new CompileOptions(true, false);
  private static final CompileOptions LITERAL = new CompileOptions(true, true);

  static LongStream seeds() {
    return Seeds.cases(Integer.getInteger("test.cases", 200));
  }

  /// Scales are powers of two and all sums exact, so that there is one answer to the last bit. The
  /// only deviation is the one that `explain` lists: Q -> DQ pairs that are left out.
  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void inInt8EveryBitIsRight(long seed) {
    RandomGraph random = random(seed, true);
    Graph written = random.graph();
    Graph prepared = Prepare.prepare(written).graph();
    for (String backend : BACKENDS) {
      for (CompileOptions options : List.of(EXACT, CompileOptions.DEFAULT)) {
        try (Compiled compiled = new Compiled(prepared, backend, options, random.given())) {
          Set<String> elided = new HashSet<>();
          compiled.rows().forEach(row -> elided.addAll(row.elided()));
          assertTrue(elided.isEmpty() || !options.exact(), elided::toString);
          assertEquals(List.of(), compiled.unread());
          Map<String, Tensor> expected =
              Compiled.run(
                  asWritten(without(elided, written)), "reference", LITERAL, random.given());
          assertSame(expected, compiled.run(random.given()), Map.of(), backend + " " + options);
        }
      }
    }
  }

  /// Java alone has no int8 layers: what they would have read is not made.
  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void withoutInt8LayersEveryBitIsRight(long seed) {
    RandomGraph random = random(seed, true);
    Graph written = random.graph();
    Registry java = Registry.of(List.of(new JvmBackend()));
    try (Compiled compiled =
        new Compiled(Prepare.prepare(written).graph(), java, EXACT, random.given())) {
      assertEquals(List.of(), compiled.unread());
      Map<String, Tensor> expected =
          Compiled.run(asWritten(written), "reference", LITERAL, random.given());
      assertSame(expected, compiled.run(random.given()), Map.of(), "jvm alone");
    }
  }

  /// What {@link io.octet.internal.reference.Reference} makes of each node by itself is what ONNX
  /// Runtime makes of it, or the kernels' oracle where ONNX Runtime refuses a graph (it has no
  /// dilation under `auto_pad`).
  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void nodeByNodeItMeansWhatItMeansToOnnxRuntime(long seed) {
    RandomGraph random = random(seed, true);
    Graph written = random.graph();
    assertSame(
        expected(written, random.given()),
        Literally.run(written, random.given()),
        Map.of(),
        "literally");
  }

  private static Map<String, Tensor> expected(Graph written, Map<String, Tensor> given) {
    Map<String, ValueInfo> infos = ShapeInference.infer(written);
    Graph typed =
        written.withOutputs(written.outputs().stream().map(o -> infos.get(o.name())).toList());
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(typed))) {
      return ort.run(given);
    } catch (OrtException refused) {
      return Compiled.run(asWritten(written), "reference", LITERAL, given);
    }
  }

  /// Sums of small integers are exact in float as well: it is all the same which layers a stopwatch
  /// gives to FP32.
  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void withLayersInFp32ByMeasurementEveryBitIsRight(long seed) {
    RandomGraph random = random(seed, true);
    Graph written = random.graph();
    Graph prepared = Prepare.prepare(written).graph();
    Map<String, Tensor> expected =
        Compiled.run(asWritten(written), "reference", LITERAL, random.given());
    Registry registry = Backends.preferring(List.of("onednn"));
    Random coin = new Random(seed);
    Stopwatch some =
        (int8, fp32) ->
            (coin.nextInt(4) > 0 ? Measured.FP32_WINS : Measured.INT8_WINS).time(int8, fp32);
    try (Compiled compiled = new Compiled(prepared, registry, EXACT, some, random.given())) {
      assertSame(expected, compiled.run(random.given()), Map.of(), "measured");
    }
  }

  /// Functions such as Sigmoid, and sums of floats in another order, differ in the last bits. What
  /// becomes of such a difference is the graph's affair: where large terms cancel, much. So it is
  /// measured, by graphs whose inputs and constants differ by a millionth.
  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void inFloatTheLastBitsMayDiffer(long seed) {
    RandomGraph random = random(seed, false);
    Graph written = random.graph();
    Graph prepared = Prepare.prepare(written).graph();
    Map<String, Tensor> expected = Compiled.run(written, "reference", LITERAL, random.given());
    Map<String, Float> tolerances = new HashMap<>();
    expected.forEach((name, tensor) -> tolerances.put(name, 1e-5f * largest(floats(tensor))));
    Random noise = new Random(seed);
    for (int i = 0; i < NEIGHBOURS; i++) {
      Graph neighbour = written.with(noisy(written.initializers(), noise), written.nodes());
      Compiled.run(neighbour, "reference", LITERAL, noisy(random.given(), noise))
          .forEach(
              (name, tensor) ->
                  tolerances.merge(name, 4 * distance(expected.get(name), tensor), Math::max));
    }
    for (String backend : BACKENDS) {
      Map<String, Tensor> actual =
          Compiled.run(prepared, backend, CompileOptions.DEFAULT, random.given());
      assertSame(expected, actual, tolerances, backend);
    }
  }

  private static Map<String, Tensor> noisy(Map<String, Tensor> tensors, Random noise) {
    Map<String, Tensor> result = new LinkedHashMap<>(tensors);
    result.replaceAll((_, t) -> t.type() == DataType.F32 ? noisy(t, noise) : t);
    return result;
  }

  private static Tensor noisy(Tensor tensor, Random noise) {
    float[] values = tensor.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 1 + NOISE * (2 * noise.nextFloat() - 1);
    }
    return Tensor.of(values, tensor.shape().sizes());
  }

  private static float distance(Tensor a, Tensor b) {
    float[] x = floats(a);
    float[] y = floats(b);
    for (int i = 0; i < x.length; i++) {
      x[i] -= y[i];
    }
    return largest(x);
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void everyPassIsDoneAtItsFirstRun(long seed) {
    PassTest.assertEachPassIsDoneAtItsFirstRun(random(seed, seed % 2 == 0).graph());
  }

  private static RandomGraph random(long seed, boolean exact) {
    RandomGraph graph = new RandomGraph(seed);
    RandomOps ops = new RandomOps(graph, exact);
    int size = graph.random.nextInt(3, 10);
    graph.input(graph.random.nextInt(1, 20), size, graph.random.nextInt(3, 10));
    if (graph.chance(0.2)) {
      graph.input(graph.random.nextInt(1, 20));
    }
    if (exact && graph.chance(0.2)) {
      graph.integerInput(
          graph.oneOf(DataType.U8, DataType.S8), graph.random.nextInt(1, 9), size, 4);
    }
    for (int i = graph.random.nextInt(2, 16); i > 0; i--) {
      ops.step();
    }
    return graph;
  }

  /// Weights may stand behind a QuantizeLinear: a convolution needs them folded.
  private static Graph asWritten(Graph graph) {
    return graph.nodes().stream()
            .anyMatch(
                n ->
                    n.op() instanceof Quantization.QuantizeLinear
                        && graph.constant(n.input(0)) != null)
        ? Prepare.prepare(graph).graph()
        : graph;
  }

  /// The graph with some nodes made to do nothing.
  private static Graph without(Set<String> names, Graph graph) {
    List<Node> nodes =
        graph.nodes().stream()
            .map(
                n ->
                    names.contains(n.name())
                        ? new Node(
                            n.name(), new Movement.Identity(), List.of(n.input(0)), n.outputs())
                        : n)
            .toList();
    return graph.with(graph.initializers(), nodes);
  }

  /// @param tolerances by output; 0 where there is none
  private static void assertSame(
      Map<String, Tensor> expected,
      Map<String, Tensor> actual,
      Map<String, Float> tolerances,
      String what) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, tensor) -> {
          Tensor other = actual.get(name);
          assertEquals(tensor.type(), other.type(), name);
          assertEquals(tensor.shape(), other.shape(), name);
          float[] a = floats(tensor);
          float[] b = floats(other);
          float tolerance = tolerances.getOrDefault(name, 0f);
          for (int i = 0; i < a.length; i++) {
            boolean same = a[i] == b[i] || Math.abs(a[i] - b[i]) <= tolerance;
            int at = i;
            assertTrue(
                same,
                () ->
                    what + ": " + name + " " + tensor + " at " + at + ": " + a[at] + ", got "
                        + b[at]);
          }
        });
  }

  private static float[] floats(Tensor tensor) {
    if (tensor.type() == DataType.F32) {
      return tensor.toFloats();
    }
    float[] values = new float[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.getInteger(i);
    }
    return values;
  }
}
