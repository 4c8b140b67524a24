package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.octet.graph.Graph;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Machine;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every operator over integers, ONNX's and com.microsoft's, beside ONNX Runtime: within one step.
class QOperatorsTest {
  /// A model of one node under construction. Each method adds an input of it.
  private static final class Made {
    private final String type;
    private final String domain;
    private final Random random = new Random(5);
    private final OnnxModel model = new OnnxModel(17);
    private final List<String> inputs = new ArrayList<>();
    private final List<AttributeProto> attributes = new ArrayList<>();
    private final Map<String, Tensor> given = new LinkedHashMap<>();

    Made(String type, String domain) {
      this.type = type;
      this.domain = domain;
    }

    private String next() {
      inputs.add("i" + inputs.size());
      return inputs.getLast();
    }

    Made data(DataType type, Object... dims) {
      String name = next();
      model.input(name, io.octet.onnx.op.ElementTypes.code(type), dims);
      long[] sizes = Stream.of(dims).mapToLong(d -> (Integer) d).toArray();
      given.put(name, random(type, sizes));
      return this;
    }

    private Tensor random(DataType type, long... sizes) {
      int count = (int) Shape.of(sizes).elements();
      if (type == DataType.F32) {
        float[] reals = new float[count];
        for (int i = 0; i < count; i++) {
          reals[i] = (float) random.nextGaussian();
        }
        return Tensor.of(reals, sizes);
      }
      byte[] bytes = new byte[count * type.bytes()];
      random.nextBytes(bytes);
      return Tensor.wrap(type, Shape.of(sizes), MemorySegment.ofArray(bytes));
    }

    Made weights(DataType type, long... sizes) {
      return constant(type, random(type, sizes).toBytes(), sizes);
    }

    Made bias(long... sizes) {
      int[] values = new int[(int) Shape.of(sizes).elements()];
      TensorProto.Builder tensor = OnnxModel.tensor(next(), TensorProto.DataType.INT32, sizes);
      for (int i = 0; i < values.length; i++) {
        tensor.addInt32Data(random.nextInt(20_000) - 10_000);
      }
      model.constant(tensor);
      return this;
    }

    private Made constant(DataType type, byte[] values, long... sizes) {
      model.constant(
          OnnxModel.tensor(next(), io.octet.onnx.op.ElementTypes.code(type), sizes)
              .setRawData(ByteString.copyFrom(values)));
      return this;
    }

    Made reals(long[] sizes, float... values) {
      model.constant(next(), sizes, values);
      return this;
    }

    /// Scale and zero point of a tensor.
    Made by(float scale, DataType type, int zero) {
      return reals(new long[0], scale).constant(type, new byte[] {(byte) zero});
    }

    /// Scales and zero points of channels.
    Made by(float[] scales, DataType type, int... zeros) {
      reals(new long[] {scales.length}, scales);
      byte[] bytes = new byte[zeros.length];
      for (int i = 0; i < zeros.length; i++) {
        bytes[i] = (byte) zeros[i];
      }
      return constant(type, bytes, zeros.length);
    }

    Made absent() {
      inputs.add("");
      return this;
    }

    Made with(AttributeProto attribute) {
      attributes.add(attribute);
      return this;
    }

    byte[] bytes() {
      NodeProto node =
          NodeProto.newBuilder()
              .setName("it")
              .setOpType(type)
              .setDomain(domain)
              .addAllInput(inputs)
              .addOutput("y")
              .addAllAttribute(attributes)
              .build();
      model.graph(g -> g.addNode(node)).openOutput("y");
      if (!domain.isEmpty()) {
        model.model(
            m -> m.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(1)));
      }
      return model.bytes();
    }

