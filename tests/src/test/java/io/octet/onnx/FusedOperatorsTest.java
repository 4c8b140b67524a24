package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import io.octet.OctetException.InvalidModel;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// What ONNX Runtime's optimizer fuses is what ONNX Runtime makes of it.
final class FusedOperatorsTest {
  private final RandomGenerator random = new SplittableRandom(7);
  private final Map<String, Tensor> given = new LinkedHashMap<>();

  private void real(String name, long... sizes) {
    given.put(name, AttentionTest.floats(random, sizes));
  }

  private void whole(String name, int below, long... sizes) {
    int count = (int) Shape.of(sizes).elements();
    given.put(name, Tensor.of(random.ints(count, 0, below).toArray(), sizes));
  }

  private OnnxModel model(
      String type, String inputs, String outputs, AttributeProto... attributes) {
    OnnxModel model = AttentionTest.model(17, given);
    List<String> in = Arrays.stream(inputs.split(" ")).map(n -> n.equals("_") ? "" : n).toList();
    NodeProto node =
        NodeProto.newBuilder()
            .setName("node")
            .setDomain("com.microsoft")
            .setOpType(type)
            .addAllInput(in)
            .addAllOutput(List.of(outputs.split(" ")))
            .addAllAttribute(List.of(attributes))
            .build();
    model.graph(g -> g.addNode(node));
    model.model(
        m ->
            m.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1)));
    for (String output : outputs.split(" ")) {
      model.openOutput(output);
    }
    return model;
  }

  private void check(String type, String inputs, String outputs, AttributeProto... attributes)
      throws Exception {
    OnnxModel model = model(type, inputs, outputs, attributes);
    AttentionTest.assertAnswersAsOnnxRuntime(model, given, type + " " + List.of(attributes));
  }

  private static AttributeProto numbers(String name, float... values) {
    AttributeProto.Builder list =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOATS);
    for (float value : values) {
      list.addFloats(value);
    }
    return list.build();
  }

  @Test
  void convolutions() throws Exception {
    real("x", 1, 3, 6, 6);
    real("w", 4, 3, 3, 3);
    real("b", 4);
    real("z", 1, 4, 4, 4);
    AttributeProto kernel = attribute("kernel_shape", new long[] {3, 3});
    check("FusedConv", "x w b z", "y", kernel, attribute("activation", "Relu"));
    given.remove("z");
    AttributeProto clip = attribute("activation", "Clip");
    check("FusedConv", "x w b", "y", kernel, clip, numbers("activation_params", -0.5f, 0.5f));
    given.remove("b");
    AttributeProto leaky = attribute("activation", "LeakyRelu");
    check("FusedConv", "x w", "y", kernel, leaky, numbers("activation_params", 0.2f));
  }

  @Test
  void linearLayers() throws Exception {
    real("a", 3, 5);
    real("b", 4, 5);
    real("c", 4);
    AttributeProto trans = attribute("transB", 1);
    check("FusedGemm", "a b c", "y", trans, attribute("activation", "Relu"));
    check(
        "FusedGemm",
        "a b c",
        "y",
        trans,
        attribute("activation", "LeakyRelu"),
        attribute("activation_alpha", 0.3f));
  }

  @Test
  void products() throws Exception {
    real("a", 2, 5, 3);
    real("b", 2, 4, 5);
    AttributeProto[] both = {attribute("transA", 1), attribute("transB", 1)};
    check("FusedMatMul", "a b", "y", both[0], both[1], attribute("alpha", 0.25f));
    given.clear();
    real("a", 5, 3);
    real("b", 4, 5);
    check("FusedMatMul", "a b", "y", both[0], both[1], attribute("alpha", 0.25f));
  }

  @Test
  void attention() throws Exception {
    AttributeProto heads = attribute("num_heads", 2);
    real("x", 2, 4, 6);
    real("w", 6, 24);
    real("b", 24);
    check("Attention", "x w b", "y", heads);
    check("Attention", "x w b", "y", heads, attribute("unidirectional", 1));
    check("Attention", "x w b", "y", heads, attribute("qkv_hidden_sizes", new long[] {6, 6, 12}));
    whole("m", 2, 2, 4);
    check("Attention", "x w b m", "y", heads);
    whole("m", 2, 2, 4, 4);
    check("Attention", "x w b m", "y", heads);
    given.put("m", Tensor.of(new int[] {3, 1}, 2));
    check("Attention", "x w b m", "y", heads);
    real("more", 2, 2, 4, 4);
    check("Attention", "x w b m _ more", "y", heads, attribute("scale", 0.3f));
    given.remove("m");
    given.remove("more");
    real("past", 2, 2, 2, 3, 4);
    check("Attention", "x w b _ past", "y present", heads, attribute("unidirectional", 1));
  }

  @Test
  void sizesThatAreNotThoseOfTheWeightsAreRefused() {
    real("x", 2, 4, 6);
    real("w", 6, 24);
    for (long[] sizes :
        new long[][] {
          {8, 8, 6}, {8, 8, 12}, {-8, -8, 40}, {24, 0, 0}, {1L << 62, 1L << 62, 24}, {24}
        }) {
      AttributeProto given = attribute("qkv_hidden_sizes", sizes);
      byte[] model = model("Attention", "x w", "y", attribute("num_heads", 2), given).bytes();
      InvalidModel e = assertThrows(InvalidModel.class, () -> Onnx.read(model));
      assertTrue(e.getMessage().contains("[6,24], their sizes"), e::getMessage);
    }
  }

  @Test
  void embeddings() throws Exception {
    whole("ids", 9, 2, 4);
    whole("segments", 2, 2, 4);
    real("words", 9, 8);
    real("places", 6, 8);
    real("kinds", 2, 8);
    real("scale", 8);
    real("bias", 8);
    given.put("mask", Tensor.of(new int[] {1, 1, 1, 0, 1, 0, 0, 0}, 2, 4));
    check(
        "EmbedLayerNormalization",
        "ids segments words places kinds scale bias mask",
        "y counts",
        attribute("epsilon", 1e-6f));
  }
}
