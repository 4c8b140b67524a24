package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.octet.cli.measure.TopOne;
import io.octet.cli.measure.Watch;
import io.octet.graph.Graph;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.Registry;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.pass.Prepare;
import io.octet.io.Samples;
import io.octet.onnx.Onnx;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.Capture;
import io.octet.testkit.Case;
import io.octet.testkit.Fashion;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A program of its own, because an instruction set is fixed once per process: a quantized
/// ResNet-20 under `-Doctet.maxIsa`. Arguments: its file, and how many images it classifies. It
/// prints a line for each layer; its last line is the instruction set, then how many images it
/// classified right, then for how many layers a backend's sums were those of the oracle.
final class ResNetUnderIsa {
  private static final Watch UNWATCHED =
      new Watch() {
        @Override
        public void accept(long done) {}

        @Override
        public void close() {}
      };

  private static final List<Backend> PRODUCTION = List.of(new OnednnBackend(), new JvmBackend());

  private ResNetUnderIsa() {}

  /// A wrong sum is an uncaught error.
  public static void main(String[] args) throws IOException {
    Graph graph = Onnx.read(Path.of(args[0]));
    try (Session session = Session.open(graph)) {
      session.explain().forEach(ResNetUnderIsa::print);
    }
    int right = right(graph, Integer.parseInt(args[1]));
    int layers = 0;
    for (Case layer : layers(graph)) {
      layers += sumsAreTheOracles(layer) ? 1 : 0;
    }
    System.out.println(DnnlIsa.effective().text() + " " + right + " " + layers);
  }

  /// How many of the first test images the network classifies right.
  static int right(Graph graph, int images) throws IOException {
    try (Session session = Session.open(graph);
        Samples samples = Fashion.test(images, 32)) {
      int[] classes = TopOne.of(session, samples, UNWATCHED);
      int[] labels = Fashion.labels();
      int right = 0;
      for (int i = 0; i < classes.length; i++) {
        right += classes[i] == labels[i] ? 1 : 0;
      }
      return right;
    }
  }

  private static void print(NodeReport node) {
    System.out.println(
        String.join(" | ", node.op(), node.dtype(), node.backend(), node.kernel(), node.name()));
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

  private static Activation raw(Activation y) {
    return Activation.accumulators(y.layout(), y.shape());
  }

  private static Weights bare(Weights weights) {
    return new Weights(weights.values(), weights.scales(), new float[0]);
  }

  /// Whether a production backend served the layer; other sums than the oracle's are an error.
  private static boolean sumsAreTheOracles(Case layer) {
    Output expected = SpecRunner.run(new ReferenceBackend(), layer.spec(), layer.inputs());
    boolean served = false;
    for (Backend backend : PRODUCTION) {
      Optional<Output> actual = SpecRunner.tryRun(backend, layer.spec(), layer.inputs());
      if (actual.isPresent()) {
        assertArrayEquals(
            expected.ints(), actual.get().ints(), () -> backend.name() + ": " + layer);
        served = true;
      }
    }
    return served;
  }
}
