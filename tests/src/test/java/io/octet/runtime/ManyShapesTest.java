package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.onnx.Onnx;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.NativeMemory;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.SmallBert;
import java.lang.foreign.Arena;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Sizes that change from call to call: every answer is right, and what 200 shapes leave behind
/// stays within what the options say.
class ManyShapesTest {
  private static final int SHAPES = 200;
  private static final int PLANS = 4;

  /// What allocators keep, and the process's other work.
  private static final long SLACK = 8L << 20;

  private static final int ROUNDS = 3;

  /// Three convolutions, a pool and a classifier, over images of any size.
  static Graph convolutional() {
    Random random = new Random(11);
    Shape images =
        new Shape(
            List.of(
                new Dim.Symbol("N"), new Dim.Fixed(3), new Dim.Symbol("H"), new Dim.Symbol("W")));
    List<Node> nodes =
        List.of(
            new Node("c1", new Convolution.Conv(padded(2), 1), names("x w1"), "a1"),
            new Node("r1", new Unary.Relu(), names("a1"), "b1"),
            new Node("c2", new Convolution.Conv(padded(1), 1), names("b1 w2"), "a2"),
            new Node("r2", new Unary.Relu(), names("a2"), "b2"),
            new Node("p", new Pooling.MaxPool(Window.of(2, 2), false), names("b2"), "m"),
            new Node("c3", new Convolution.Conv(padded(1), 1), names("m w3"), "a3"),
            new Node("g", new Pooling.GlobalAveragePool(), names("a3"), "v"),
            new Node("f", new Movement.Flatten(1), names("v"), "l"),
            new Node("fc", new Product.Gemm(1, 1, false, true), names("l w4"), "y"));
    Graph open =
        new Graph(
            "any size",
            List.of(new ValueInfo("x", DataType.F32, images)),
            List.of(new ValueInfo("y", DataType.F32, Shape.of())),
            Map.of(
                "w1", numbers(random, 16, 3, 3, 3),
                "w2", numbers(random, 32, 16, 3, 3),
                "w3", numbers(random, 32, 32, 3, 3),
                "w4", numbers(random, 10, 32)),
            nodes);
    return open.withOutputs(List.of(ShapeInference.infer(open).get("y")));
  }

  private static Window padded(int stride) {
    return Window.of(3, 3).stride(stride, stride).pads(1, 1, 1, 1);
  }

  private static List<String> names(String words) {
    return List.of(words.split(" "));
  }

  private static Tensor numbers(Random random, long... sizes) {
    float[] values = new float[(int) Shape.of(sizes).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.3f * (float) random.nextGaussian();
    }
    return Tensor.of(values, sizes);
  }

  private static Map<String, Tensor> image(int i) {
    Random random = new Random(i);
    return Map.of("x", numbers(random, 1 + i % 3, 3, 8 + i % 23, 8 + i * 7 % 71));
  }

  private static SessionOptions bounded(long limit) {
    return SessionOptions.builder()
        .memory(m -> m.maxPlans(PLANS).limit(limit))
        .threads(t -> t.maxConcurrentRuns(1))
        .build();
  }

  private interface Inputs {
    Map<String, Tensor> of(int i);
  }

  /// The bytes of the C heap that new shapes add, the least of some rounds: the JVM's compilers
  /// take from that heap, too, but not in every round.
  private static long grownBy(Graph graph, Inputs inputs, long limit) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least >= SLACK; round++) {
      least = Math.min(least, grownInOneRound(graph, inputs, limit));
    }
    return least;
  }

  /// Runs over all shapes, and returns what the second half of them added: nothing is new then but
  /// shapes.
  private static long grownInOneRound(Graph graph, Inputs inputs, long limit) {
    try (Session session = Session.open(graph, bounded(limit))) {
      long half = 0;
      for (int i = 0; i < SHAPES; i++) {
        try (Arena arena = Arena.ofConfined()) {
          session.run(inputs.of(i), arena);
        }
        half = i == SHAPES / 2 ? NativeMemory.inUse() : half;
      }
      return NativeMemory.inUse() - half;
    }
  }

  @Test
  void convolutionsOverImagesOfManySizesAnswerAsOnnxRuntime() throws Exception {
    Graph graph = convolutional();
    try (OrtRunner peer = new OrtRunner(Onnx.toBytes(graph));
        Session session = Session.open(graph, bounded(64L << 20));
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < 60; i++) {
        Answers.assertClose(peer.run(image(i)), session.run(image(i), arena), 1e-5, 0);
      }
    }
  }

  @Test
  void aSmallBertOverManyBatchesAndLengthsAnswersAsOnnxRuntime() throws Exception {
    SmallBert bert = new SmallBert();
    byte[] bytes = bert.bytes();
    try (OrtRunner peer = new OrtRunner(bytes);
        Session session = Session.open(Onnx.read(bytes), bounded(64L << 20));
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < 60; i++) {
        Map<String, Tensor> tokens = bert.tokens(1 + i % 4, 5 + i);
        Answers.assertClose(peer.run(tokens), session.run(tokens, arena), 1e-4, 0);
      }
    }
  }

  @Test
  void twoHundredShapesOfImagesLeaveNothingBehind() {
    Graph fp32 = convolutional();
    Iterator<Map<String, Tensor>> samples =
        IntStream.range(0, 4).mapToObj(ManyShapesTest::image).iterator();
    Graph int8 = Quantizer.convert(fp32, Calibrator.calibrate(fp32, QConfig.auto(), samples));
    for (Graph graph : List.of(fp32, int8)) {
      long grown = grownBy(graph, ManyShapesTest::image, 64L << 20);
      assertTrue(grown < SLACK, () -> grown + " bytes more after 100 further shapes");
    }
  }

  /// Each plan of these images takes up to 1.2 MiB, and 64 may be kept: the limit decides.
  @Test
  void aLimitOfBytesHoldsForAnyNumberOfShapes() {
    long limit = 3L << 20;
    SessionOptions options =
        SessionOptions.builder()
            .memory(m -> m.maxPlans(64).limit(limit))
            .threads(t -> t.maxConcurrentRuns(1))
            .build();
    try (Session session = Session.open(convolutional(), options)) {
      session.outputs(); // opened
      long before = NativeMemory.inUse();
      for (int i = 0; i < SHAPES; i++) {
        try (Arena arena = Arena.ofConfined()) {
          session.run(image(i), arena);
        }
      }
      long held = NativeMemory.inUse() - before;
      assertTrue(held < limit + SLACK, () -> held + " bytes held beside a limit of " + limit);
    }
  }

  @Test
  void twoHundredLengthsOfTextLeaveNothingBehind() {
    SmallBert bert = new SmallBert();
    Graph graph = Onnx.read(bert.bytes());
    long grown = grownBy(graph, i -> bert.tokens(1 + i % 2, 5 + i * 37 % SHAPES), 64L << 20);
    assertTrue(grown < SLACK, () -> grown + " bytes more after 100 further shapes");
  }
}
