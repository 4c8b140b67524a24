package io.octet.runtime;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OrtException;
import io.octet.onnx.Onnx;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whole networks where many values lie exactly between two integers, against ONNX Runtime without
/// its optimizer: it rounds, and adds the zero point then.
class TiesTest {
  private static final List<String> BACKENDS = List.of("onednn", "fbgemm", "jvm", "reference");

  /// @param movesOnly whether nothing is computed but the last rounding
  private record Net(String name, byte[] model, boolean movesOnly) {
    @Override
    public String toString() {
      return name;
    }
  }

  /// Zero points of an s8 input and an output of any type.
  private record Zeros(int x, TensorProto.DataType type, int y) {}

  private static final List<Zeros> ZEROS =
      List.of(
          new Zeros(0, TensorProto.DataType.INT8, 0),
          new Zeros(0, TensorProto.DataType.INT8, 3),
          new Zeros(3, TensorProto.DataType.INT8, 3),
          new Zeros(1, TensorProto.DataType.UINT8, 101),
          new Zeros(0, TensorProto.DataType.UINT8, 128));

  static Stream<Net> operators() {
    return ZEROS.stream().flatMap(TiesTest::operators);
  }

  private static Stream<Net> operators(Zeros z) {
    List<Net> nets = new ArrayList<>();
    nets.add(moving("requantize", z, m -> m.node("Identity", "d", "m")));
    nets.add(moving("relu", z, m -> m.node("Relu", "d", "m")));
    nets.add(moving("flatten", z, m -> m.node("Flatten", "d", "m")));
    nets.add(
        moving(
            "transpose",
            z,
            m -> m.node("Transpose", "d", "m", attribute("perm", new long[] {0, 2, 3, 1}))));
    nets.add(moving("concat", z, m -> m.node("Concat", "d d", "m", attribute("axis", 1))));
    nets.add(moving("max", z, m -> m.node("MaxPool", "d", "m", kernel(1, 1))));
    nets.add(computing("sum", z, 0x1p-5f, m -> m.node("Add", "d d", "m")));
    nets.add(computing("half of a sum", z, 0x1p-2f, m -> m.node("Add", "d d", "m")));
    nets.add(computing("product", z, 0x1p-5f, m -> m.node("Mul", "d d", "m")));
    for (float scale : new float[] {0x1p-4f, 0x1p-3f}) {
      nets.add(
          computing(
              "mean to " + scale,
              z,
              scale,
              m ->
                  m.node(
                      "AveragePool",
                      "d",
                      "m",
                      kernel(1, 2),
                      attribute("strides", new long[] {1, 2}))));
      nets.add(computing("global mean", z, scale, m -> m.node("GlobalAveragePool", "d", "m")));
    }
    return nets.stream();
  }

  private static AttributeProto kernel(long h, long w) {
    return attribute("kernel_shape", new long[] {h, w});
  }

  private interface Middle {
    OnnxModel add(OnnxModel model);
  }

  private static Net moving(String name, Zeros z, Middle middle) {
    return new Net(name + " " + z, qdq(z, 0.05f, 0.1f, middle), true);
  }

  private static Net computing(String name, Zeros z, float scale, Middle middle) {
    return new Net(name + " " + z, qdq(z, 0x1p-4f, scale, middle), false);
  }

  /// x -> DequantizeLinear -> the middle, from "d" to "m" -> QuantizeLinear -> y.
  private static byte[] qdq(Zeros z, float from, float to, Middle middle) {
    OnnxModel model =
        new OnnxModel(17)
            .input("x", TensorProto.DataType.INT8, 1, 2, 8, 16)
            .constant("a", new long[0], from)
            .constant("b", new long[0], to)
            .constant(tensor("az", TensorProto.DataType.INT8).addInt32Data(z.x()))
            .constant(tensor("bz", z.type()).addInt32Data(z.y()))
            .node("DequantizeLinear", "x a az", "d");
    return middle.add(model).node("QuantizeLinear", "m b bz", "y").openOutput("y").bytes();
  }

  static Stream<Net> layers() throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.list(Path.of(TiesTest.class.getResource("/ties").toURI()))) {
      return files
          .filter(file -> file.toString().endsWith(".onnx"))
          .sorted()
          .map(TiesTest::net)
          .toList()
          .stream();
    }
  }

  private static Net net(Path file) {
    try {
      return new Net(file.getFileName().toString(), Files.readAllBytes(file), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<Net> all() throws IOException, URISyntaxException {
    return Stream.concat(operators(), layers());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void exactlyNothingDiffersFromOnnxRuntime(Net net) throws Exception {
    for (String backend : BACKENDS) {
      SessionOptions options =
          options().toBuilder().kernels(k -> k.exact(true).backends(backend)).build();
      for (Answers a : answers(net, options)) {
        assertArrayEquals(a.expected(), a.actual(), backend);
      }
    }
  }

  /// oneDNN's layers add the zero point before they round: by default 3 of 1,152 values of these
  /// convolutions are a step away, and nothing else is.
  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void byDefaultLayersAloneMayBeAStepAway(Net net) throws Exception {
    for (String backend : BACKENDS) {
      for (Answers a :
          answers(net, options().toBuilder().kernels(k -> k.backends(backend)).build())) {
        boolean layer = net.name().endsWith(".onnx") && !net.name().startsWith("mid");
        for (int i = 0; i < a.expected().length; i++) {
          int off = Math.abs(a.expected()[i] - a.actual()[i]);
          assertTrue(off <= (layer ? 1 : 0), backend + ": " + off + " steps at " + i);
        }
      }
    }
  }

  private static SessionOptions options() {
    return SessionOptions.builder().checks(c -> c.fallback(FallbackPolicy.ALLOW)).build();
  }

  private record Answers(int[] expected, int[] actual) {}

  /// Of ONNX Runtime and of Octet, for inputs with every byte and for random ones.
  private static List<Answers> answers(Net net, SessionOptions options)
      throws IOException, OrtException {
    List<Answers> answers = new ArrayList<>();
    try (OrtRunner ort = new OrtRunner(net.model());
        Session session = Session.open(Onnx.read(net.model()), options);
        Arena arena = Arena.ofConfined()) {
      for (int kind = 0; kind < 2; kind++) {
        Map<String, Tensor> inputs = Map.of("x", input(session, kind));
        int[] expected = ints(ort.run(inputs).get("y"));
        int[] actual = ints(session.run(inputs, arena).get("y"));
        assertEquals(expected.length, actual.length);
        answers.add(new Answers(expected, actual));
      }
    }
    return answers;
  }

  private static Tensor input(Session session, int kind) {
    DataType type = session.inputs().getFirst().type();
    long[] sizes =
        session.inputs().getFirst().shape().dims().stream()
            .mapToLong(dim -> dim instanceof Dim.Fixed(long n) ? n : 1)
            .toArray();
    byte[] values = new byte[Math.toIntExact(Shape.of(sizes).elements())];
    if (kind == 0) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (byte) i;
      }
    } else {
      new SplittableRandom(6).nextBytes(values);
    }
    return Tensor.wrap(type, Shape.of(sizes), MemorySegment.ofArray(values));
  }

  private static int[] ints(Tensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) tensor.getInteger(i);
    }
    return values;
  }
}
