package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import io.octet.OctetException;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.testkit.OnnxModel;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each wrong model is refused by an exception that names the node or tensor.
final class OnnxErrorsTest {
  private static final long HUGE = Long.MAX_VALUE / 2;

  /// A wrong model, and what its refusal says.
  record Wrong(String name, Class<? extends OctetException> kind, byte[] model, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Wrong invalid(String name, OnnxModel model, String message) {
    return new Wrong(name, InvalidModel.class, model.bytes(), message);
  }

  private static Wrong unsupported(String name, OnnxModel model, String message) {
    return new Wrong(name, Unsupported.class, model.bytes(), message);
  }

  /// One node "n" that reads "x" [1,3,8,8] and what `more` adds.
  private static OnnxModel node(int opset, String type, String inputs, Object... more) {
    OnnxModel model = new OnnxModel(opset).input("x", 1, 3, 8, 8);
    var attributes = new java.util.ArrayList<ai.onnx.proto.OnnxMl.AttributeProto>();
    for (Object each : more) {
      switch (each) {
        case ai.onnx.proto.OnnxMl.AttributeProto a -> attributes.add(a);
        case UnaryOperator<?> change -> apply(change, model);
        default -> throw new IllegalArgumentException(each.toString());
      }
    }
    return model
        .node(
            "n", type, inputs, "y", attributes.toArray(new ai.onnx.proto.OnnxMl.AttributeProto[0]))
        .openOutput("y");
  }

  @SuppressWarnings("unchecked")
  private static void apply(UnaryOperator<?> change, OnnxModel model) {
    ((UnaryOperator<OnnxModel>) change).apply(model);
  }

  private static UnaryOperator<OnnxModel> with(Consumer<OnnxModel> change) {
    return model -> {
      change.accept(model);
      return model;
    };
  }

  /// Weights [4,3,3,3].
  private static final UnaryOperator<OnnxModel> WEIGHTS =
      with(m -> m.constant("w", new long[] {4, 3, 3, 3}, new float[108]));

  private static final UnaryOperator<OnnxModel> SCALE =
      with(m -> m.constant("s", new long[0], 0.5f));

  private static OnnxModel relu() {
    return new OnnxModel(13).input("x", 2).node("n", "Relu", "x", "y").openOutput("y");
  }

  private static OnnxModel add(ai.onnx.proto.OnnxMl.TensorProto.Builder constant) {
    return new OnnxModel(13)
        .input("x", 2)
        .constant(constant)
        .node("n", "Add", "x t", "y")
        .openOutput("y");
  }

  static Stream<Wrong> wrongModels() {
    return Stream.of(files(), graphs(), nodes(), attributes(), tensors()).flatMap(s -> s);
  }

  private static Stream<Wrong> files() {
    return Stream.of(
        new Wrong("no bytes", InvalidModel.class, new byte[0], "it has no bytes"),
        new Wrong("text", InvalidModel.class, "hello, world".getBytes(), "not an ONNX model"),
        invalid("no opset", relu().model(m -> m.clearOpsetImport()), "names no opset"),
        unsupported(
            "opset 6", relu().model(m -> m.getOpsetImportBuilder(0).setVersion(6)), "opset 6"),
        unsupported(
            "opset 22", relu().model(m -> m.getOpsetImportBuilder(0).setVersion(22)), "7 to 21"));
  }

  private static Stream<Wrong> graphs() {
    return Stream.of(
        invalid("no output", relu().graph(g -> g.clearOutput()), "has no output"),
        invalid("unmade output", relu().openOutput("z"), "output \"z\" is made by no node"),
        invalid("two outputs", relu().openOutput("y"), "two outputs are called \"y\""),
        invalid("two inputs", relu().input("x", 2), "two inputs are called \"x\""),
        invalid("two constants", node(13, "Conv", "x w", WEIGHTS, WEIGHTS), "called \"w\""),
        invalid("two makers", relu().node("m", "Tanh", "x", "y"), "Tanh \"m\" makes \"y\""),
        invalid("two names", relu().node("n", "Tanh", "x", "z"), "two nodes are called \"n\""),
        invalid("a made input", relu().node("m", "Tanh", "y", "x"), "Tanh \"m\" makes \"x\""),
        invalid("an unmade value", node(13, "Relu", "gone"), "Relu \"n\" reads \"gone\""),
        invalid("itself", node(13, "Relu", "y"), "Relu \"n\" waits for its own output"),
        invalid("a circle", node(13, "Add", "x z").node("m", "Relu", "y", "z"), "circle"),
        invalid(
            "a circle of shapes", node(13, "Reshape", "x z").node("m", "Shape", "y", "z"), "\"z\""),
        unsupported(
            "no shape",
            relu()
                .graph(
                    g -> g.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().clearShape()),
            "input \"x\" has no shape"),
        unsupported(
            "no tensor",
            relu().graph(g -> g.getInputBuilder(0).getTypeBuilder().getSequenceTypeBuilder()),
            "input \"x\" is no tensor"),
        unsupported(
            "doubles",
            relu()
                .graph(
                    g ->
                        g.getInputBuilder(0)
                            .getTypeBuilder()
                            .getTensorTypeBuilder()
                            .setElemType(DataType.DOUBLE_VALUE)),
            "input \"x\" is double"),
        unsupported(
            "halves",
            relu()
                .graph(
                    g ->
                        g.getInputBuilder(0)
                            .getTypeBuilder()
                            .getTensorTypeBuilder()
                            .setElemType(DataType.FLOAT16_VALUE)),
            "input \"x\" is FLOAT16"),
        invalid("a negative axis", relu().input("z", -1), "input \"z\": axis 0 has size -1"),
        invalid(
            "another output",
            relu().graph(g -> g.clearOutput()).output("y", 3),
            "output \"y\" is declared as [3]"),
        unsupported(
            "sparse weights", relu().graph(g -> g.addSparseInitializerBuilder()), "sparse"));
  }

  private static Stream<Wrong> nodes() {
    return Stream.of(
        unsupported(
            "an unknown operator",
            node(13, "Einsum", "x"),
            "Einsum \"n\": unknown operator; supported are Conv, Gemm"),
        unsupported(
            "another domain",
            relu().graph(g -> g.getNodeBuilder(0).setDomain("com.microsoft")),
            "Relu \"n\": operators of domain \"com.microsoft\""),
        invalid(
            "too few inputs",
            node(13, "Conv", "x", attribute("kernel_shape", new long[] {3, 3})),
            "Conv \"n\": needs 2 inputs, but input 1 is missing"),
        invalid(
            "an absent input",
            node(13, "Add", "_ x"),
            "Add \"n\": needs 2 inputs, but input 0 is missing"),
        invalid(
            "too many inputs",
            node(13, "Relu", "x x"),
            "Relu \"n\": takes at most 1 inputs, but has 2"),
        invalid("no output", relu().graph(g -> g.getNodeBuilder(0).clearOutput()), "has no output"),
        unsupported(
            "a mask",
            node(13, "Relu", "mask").node("d", "Dropout", "x", "z mask"),
            "Dropout \"d\": its further output \"mask\""),
        unsupported(
            "indices",
            node(13, "Identity", "i")
                .node("p", "MaxPool", "x", "z i", attribute("kernel_shape", new long[] {2, 2})),
            "MaxPool \"p\": its further output \"i\""),
        invalid(
            "a young operator",
            node(13, "HardSwish", "x"),
            "HardSwish \"n\": exists since opset 14"),
        invalid(
            "wrong channels",
            node(13, "Conv", "x w", with(m -> m.constant("w", new long[] {1, 2, 1, 1}, 1, 2))),
            "Conv \"n\": input has 3 channels, weights expect 2"),
        invalid(
            "wrong types",
            node(13, "Add", "x s", with(m -> m.longs("s", 1))),
            "Add \"n\": takes f32"),
        unsupported(
            "a conv of one axis",
            node(13, "Conv", "x w", with(m -> m.constant("w", new long[] {1, 3, 1}, 1, 2, 3))),
            "Conv \"n\": weights must be [M,C,kH,kW]"),
        unsupported(
            "a target that only a run knows",
            node(13, "Reshape", "x t", with(m -> m.input("t", DataType.INT64, 2))),
            "Reshape \"n\": its shape \"t\""),
        unsupported(
            "two new free axes",
            node(
                13,
                "Reshape",
                "z t",
                with(
                    m ->
                        m.input("z", "A", "B")
                            .longs("a", 1)
                            .longs("b", 0)
                            .node("Shape", "z", "zs")
                            .node("Gather", "zs a", "za")
                            .node("Gather", "zs b", "zb")
                            .node("Concat", "za zb", "t", attribute("axis", 0)))),
            "more than one free axis"),
        unsupported(
            "training",
            node(
                13,
                "Dropout",
                "x _ t",
                with(m -> m.constant(tensor("t", DataType.BOOL).addInt32Data(1)))),
            "Dropout \"n\": training_mode"),
        unsupported(
            "a shape as output",
            relu().node("s", "Shape", "x", "z").openOutput("z"),
            "output \"z\" is computed from shapes"),
        unsupported("another cast", node(13, "Cast", "x", attribute("to", 10)), "Cast \"n\""),
        unsupported(
            "a boolean constant where numbers are due",
            node(13, "Constant", "", attribute("value_string", "a")),
            "Constant \"n\""));
  }

  private static Stream<Wrong> attributes() {
    long[] one = {1};
    return Stream.of(
        unsupported(
            "an unknown attribute",
            node(13, "Relu", "x", attribute("slope", 1)),
            "Relu \"n\": attribute \"slope\""),
        invalid(
            "another type",
            node(13, "Flatten", "x", attribute("axis", 1f)),
            "Flatten \"n\": attribute \"axis\" must be INT, but is FLOAT"),
        invalid(
            "twice",
            node(13, "Flatten", "x", attribute("axis", 1), attribute("axis", 2)),
            "Flatten \"n\": attribute \"axis\" stands twice"),
        invalid(
            "beyond an int",
            node(13, "Flatten", "x", attribute("axis", HUGE)),
            "Flatten \"n\": attribute \"axis\""),
        invalid(
            "beyond the rank",
            node(13, "Flatten", "x", attribute("axis", 5)),
            "Flatten \"n\": axis 5"),
        invalid(
            "no window",
            node(13, "MaxPool", "x"),
            "MaxPool \"n\": has no attribute \"kernel_shape\""),
        invalid(
            "an empty window",
            node(13, "MaxPool", "x", attribute("kernel_shape", new long[] {0, 2})),
            "MaxPool \"n\": kernel must be at least 1"),
        unsupported(
            "a line",
            node(13, "MaxPool", "x", attribute("kernel_shape", one)),
            "MaxPool \"n\": kernel_shape is [1]"),
        invalid(
            "a huge window",
            node(
                13,
                "MaxPool",
                "x",
                attribute("kernel_shape", new long[] {Integer.MAX_VALUE, 1}),
                attribute("dilations", new long[] {Integer.MAX_VALUE, 1})),
            "MaxPool \"n\""),
        invalid(
            "negative pads",
            node(13, "Conv", "x w", WEIGHTS, attribute("pads", new long[] {0, 0, -1, 0})),
            "Conv \"n\": padding must be at least 0"),
        invalid(
            "a standing window",
            node(13, "Conv", "x w", WEIGHTS, attribute("strides", new long[] {0, 1})),
            "Conv \"n\": stride must be at least 1"),
        invalid(
            "both pads",
            node(
                13,
                "Conv",
                "x w",
                WEIGHTS,
                attribute("auto_pad", "SAME_UPPER"),
                attribute("pads", new long[] {1, 1, 1, 1})),
            "Conv \"n\": has both auto_pad"),
        invalid(
            "unknown pads",
            node(13, "Conv", "x w", WEIGHTS, attribute("auto_pad", "SAME")),
            "Conv \"n\": auto_pad is \"SAME\""),
        invalid(
            "no groups",
            node(13, "Conv", "x w", WEIGHTS, attribute("group", 0)),
            "Conv \"n\": groups must be at least 1"),
        invalid(
            "an empty interval",
            node(7, "Clip", "x", attribute("min", 2f), attribute("max", 1f)),
            "Clip \"n\": clip needs min <= max"),
        invalid("a NaN bound", node(7, "Clip", "x", attribute("min", Float.NaN)), "Clip \"n\""),
        invalid("no axis", node(13, "Concat", "x x"), "Concat \"n\": has no attribute \"axis\""),
        invalid(
            "a wrong order",
            node(13, "Transpose", "x", attribute("perm", new long[] {0, 0, 1, 2})),
            "Transpose \"n\": perm [0, 0, 1, 2]"),
        unsupported(
            "training",
            node(
                14,
                "BatchNormalization",
                "x c c c c",
                with(m -> m.constant("c", new long[] {3}, 1, 1, 1)),
                attribute("training_mode", 1)),
            "BatchNormalization \"n\": training_mode"),
        unsupported(
            "statistics of pixels",
            node(
                7,
                "BatchNormalization",
                "x c c c c",
                with(m -> m.constant("c", new long[] {3}, 1, 1, 1)),
                attribute("spatial", 0)),
            "BatchNormalization \"n\": spatial"),
        unsupported(
            "blocks",
            node(21, "QuantizeLinear", "x s", SCALE, attribute("block_size", 32)),
            "QuantizeLinear \"n\": blocked"),
        unsupported(
            "sixteen bits",
            node(
                21,
                "QuantizeLinear",
                "x s",
                SCALE,
                attribute("output_dtype", DataType.INT16_VALUE)),
            "QuantizeLinear \"n\": output_dtype is INT16"),
        invalid(
            "two types",
            node(
                21,
                "QuantizeLinear",
                "x s z",
                SCALE,
                with(m -> m.constant(tensor("z", DataType.INT8).addInt32Data(0))),
                attribute("output_dtype", DataType.UINT8_VALUE)),
            "QuantizeLinear \"n\": output_dtype is u8, the zero point's type is s8"),
        invalid(
            "a wrong count of scales",
            node(13, "QuantizeLinear", "x s", with(m -> m.constant("s", new long[] {2}, 1, 1))),
            "QuantizeLinear \"n\": 2 scales for axis 1"));
  }

  private static Stream<Wrong> tensors() {
    ByteString seven = ByteString.copyFrom(new byte[7]);
    return Stream.of(
        invalid(
            "too few bytes",
            add(tensor("t", DataType.FLOAT, 2).setRawData(seven)),
            "tensor \"t\" of shape [2] takes 8 bytes, but has 7"),
        invalid(
            "too few values",
            add(tensor("t", DataType.FLOAT, 2).addFloatData(1)),
            "tensor \"t\" has 1 values, but its shape takes 2"),
        invalid(
            "no values", add(tensor("t", DataType.INT64, 1 << 30)), "tensor \"t\" has 0 values"),
        invalid(
            "giant bytes",
            add(tensor("t", DataType.FLOAT, 1 << 30).setRawData(seven)),
            "takes 4294967296 bytes, but has 7"),
        invalid(
            "overflowing sizes",
            add(tensor("t", DataType.FLOAT, HUGE, HUGE)),
            "tensor \"t\" claims more elements"),
        invalid(
            "more than an array",
            add(tensor("t", DataType.INT8, 1L << 32)),
            "tensor \"t\" claims more elements"),
        invalid(
            "a negative size",
            add(tensor("t", DataType.FLOAT, -1)),
            "tensor \"t\": axis 0 has size -1"),
        unsupported(
            "too many axes",
            add(tensor("t", DataType.FLOAT, new long[33])),
            "tensor \"t\" has 33 axes"),
        unsupported(
            "doubles",
            add(tensor("t", DataType.DOUBLE, 1).addDoubleData(1)),
            "tensor \"t\" is double"),
        unsupported("strings", add(tensor("t", DataType.STRING, 1)), "tensor \"t\" is STRING"),
        unsupported("four bits", add(tensor("t", DataType.INT4, 2)), "tensor \"t\" is INT4"),
        invalid(
            "no type", add(tensor("t", DataType.UNDEFINED, 1)), "tensor \"t\" has no element type"),
        invalid(
            "an unknown type",
            add(tensor("t", DataType.FLOAT, 1).setDataType(99)),
            "tensor \"t\" has no element type"),
        invalid(
            "300 in a byte",
            add(tensor("t", DataType.UINT8, 1).addInt32Data(300)),
            "tensor \"t\": element 0 is 300, which is no u8"),
        unsupported(
            "segments",
            add(
                tensor("t", DataType.FLOAT, 1)
                    .setSegment(ai.onnx.proto.OnnxMl.TensorProto.Segment.newBuilder())),
            "tensor \"t\" is stored in segments"),
        invalid(
            "no name", relu().constant(tensor("", DataType.FLOAT)), "an initializer has no name"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongModels")
  void aWrongModelIsRefusedByName(Wrong wrong) {
    OctetException refusal = assertThrows(wrong.kind(), () -> Onnx.read(wrong.model()));
    assertTrue(
        refusal.getMessage().contains(wrong.message()),
        () -> "\"" + refusal.getMessage() + "\" does not say \"" + wrong.message() + "\"");
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] whole = node(13, "Conv", "x w", WEIGHTS).bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThrows(OctetException.class, () -> Onnx.read(cut), "cut to " + length + " bytes");
    }
  }

  @Test
  void messagesThatNestForeverAreRefused() {
    // A group (field 15, wire type 3) within a group, unknown to ONNX, a million deep.
    byte[] nested = new byte[1_000_000];
    java.util.Arrays.fill(nested, (byte) (15 << 3 | 3));
    assertThrows(InvalidModel.class, () -> Onnx.read(nested));
  }

  @Test
  void expressionsThatDoubleInEachNodeAreRefused() {
    OnnxModel model = new OnnxModel(13).input("x0", 1, 3, "H", 8);
    for (int i = 0; i < 60; i++) {
      String half = "half" + i;
      model.node(
          "MaxPool",
          "x" + i,
          half,
          attribute("kernel_shape", new long[] {3, 1}),
          attribute("strides", new long[] {2, 1}));
      model.node("Concat", "x" + i + " " + half, "x" + (i + 1), attribute("axis", 2));
    }
    byte[] bytes = model.openOutput("x60").bytes();
    Unsupported refusal = assertThrows(Unsupported.class, () -> Onnx.read(bytes));
    assertTrue(refusal.getMessage().contains("free axes make an expression"));
  }

  @Test
  void aFileThatIsNotThereIsNoModelError() throws IOException {
    Path gone = Path.of("there-is-no-such.onnx");
    NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> Onnx.read(gone));
    assertEquals(gone.toString(), e.getFile());
  }
}
