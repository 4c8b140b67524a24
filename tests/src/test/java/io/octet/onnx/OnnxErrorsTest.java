package io.octet.onnx;

import static io.octet.onnx.WrongModel.invalid;
import static io.octet.onnx.WrongModel.node;
import static io.octet.onnx.WrongModel.relu;
import static io.octet.onnx.WrongModel.unsupported;
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
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each wrong file is refused by an exception that names the value or tensor; wrong nodes are
/// {@link OnnxNodeErrorsTest}'s.
final class OnnxErrorsTest {
  private static final long HUGE = Long.MAX_VALUE / 2;

  private static OnnxModel add(ai.onnx.proto.OnnxMl.TensorProto.Builder constant) {
    return new OnnxModel(13)
        .input("x", 2)
        .constant(constant)
        .node("n", "Add", "x t", "y")
        .openOutput("y");
  }

  static Stream<WrongModel> wrongModels() {
    return Stream.of(files(), graphs(), tensors()).flatMap(s -> s);
  }

  private static Stream<WrongModel> files() {
    return Stream.of(
        new WrongModel("no bytes", InvalidModel.class, new byte[0], "it has no bytes"),
        new WrongModel("text", InvalidModel.class, "hello, world".getBytes(), "not an ONNX model"),
        invalid("no opset", relu().model(m -> m.clearOpsetImport()), "names no opset"),
        unsupported(
            "opset 5", relu().model(m -> m.getOpsetImportBuilder(0).setVersion(5)), "opset 5"),
        unsupported(
            "opset 24", relu().model(m -> m.getOpsetImportBuilder(0).setVersion(24)), "7 to 23"));
  }

  private static Stream<WrongModel> graphs() {
    return Stream.of(
        invalid("no output", relu().graph(g -> g.clearOutput()), "has no output"),
        invalid("unmade output", relu().openOutput("z"), "output \"z\" is made by no node"),
        invalid("two outputs", relu().openOutput("y"), "two outputs are called \"y\""),
        invalid("two inputs", relu().input("x", 2), "two inputs are called \"x\""),
        invalid("two constants", relu().longs("w", 1).longs("w", 2), "called \"w\""),
        invalid("two makers", relu().node("m", "Tanh", "x", "y"), "Tanh \"m\" makes \"y\""),
        invalid("a made input", relu().node("m", "Tanh", "y", "x"), "Tanh \"m\" makes \"x\""),
        invalid("an unmade value", node(13, "Relu", "gone"), "Relu \"n\" reads \"gone\""),
        invalid("itself", node(13, "Relu", "y"), "Relu \"n\" waits for its own output"),
        invalid("a circle", node(13, "Add", "x z").node("m", "Relu", "y", "z"), "circle"),
        invalid(
            "a circle of shapes",
            node(13, "Reshape", "x z").node("m", "Shape", "y", "z"),
            "Reshape \"n\" waits for its own output"),
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
        invalid("a negative axis", relu().input("z", -2), "input \"z\": axis 0 has size -2"),
        invalid(
            "an output of another type",
            relu()
                .graph(
                    g ->
                        g.getOutputBuilder(0)
                            .getTypeBuilder()
                            .getTensorTypeBuilder()
                            .setElemType(DataType.INT64_VALUE)),
            "output \"y\" is declared as s64"),
        unsupported(
            "sparse weights",
            relu()
                .node("m", "Add", "x w", "z")
                .openOutput("z")
                .graph(g -> g.addSparseInitializerBuilder().setValues(tensor("w", DataType.FLOAT))),
            "tensor \"w\" is a sparse initializer"));
  }

  private static Stream<WrongModel> tensors() {
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
            add(tensor("t", DataType.DOUBLE, 1, 1).addDoubleData(1)),
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
  void aWrongModelIsRefusedByName(WrongModel wrong) {
    wrong.assertRefused();
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] whole =
        node(13, "Conv", "x w", m -> m.constant("w", new long[] {4, 3, 3, 3}, new float[108]))
            .bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(OctetException.class, () -> Onnx.read(cut), "cut to " + length + " bytes");
    }
  }

  @Test
  void messagesThatNestForeverAreRefused() {
    // A group (field 15, wire type 3) within a group, unknown to ONNX, a million deep.
    byte[] nested = new byte[1_000_000];
    Arrays.fill(nested, (byte) (15 << 3 | 3));
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
