package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.raw;
import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxModel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Reals that are no f32: halves are widened, doubles narrowed where they are scales or bounds.
final class OnnxWidthsTest {
  private static short bits(DataType type, float value) {
    return type == DataType.FLOAT16
        ? Float.floatToFloat16(value)
        : (short) (Float.floatToRawIntBits(value) >>> 16);
  }

  private static float value(DataType type, short bits) {
    return type == DataType.FLOAT16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
  }

  /// Numbers that the halves in `from` hold, as elements of `type`.
  private static TensorProto.Builder reals(
      String name, DataType type, DataType from, long... dims) {
    Random random = new Random(name.hashCode());
    TensorProto.Builder tensor = tensor(name, type, dims);
    long count = 1;
    for (long dim : dims) {
      count *= dim;
    }
    for (int i = 0; i < count; i++) {
      short bits = bits(from, (float) random.nextGaussian());
      if (type == DataType.FLOAT) {
        tensor.addFloatData(value(from, bits));
      } else {
        tensor.addInt32Data(bits & 0xffff);
      }
    }
    return tensor;
  }

  /// A small network as a converter to half precision leaves it: everything in `type` but what a
  /// Cast keeps in f32.
  private static OnnxModel network(DataType type, DataType from) {
    return new OnnxModel(17)
        .input("x", type, 1, 3, 6, 6)
        .constant(reals("w", type, from, 4, 3, 3, 3))
        .constant(reals("b", type, from, 4))
        .constant(reals("most", type, from))
        .constant(reals("m", type, from, 64, 5))
        .longs("rows", 1, 64)
        .longs("size", 1, 5)
        .node("Conv", "x w b", "c")
        .node("Max", "c most", "top")
        .node("Cast", "top", "f", attribute("to", 1))
        .node("Sigmoid", "f", "s")
        .node("Cast", "s", "h", attribute("to", type.getNumber()))
        .node("Reshape", "h rows", "flat")
        .node("MatMul", "flat m", "p")
        .node("CastLike", "p most", "q")
        .node("ConstantOfShape", "size", "one", OnnxModel.value(reals("one", type, from, 1)))
        .node("Add", "q one", "y")
        .graph(g -> g.addOutput(g.getInput(0).toBuilder().setName("y")));
  }

  private static float[] answer(byte[] model) throws IOException {
    Graph graph = Onnx.read(model);
    assertEquals(io.octet.tensor.DataType.F32, graph.inputs().getFirst().type());
    assertEquals(io.octet.tensor.DataType.F32, graph.outputs().getFirst().type());
    float[] x = new float[108];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 37 % 100 - 50) / 25f;
    }
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      return session.run(Map.of("x", Tensor.of(x, 1, 3, 6, 6)), arena).get("y").toFloats();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void aModelInHalvesIsTheSameModelInFloats(DataType type) throws IOException {
    float[] halves = answer(network(type, type).bytes());
    assertArrayEquals(answer(network(DataType.FLOAT, type).bytes()), halves);
  }

  @Test
  void aScaleInHalvesServesAWidenedDequantize() throws IOException {
    OnnxModel model =
        new OnnxModel(19)
            .input("x", DataType.FLOAT16, 4)
            .constant(
                tensor("q", DataType.INT8, 4)
                    .addInt32Data(1)
                    .addInt32Data(-2)
                    .addInt32Data(3)
                    .addInt32Data(4))
            .constant(tensor("s", DataType.FLOAT16).addInt32Data(0x3800))
            .constant(tensor("two", DataType.FLOAT16).setRawData(raw(0x4000)))
            .node("DequantizeLinear", "q s", "w")
            .node("Mul", "w two", "ww")
            .node("Add", "x ww", "y")
            .openOutput("y");
    Graph graph = Onnx.read(model.bytes());
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Tensor x = Tensor.of(new float[4], 4);
      float[] y = session.run(Map.of("x", x), arena).get("y").toFloats();
      assertArrayEquals(new float[] {1, -2, 3, 4}, y);
    }
  }

  @Test
  void aDoubleThatIsAnExponentOrABoundIsNarrowed() throws IOException {
    OnnxModel model =
        new OnnxModel(17)
            .input("x", 3)
            .constant(tensor("third", DataType.DOUBLE).addDoubleData(1 / 3.0))
            .constant(tensor("most", DataType.DOUBLE).addDoubleData(1e300))
            .node("Pow", "x third", "p")
            .node("Clip", "p _ most", "y")
            .openOutput("y");
    Graph graph = Onnx.read(model.bytes());
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Tensor x = Tensor.of(new float[] {1, 8, 27}, 3);
      float[] y = session.run(Map.of("x", x), arena).get("y").toFloats();
      assertArrayEquals(new float[] {1, 2, 3}, y, 1e-6f);
    }
  }

  @Test
  void computationInDoubleIsRefused() {
    byte[] cast =
        new OnnxModel(17)
            .input("x", 3)
            .node("n", "Cast", "x", "y", attribute("to", 11))
            .openOutput("y")
            .bytes();
    Unsupported refusal = assertThrows(Unsupported.class, () -> Onnx.read(cast));
    assertTrue(refusal.getMessage().startsWith("Cast \"n\""), refusal::getMessage);
    assertTrue(refusal.getMessage().contains("does not narrow unasked"), refusal::getMessage);
  }
}
