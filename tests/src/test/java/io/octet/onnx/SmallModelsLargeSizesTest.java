package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxModel;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models of a few bytes that name huge windows, pads and values. Each ends in an answer or in an
/// exception with the numbers, soon and in little memory.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SmallModelsLargeSizesTest {
  private static byte[] attack(String name) throws IOException {
    try (InputStream file = SmallModelsLargeSizesTest.class.getResourceAsStream("/attack/" + name);
        InputStream in = name.endsWith(".gz") ? new GZIPInputStream(file) : file) {
      return in.readAllBytes();
    }
  }

  private static OctetException refused(byte[] model) {
    return assertThrows(
        OctetException.class,
        () -> {
          try (Session session = Session.open(Onnx.read(model))) {
            session.explain();
          }
        });
  }

  @Test
  void aPoolWithPadsBeyondAnyImageIsRefusedBeforeABackendIsAsked() throws IOException {
    OctetException e = refused(attack("pool_hang.onnx"));
    assertTrue(e instanceof Unsupported, e::toString);
    assertTrue(e.getMessage().startsWith("MaxPool \""), e::getMessage);
    assertTrue(e.getMessage().contains("pads 8 pixels to 2147483654"), e::getMessage);
  }

  @Test
  void padsOfABillionOnAConvolutionAreRefused() throws IOException {
    OctetException e = refused(attack("pads_2_30.onnx"));
    assertTrue(e.getMessage().contains("at most 1073741824 are supported"), e::getMessage);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"fold_bomb.onnx", "fold_arithmetic.onnx.gz"})
  void constantsThatGrowAreRefused(String name) throws IOException {
    OctetException e = refused(attack(name));
    assertTrue(e instanceof Unsupported, e::toString);
    assertTrue(e.getMessage().contains("bytes"), e::getMessage);
  }

  @Test
  void aDeepGraphOpens() throws IOException {
    Graph graph = Onnx.read(attack("deep_8000.onnx.gz"));
    try (Session session = Session.open(graph)) {
      assertTrue(session.explain().size() > 0);
    }
  }

  private static OnnxModel pool(String type, long kernel, long pad, long stride) {
    return new OnnxModel(13)
        .input("x", 1, 1, 2, 2)
        .node(
            type,
            "x",
            "y",
            attribute("kernel_shape", new long[] {kernel, kernel}),
            attribute("pads", new long[] {pad, pad, pad, pad}),
            attribute("strides", new long[] {stride, stride}))
        .openOutput("y");
  }

  private static float[] run(OnnxModel model, String... backends) {
    SessionOptions options = SessionOptions.builder().kernels(k -> k.backends(backends)).build();
    try (Session session = Session.open(Onnx.read(model.bytes()), options);
        Arena arena = Arena.ofConfined()) {
      Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 2, 2);
      return session.run(Map.of("x", x), arena).get("y").toFloats();
    }
  }

  /// Outputs of a huge window, at steps just as huge: the first sees the first pixel alone, the
  /// second all of them, the last the last one.
  @ParameterizedTest(name = "{0} on {2}")
  @CsvSource({
    "MaxPool, 1 2 2 3 4 4 3 4 4, onednn",
    "MaxPool, 1 2 2 3 4 4 3 4 4, jvm",
    "MaxPool, 1 2 2 3 4 4 3 4 4, reference",
    "AveragePool, 1 1.5 2 2 2.5 3 3 3.5 4, onednn",
    "AveragePool, 1 1.5 2 2 2.5 3 3 3.5 4, jvm",
    "AveragePool, 1 1.5 2 2 2.5 3 3 3.5 4, reference",
  })
  void aHugeWindowCostsNoMoreThanTheImage(String type, String expected, String backend) {
    int kernel = 1 << 26;
    float[] y = run(pool(type, kernel, kernel - 1, kernel / 2), backend);
    String[] numbers = expected.split(" ");
    float[] wanted = new float[9];
    for (int i = 0; i < 9; i++) {
      wanted[i] = Float.parseFloat(numbers[i]);
    }
    assertArrayEquals(wanted, y);
  }

  @Test
  void aMeanThatCountsItsPaddingDividesByAllOfAHugeWindow() {
    int kernel = 1 << 20;
    OnnxModel model =
        new OnnxModel(13)
            .input("x", 1, 1, 2, 2)
            .node(
                "AveragePool",
                "x",
                "y",
                attribute("kernel_shape", new long[] {kernel, kernel}),
                attribute("pads", new long[] {kernel / 2, kernel / 2, kernel / 2, kernel / 2}),
                attribute("strides", new long[] {kernel, kernel}),
                attribute("count_include_pad", 1))
            .openOutput("y");
    assertArrayEquals(new float[] {10f / kernel / kernel}, run(model));
  }

  @Test
  void tapsThatLieABillionPixelsApartSeeThePaddingAlone() {
    long far = 1 << 28;
    OnnxModel model =
        new OnnxModel(13)
            .input("x", 1, 1, 2, 2)
            .constant("w", new long[] {1, 1, 3, 3}, 1, 1, 1, 1, 2, 1, 1, 1, 1)
            .node(
                "Conv",
                "x w",
                "y",
                attribute("dilations", new long[] {far, far}),
                attribute("pads", new long[] {far, far, far, far}))
            .openOutput("y");
    assertArrayEquals(new float[] {2, 4, 6, 8}, run(model));
  }

  @Test
  void aWindowLargerThanItsPaddedImageIsInvalid() {
    for (String type : new String[] {"MaxPool", "AveragePool"}) {
      byte[] model = pool(type, 5, 1, 1).bytes();
      InvalidModel e = assertThrows(InvalidModel.class, () -> Onnx.read(model));
      assertTrue(e.getMessage().contains("does not fit input [1,1,2,2]"), e::getMessage);
    }
  }

  @ParameterizedTest(name = "{0} x {1}")
  @CsvSource({"4611686018427387904, 4", "9223372036854775807, 1", "3037000500, 3037000500"})
  void aValueOfMoreElementsThanALongCountsIsInvalid(long rows, long columns) {
    byte[] model =
        new OnnxModel(13).input("x", rows, columns).node("Relu", "x", "y").openOutput("y").bytes();
    InvalidModel e = assertThrows(InvalidModel.class, () -> Onnx.read(model));
    assertTrue(e.getMessage().startsWith("input \"x\" f32["), e::getMessage);
    assertTrue(e.getMessage().contains("beyond any memory"), e::getMessage);
  }

  @Test
  void aValueThatGrowsBeyondALongNamesItsNode() {
    OnnxModel model = new OnnxModel(13).input("x", 1 << 30, 1).input("z", 1, 1 << 30);
    model.node("Add", "x z", "a").node("Concat", "a a a a a a a a", "y", attribute("axis", 0));
    InvalidModel e =
        assertThrows(InvalidModel.class, () -> Onnx.read(model.openOutput("y").bytes()));
    assertTrue(e.getMessage().startsWith("Concat \"y_node\""), e::getMessage);
    assertEquals(1, e.getMessage().lines().count());
  }

  /// y = x + what a node makes of constants that are all 1.
  private static OnnxModel ofOnes(String type, String sizes, AttributeProto... attributes) {
    OnnxModel model = new OnnxModel(13).input("x", 1);
    List<String> ones = new ArrayList<>();
    for (String shape : sizes.split(" ")) {
      String one = "ones" + ones.size();
      model.longs(
          one + "_shape", Arrays.stream(shape.split("x")).mapToLong(Long::parseLong).toArray());
      TensorProto.Builder value = tensor("", TensorProto.DataType.FLOAT, 1).addFloatData(1);
      model.node("ConstantOfShape", one + "_shape", one, OnnxModel.value(value));
      ones.add(one);
    }
    return model
        .node(type, String.join(" ", ones), "made", attributes)
        .node("Add", "x made", "y")
        .openOutput("y");
  }

  static Stream<Arguments> whatWouldTakeDaysToComputeAheadIsLeftToARun() {
    return Stream.of(
        arguments(
            "MaxPool",
            ofOnes("MaxPool", "1x1x2048x2048", attribute("kernel_shape", new long[] {999, 999}))),
        arguments("LRN", ofOnes("LRN", "1x1048576x1x1", attribute("size", Integer.MAX_VALUE))),
        arguments(
            "Einsum", ofOnes("Einsum", "65536 65536 65536", attribute("equation", "a,b,c->"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void whatWouldTakeDaysToComputeAheadIsLeftToARun(String type, OnnxModel model) {
    assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () -> {
          try (Session session = Session.open(Onnx.read(model.bytes()))) {
            assertTrue(session.explain().toString().contains(type), session.explain()::toString);
          }
        });
  }

  /// One axis after the other: 65536 x 65536 between the two would be beyond an array.
  @Test
  void aResizingOfOneAxisToTheOtherMakesNoMoreBetween() {
    OnnxModel model =
        ofOnes("Resize", "65536x1", attribute("mode", "linear"))
            .constant("scales", new long[] {2}, 1f / 65536, 65536);
    model.graph(g -> g.getNodeBuilder(1).addInput("").addInput("scales"));
    try (Session session = Session.open(Onnx.read(model.bytes()));
        Arena arena = Arena.ofConfined()) {
      Tensor y = session.run(Map.of("x", Tensor.of(new float[] {1}, 1)), arena).get("y");
      assertEquals(Shape.of(1, 65536), y.shape());
      assertEquals(2, y.getReal(65535));
    }
  }
}