    @Override
    public String toString() {
      return type
          + " of "
          + given.values()
          + attributes.stream().map(a -> " " + a.getName()).toList();
    }
  }

  private static Made onnx(String type) {
    return new Made(type, "");
  }

  private static Made microsoft(String type) {
    return new Made(type, "com.microsoft");
  }

  private static final DataType U8 = DataType.U8;
  private static final DataType S8 = DataType.S8;
  private static final DataType F32 = DataType.F32;

  static Stream<Made> operators() {
    float[] three = {0.01f, 0.02f, 0.003f};
    return Stream.of(
        onnx("QLinearConv")
            .data(U8, 2, 4, 7, 6)
            .by(0.05f, U8, 131)
            .weights(S8, 3, 4, 3, 2)
            .by(three, S8, 0, 0, 0)
            .by(0.2f, U8, 100)
            .bias(3)
            .with(attribute("pads", new long[] {1, 0, 1, 1})),
        onnx("QLinearConv")
            .data(U8, 1, 4, 5, 5)
            .by(0.05f, U8, 131)
            .weights(U8, 4, 2, 3, 3)
            .by(0.01f, U8, 120)
            .by(0.2f, U8, 100)
            .with(attribute("group", 2)),
        onnx("QLinearConv")
            .data(S8, 1, 3, 6)
            .by(0.05f, S8, -3)
            .weights(S8, 2, 3, 3)
            .by(0.01f, S8, 0)
            .by(0.2f, S8, 1)
            .bias(2),
        onnx("QLinearMatMul")
            .data(U8, 2, 5, 4)
            .by(0.05f, U8, 131)
            .weights(U8, 4, 3)
            .by(0.02f, U8, 119)
            .by(0.1f, U8, 100),
        onnx("QLinearMatMul")
            .data(U8, 5, 4)
            .by(0.05f, U8, 131)
            .weights(S8, 4, 3)
            .by(three, S8, 0, 0, 0)
            .by(0.1f, U8, 100),
        onnx("MatMulInteger").data(U8, 2, 5, 300).data(S8, 300, 4),
        onnx("ConvInteger").data(U8, 1, 3, 5, 4).weights(U8, 2, 3, 2, 2),
        microsoft("QLinearAdd")
            .data(U8, 2, 3, 4)
            .by(0.05f, U8, 131)
            .data(U8, 3, 1)
            .by(0.03f, U8, 7)
            .by(0.1f, U8, 90),
        microsoft("QLinearAdd")
            .data(S8, 2, 3)
            .by(0.05f, S8, -3)
            .data(S8, 2, 3)
            .by(0.03f, S8, 7)
            .by(0.1f, S8, 9),
        microsoft("QLinearMul")
            .data(U8, 2, 3, 4)
            .by(0.05f, U8, 131)
            .data(U8, 4)
            .by(0.03f, U8, 7)
            .by(0.1f, U8, 90),
        microsoft("QLinearConcat")
            .by(0.1f, U8, 90)
            .data(U8, 2, 3)
            .by(0.05f, U8, 131)
            .data(U8, 2, 2)
            .by(0.1f, U8, 90)
            .with(attribute("axis", 1)),
        microsoft("QLinearLeakyRelu")
            .data(S8, 2, 9)
            .by(0.05f, S8, 3)
            .by(0.04f, S8, -20)
            .with(attribute("alpha", 0.2f)),
        microsoft("QLinearSigmoid").data(U8, 2, 9).by(0.05f, U8, 131).by(1f / 256, U8, 0),
        microsoft("QLinearGlobalAveragePool")
            .data(U8, 2, 5, 4, 3)
            .by(0.05f, U8, 131)
            .by(0.03f, U8, 120),
        microsoft("QLinearGlobalAveragePool")
            .data(U8, 2, 4, 3, 5)
            .by(0.05f, U8, 131)
            .by(0.03f, U8, 120)
            .with(attribute("channels_last", 1)),
        microsoft("QLinearAveragePool")
            .data(U8, 2, 3, 6, 5)
            .by(0.05f, U8, 131)
            .by(0.03f, U8, 120)
            .with(attribute("kernel_shape", new long[] {3, 2}))
            .with(attribute("pads", new long[] {1, 0, 1, 1})),
        microsoft("QLinearAveragePool")
            .data(U8, 2, 6, 5, 3)
            .by(0.05f, U8, 131)
            .by(0.03f, U8, 120)
            .with(attribute("channels_last", 1))
            .with(attribute("kernel_shape", new long[] {3, 2})),
        microsoft("QGemm")
            .data(U8, 5, 4)
            .by(0.05f, U8, 131)
            .weights(S8, 3, 4)
            .by(three, S8, 0, 0, 0)
            .bias(3)
            .by(0.1f, U8, 100)
            .with(attribute("transB", 1)),
        microsoft("QGemm")
            .data(U8, 5, 4)
            .by(0.05f, U8, 131)
            .weights(S8, 4, 3)
            .by(0.02f, S8, 0)
            .bias(3)
            .with(attribute("alpha", 0.5f)),
        microsoft("DynamicQuantizeMatMul").data(F32, 2, 5, 4).weights(S8, 4, 3).by(0.02f, S8, 0),
        microsoft("DynamicQuantizeMatMul")
            .data(F32, 5, 4)
            .weights(U8, 4, 3)
            .by(three, U8, 128, 128, 128)
            .reals(new long[] {3}, 1, 2, 3),
        microsoft("MatMulIntegerToFloat")
            .data(U8, 5, 4)
            .weights(S8, 4, 3)
            .reals(new long[0], 0.05f)
            .reals(new long[] {3}, three)
            .constant(U8, new byte[] {(byte) 131})
            .absent()
            .reals(new long[] {3}, 1, 2, 3),
        microsoft("QuantizeLinear").data(F32, 3, 7).by(0.02f, S8, 5),
        microsoft("DequantizeLinear").data(U8, 3, 7).by(0.02f, U8, 5));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operators")
  void answersAreWithinOneStepOfOnnxRuntimes(Made made) throws Exception {
    byte[] file = made.bytes();
    Tensor expected;
    try (OrtRunner ort = new OrtRunner(file)) {
      expected = ort.run(made.given).get("y");
    }
    Graph graph = Onnx.read(file);
    for (String backend : List.of("onednn", "jvm", "reference")) {
      SessionOptions options =
          SessionOptions.builder()
              .checks(c -> c.fallback(FallbackPolicy.ALLOW))
              .kernels(k -> k.exact(true).backends(backend))
              .build();
      try (Session session = Session.open(graph, options);
          Arena arena = Arena.ofConfined()) {
        Tensor actual = session.run(made.given, arena).get("y");
        assertEquals(expected.toString(), actual.toString());
        requireNear(expected, actual, backend);
      }
    }
  }

  static Stream<Made> layers() {
    return operators()
        .filter(made -> Set.of("QLinearConv", "QLinearMatMul", "QGemm").contains(made.type));
  }

  /// Whatever zero points the weights have.
  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void layersRunInInt8(Made made) {
    Machine.requireInt8();
    SessionOptions options =
        SessionOptions.builder().checks(c -> c.fallback(FallbackPolicy.FAIL)).build();
    try (Session session = Session.open(Onnx.read(made.bytes()), options)) {
      for (NodeReport row : session.explain()) {
        if (row.name().equals("it")) {
          assertEquals("int8", row.dtype());
          assertFalse(row.kernel().contains("ref"), row::kernel);
        }
      }
    }
  }

  /// The range of zeros has scale 1, and one without 0 is widened to it.
  @ParameterizedTest
  @ValueSource(floats = {0, 0.5f, -3})
  void rangesOfOneValueAreOnnxRuntimes(float value) throws Exception {
    byte[] model =
        new OnnxModel(17)
            .input("x", 2)
            .node("DynamicQuantizeLinear", "x", "q s z")
            .openOutput("q")
            .openOutput("s")
            .openOutput("z")
            .bytes();
    Map<String, Tensor> x = Map.of("x", Tensor.of(new float[] {value, value}, 2));
    try (OrtRunner ort = new OrtRunner(model);
        Session session = Session.open(Onnx.read(model));
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> expected = ort.run(x);
      Map<String, Tensor> actual = session.run(x, arena);
      assertEquals(expected.get("s").getFloat(0), actual.get("s").getFloat(0));
      assertEquals(expected.get("z").getInteger(0), actual.get("z").getInteger(0));
      assertEquals(expected.get("q").getInteger(1), actual.get("q").getInteger(1));
      assertEquals(value == 0 ? 1 : Math.abs(value) / 255, actual.get("s").getFloat(0));
    }
  }

  @Test
  void activationsOf16BitsRunInFloatAndSaySo() throws Exception {
    OnnxModel model =
        new OnnxModel(21)
            .input("x", 2, 3)
            .constant("s", new long[0], 0.0002f)
            .constant(OnnxModel.tensor("z", TensorProto.DataType.UINT16).addInt32Data(30_000))
            .constant("ws", new long[0], 0.01f)
            .constant(
                OnnxModel.tensor("w", TensorProto.DataType.INT8, 3, 2)
                    .setRawData(ByteString.copyFrom(new byte[] {1, -2, 30, -40, 50, 127})))
            .node("QuantizeLinear", "x s z", "q")
            .node("DequantizeLinear", "q s z", "dq")
            .node("DequantizeLinear", "w ws", "wd")
            .node("MatMul", "dq wd", "y")
            .openOutput("y");
    Tensor x = Tensor.of(new float[] {0.1f, -3, 0.12345f, 9, -9, 2.71828f}, 2, 3);
    SessionOptions options =
        SessionOptions.builder().checks(c -> c.fallback(FallbackPolicy.ALLOW)).build();
    try (OrtRunner ort = new OrtRunner(model.bytes());
        Session session = Session.open(Onnx.read(model.bytes()), options);
        Arena arena = Arena.ofConfined()) {
      Tensor expected = ort.run(Map.of("x", x)).get("y");
      requireNear(expected, session.run(Map.of("x", x), arena).get("y"), "onednn");
      NodeReport row =
          session.explain().stream()
              .filter(r -> r.name().equals("y_node"))
              .findFirst()
              .orElseThrow();
      assertTrue(row.fallback().text().contains("more than 8 bits"), row::toString);
    }
  }

  private static void requireNear(Tensor expected, Tensor actual, String backend) {
    double largest = 1e-3;
    for (long i = 0; i < expected.elements(); i++) {
      largest = Math.max(largest, Math.abs(expected.getReal(i)));
    }
    double bound =
        switch (expected.type()) {
          case F32 -> 1e-5 * largest;
          case S32 -> 0;
          case U8, S8, S64, BOOL, F16, BF16, F64 -> 1;
        };
    for (long i = 0; i < expected.elements(); i++) {
      double off = Math.abs(expected.getReal(i) - actual.getReal(i));
      assertTrue(off <= bound, backend + ": element " + i + " is off by " + off);
    }
  }
}
