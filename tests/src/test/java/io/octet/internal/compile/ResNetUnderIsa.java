package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.octet.cli.measure.TopOne;
import io.octet.cli.measure.Watch;
import io.octet.graph.Graph;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.Saturation;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.pass.Prepare;
import io.octet.internal.select.Registry;
import io.octet.io.Samples;
import io.octet.onnx.Onnx;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Capture;
import io.octet.testkit.Case;
import io.octet.testkit.ExposedSums;
import io.octet.testkit.Fashion;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// A program of its own, because an instruction set is fixed once per process: a quantized
/// ResNet-20 under `-Doctet.maxIsa`, once with oneDNN and once with FBGEMM asked first. Arguments:
/// its file, and how many images it classifies. It prints whether FBGEMM is there; for each of the
/// two a line for each layer, how many images were classified right, a hash of the exact logits,
/// and for how many layers that backend's sums were those of the oracle; at last the instruction
/// set.
final class ResNetUnderIsa {
  private static final Watch UNWATCHED =
      new Watch() {
        @Override
        public void accept(long done) {}

        @Override
        public void close() {}
      };

  private static final List<Backend> NATIVE = List.of(new OnednnBackend(), new FbgemmBackend());

  private ResNetUnderIsa() {}

  /// A wrong sum is an uncaught error.
  public static void main(String[] args) throws IOException {
    Graph graph = Onnx.read(Path.of(args[0]));
    int images = Integer.parseInt(args[1]);
    System.out.println(Natives.fbgemm());
    List<Case> layers = layers(graph);
    int[][] sums =
        layers.stream()
            .map(c -> SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()).ints())
            .toArray(int[][]::new);
    for (Backend backend : NATIVE) {
      String name = backend.name();
      try (Session session = open(graph, name)) {
        session.explain().forEach(node -> print(name, node));
        System.out.println(name + " right: " + right(session, images));
      }
      System.out.println(name + " exact: " + exactLogits(graph, name));
      int exact = 0;
      for (int i = 0; i < sums.length; i++) {
        exact += sumsAreExact(backend, layers.get(i), sums[i]) ? 1 : 0;
      }
      System.out.println(name + " sums: " + exact);
    }
    System.out.println(DnnlIsa.effective().text());
  }

  /// A session of that network in which that backend is asked first.
  static Session open(Graph graph, String backend) {
    return Session.open(graph, SessionOptions.builder().kernels(k -> k.backends(backend)).build());
  }

  /// A hash of the logits of a hundred test images where exactness is asked for.
  static int exactLogits(Graph graph, String backend) throws IOException {
    SessionOptions options =
        SessionOptions.builder().kernels(k -> k.exact(true).backends(backend)).build();
    int hash = 0;
    try (Session session = Session.open(graph, options);
        Samples samples = Fashion.test(100, 25);
        Arena arena = Arena.ofConfined()) {
      while (samples.hasNext()) {
        Map<String, Tensor> outputs = session.run(samples.next(), arena);
        for (Tensor logits : outputs.values()) {
          hash = 31 * hash + Arrays.hashCode(logits.toFloats());
        }
      }
    }
    return hash;
  }

  /// How many of the first test images the network classifies right.
  static int right(Session session, int images) throws IOException {
    try (Samples samples = Fashion.test(images, 32)) {
      int[] classes = TopOne.of(session, samples, UNWATCHED);
      int[] labels = Fashion.labels();
      int right = 0;
      for (int i = 0; i < classes.length; i++) {
        right += classes[i] == labels[i] ? 1 : 0;
      }
      return right;
    }
  }

  private static void print(String first, NodeReport node) {
    System.out.println(
        String.join(
            " | ", first, node.op(), node.dtype(), node.backend(), node.kernel(), node.name()));
  }

  /// The network's int8 layers with the inputs that they have where the oracle computes it all,
  /// asked for their sums.
  private static List<Case> layers(Graph graph) throws IOException {
    Map<String, Tensor> image = Fashion.firstTest(1);
    Capture oracle = new Capture(new ReferenceBackend());
    try (Compiled compiled =
        new Compiled(
            Prepare.prepare(graph).graph(),
            Registry.of(List.of(oracle)),
            CompileOptions.DEFAULT,
            image)) {
      compiled.run(image);
    }
    return oracle.cases().stream().flatMap(c -> sums(c).stream()).toList();
  }

  private static Optional<Case> sums(Case layer) {
    KernelSpec spec =
        switch (layer.spec()) {
          case KernelSpec.Conv s when s.isInt8() ->
              new KernelSpec.Conv(
                  s.x(), raw(s.y()), bare(s.weights()), s.window(), s.groups(), PostOps.NONE);
          case KernelSpec.Linear s when s.isInt8() ->
              new KernelSpec.Linear(s.x(), raw(s.y()), bare(s.weights()), PostOps.NONE);
          default -> null;
        };
    return Optional.ofNullable(spec)
        .map(s -> new Case(s, new Object[] {layer.inputs()[0]}, layer.spec().describe()));
  }

  private static TensorDesc raw(TensorDesc y) {
    return TensorDesc.accumulators(y.layout(), y.shape());
  }

  private static Weights bare(Weights weights) {
    return new Weights(weights.values(), weights.scales(), new float[0]);
  }

  /// Whether the backend serves the layer, or, where its weights could saturate, the two layers of
  /// their parts, whose sums are added; other sums than the oracle's are an error.
  private static boolean sumsAreExact(Backend backend, Case layer, int[] expected) {
    Optional<int[]> actual =
        sums(backend, layer)
            .or(
                () ->
                    sums(backend, part(layer, true))
                        .flatMap(a -> sums(backend, part(layer, false)).map(b -> added(a, b))));
    actual.ifPresent(
        found -> assertArrayEquals(expected, found, () -> backend.name() + ": " + layer));
    return actual.isPresent();
  }

  /// What the backend answers, raw; its requantizing kernels must show the same.
  private static Optional<int[]> sums(Backend backend, Case layer) {
    Optional<int[]> raw =
        SpecRunner.tryRun(backend, layer.spec(), layer.inputs()).map(Output::ints);
    return raw.filter(
        found -> ExposedSums.of(layer, found).allMatch(shown -> shown.assertShownBy(backend)));
  }

  private static Case part(Case layer, boolean first) {
    KernelSpec spec =
        switch (layer.spec()) {
          case KernelSpec.Conv s ->
              new KernelSpec.Conv(
                  s.x(), s.y(), part(s.weights(), first), s.window(), s.groups(), s.post());
          case KernelSpec.Linear s ->
              new KernelSpec.Linear(s.x(), s.y(), part(s.weights(), first), s.post());
          default -> throw new IllegalArgumentException("no layer: " + layer);
        };
    return new Case(spec, layer.inputs(), layer.replay());
  }

  private static Weights part(Weights weights, boolean first) {
    byte[] values = weights.values().tensor().toBytes();
    for (int i = 0; i < values.length; i++) {
      int a = Saturation.firstPart(values[i]);
      values[i] = (byte) (first ? a : values[i] - a);
    }
    Tensor part = Tensor.of(DataType.S8, values, weights.values().shape().sizes());
    return new Weights(part, weights.scales(), weights.bias());
  }

  private static int[] added(int[] a, int[] b) {
    return IntStream.range(0, a.length).map(i -> a[i] + b[i]).toArray();
  }
}
