package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Movement;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.ReportedModels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Numbers that no int, no long or no axis holds, wherever a model can say one: each is refused by
/// name.
final class NumbersOutOfRangeTest {
  @Test
  void aFreeAxisThatIsCalledLikeAHugeNumberIsRefused() {
    InvalidModel e =
        assertThrows(
            InvalidModel.class,
            () -> Onnx.read(ReportedModels.named("attack", "free_axis_number")));
    assertEquals(
        "input \"x\": axis 0 is called \"99999999999999999999\", which reads as a number; a free"
            + " axis needs a name",
        e.getMessage());
  }

  private static Graph flattened(String name) {
    Shape shape = new Shape(List.of(new Dim.Symbol(name), new Dim.Fixed(4)));
    ValueInfo x = new ValueInfo("x", io.octet.tensor.DataType.F32, shape);
    Node node = new Node("n", new Movement.Flatten(2), List.of("x"), "y");
    return new Graph("g", List.of(x), List.of(), Map.of(), List.of(node));
  }

  /// "3" was the number 3: an output [12] was promised for whatever batch came.
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"3", "0", "2*3", "N*99999999999999999999", "99999999999999999999*N"})
  void aFreeAxisThatReadsAsANumberIsRefused(String name) {
    InvalidModel e = assertThrows(InvalidModel.class, () -> ShapeInference.infer(flattened(name)));
    assertTrue(e.getMessage().contains("axis 0 is called \"" + name + "\""), e::getMessage);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"N", "N2", "2*N", "N*", "*", "**", "-1", "?", "(N+1)", "unk__12", "1e9"})
  void aFreeAxisMayHaveAnyOtherName(String name) {
    assertEquals(1, ShapeInference.infer(flattened(name)).get("y").shape().dim(1) == null ? 0 : 1);
  }

  @ParameterizedTest(name = "{0} {1} = {2}")
  @CsvSource({
    "Flatten, axis", "Concat, axis", "Softmax, axis", "Transpose, perm", "Conv, group",
    "Conv, kernel_shape", "Conv, pads", "Conv, strides", "Conv, dilations", "MaxPool, kernel_shape",
    "AveragePool, kernel_shape", "Gemm, transA", "ReduceMean, axes", "ReduceMean, keepdims",
        "Cast, to",
    "QuantizeLinear, axis", "DequantizeLinear, axis", "Reshape, allowzero", "Unsqueeze, axes",
  })
  void attributesBeyondAnIntAreRefusedByNodeAndName(String type, String name) {
    for (long number : new long[] {1L << 31, -(1L << 31) - 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
      boolean list =
          List.of("perm", "kernel_shape", "pads", "strides", "dilations", "axes").contains(name);
      OnnxModel model =
          new OnnxModel(type.equals("Unsqueeze") ? 11 : 13)
              .input("x", 1, 3, 8, 8)
              .constant("w", new long[] {4, 3, 1, 1}, new float[12])
              .constant("s", new long[0], 1)
              .longs("sizes", 1, -1)
              .constant(tensor("q", DataType.INT8, 1).addInt32Data(1));
      String inputs =
          switch (type) {
            case "Conv" -> "x w";
            case "Gemm" -> "x x";
            case "Concat" -> "x x";
            case "Reshape" -> "x sizes";
            case "QuantizeLinear" -> "x s";
            case "DequantizeLinear" -> "q s";
            case "Unsqueeze" -> "w";
            default -> "x";
          };
      byte[] bytes =
          model
              .node(
                  "n",
                  type,
                  inputs,
                  "y",
                  list ? attribute(name, new long[] {number, 1}) : attribute(name, number))
              .openOutput("y")
              .bytes();
      InvalidModel e = assertThrows(InvalidModel.class, () -> Onnx.read(bytes), type + number);
      assertTrue(e.getMessage().startsWith(type + " \"n\": "), e::getMessage);
      assertTrue(e.getMessage().contains(name), e::getMessage);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "Shape of a cast, Cast, to",
    "Slice of a shape, Slice, axes",
    "Gather of a shape, Gather, axis",
    "Concat of shapes, Concat, axis",
  })
  void numbersInComputedShapesAreRefusedByNode(String what, String type, String name) {
    OnnxModel model = new OnnxModel(9).input("x", "N", 3).longs("zero", 0).node("Shape", "x", "s");
    if (type.equals("Slice")) {
      model.node(
          "n",
          type,
          "s",
          "t",
          attribute("starts", new long[] {0}),
          attribute("ends", new long[] {Long.MAX_VALUE}),
          attribute(name, new long[] {Long.MAX_VALUE}));
    } else {
      model.node(
          "n", type, type.equals("Gather") ? "s zero" : "s", "t", attribute(name, (1L << 32) + 7));
    }
    byte[] bytes = model.node("Reshape", "x t", "y").openOutput("y").bytes();
    InvalidModel e = assertThrows(InvalidModel.class, () -> Onnx.read(bytes), what);
    assertTrue(e.getMessage().startsWith(type + " \"n\": "), e::getMessage);
  }

  @Test
  void sizesOfTargetsBeyondALongAreRefused() {
    byte[] model =
        new OnnxModel(13)
            .input("x", "N", 4)
            .longs("t", Long.MAX_VALUE, Long.MAX_VALUE)
            .node("n", "Reshape", "x t", "y")
            .openOutput("y")
            .bytes();
    InvalidModel e = assertThrows(InvalidModel.class, () -> Onnx.read(model));
    assertTrue(e.getMessage().startsWith("Reshape \"n\": "), e::getMessage);
  }
}
