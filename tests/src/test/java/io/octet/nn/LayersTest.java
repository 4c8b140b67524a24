package io.octet.nn;

import static io.octet.nn.Layers.adaptiveAvgPool2d;
import static io.octet.nn.Layers.avgPool2d;
import static io.octet.nn.Layers.batchNorm2d;
import static io.octet.nn.Layers.concat;
import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.dropout;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.hardsigmoid;
import static io.octet.nn.Layers.hardswish;
import static io.octet.nn.Layers.identity;
import static io.octet.nn.Layers.leakyRelu;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.named;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.relu6;
import static io.octet.nn.Layers.residual;
import static io.octet.nn.Layers.sequential;
import static io.octet.nn.Layers.sigmoid;
import static io.octet.nn.Layers.softmax;
import static io.octet.nn.Layers.tanh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private static Layer.Sequential tutorial() {
    return sequential(
        conv2d(3, 16, 3).padding(1), relu(), maxPool2d(2), flatten(), linear(16 * 16 * 16, 10));
  }

  @Test
  void theTutorialNetworkHasPyTorchsNamesAndShapes() {
    Graph net = tutorial().input(3, 32, 32);
    assertEquals("[input f32[N,3,32,32]]", net.inputs().toString());
    assertEquals("[output f32[N,10]]", net.outputs().toString());
    assertEquals(
        List.of("0.weight", "0.bias", "4.weight", "4.bias"),
        List.copyOf(net.initializers().keySet()));
    assertEquals(Shape.of(16, 3, 3, 3), net.constant("0.weight").shape());
    assertEquals(Shape.of(10, 4096), net.constant("4.weight").shape());
    assertEquals(
        "[Conv \"0\", Relu \"1\", MaxPool \"2\", Flatten \"3\", Gemm \"4\"]",
        net.nodes().toString());
    assertEquals(16 * 27 + 16 + 10 * 4096 + 10, net.parameters());
  }

  @Test
  void withoutItsFlattenTheTutorialNetworkIsRefusedByName() {
    InvalidModel e =
        assertThrows(
            InvalidModel.class,
            () ->
                sequential(conv2d(3, 16, 3).padding(1), relu(), maxPool2d(2), linear(4096, 10))
                    .input(3, 32, 32));
    assertEquals(
        "Gemm \"3\": takes two matrices, but got [N,16,16,16] and [10,4096]", e.getMessage());
  }

  @Test
  void oneSeedGivesOneSetOfWeights() {
    float[] first = tutorial().seed(7).input(3, 32, 32).constant("4.weight").toFloats();
    float[] second = tutorial().seed(7).input(3, 32, 32).constant("4.weight").toFloats();
    float[] other = tutorial().seed(8).input(3, 32, 32).constant("4.weight").toFloats();
    assertArrayEquals(first, second);
    assertNotEquals(first[0], other[0]);
    for (float w : first) {
      assertTrue(Math.abs(w) <= 1 / 64f, "kaiming bound");
    }
    // The algorithm of java.util.Random's contract, written out: 24 bits of a 48-bit generator.
    long mask = (1L << 48) - 1;
    long state = ((7 ^ 0x5DEECE66DL) * 0x5DEECE66DL + 0xBL) & mask;
    float uniform = (state >>> 24) / (float) (1 << 24);
    assertEquals(
        (2 * uniform - 1) * (float) (1 / Math.sqrt(27)),
        tutorial().seed(7).input(3, 32, 32).constant("0.weight").getFloat(0));
  }

  @Test
  void givenWeightsAreTaken() {
    Graph net =
        sequential(
                conv2d(1, 1, 1).weights(new float[] {2}, new float[] {3}),
                batchNorm2d(1)
                    .weights(new float[] {1}, new float[] {2}, new float[] {3}, new float[] {4}),
                flatten(),
                linear(4, 1).weights(1, 2, 3, 4).bias(false))
            .input(1, 2, 2);
    assertArrayEquals(new float[] {2}, net.constant("0.weight").toFloats());
    assertArrayEquals(new float[] {3}, net.constant("0.bias").toFloats());
    assertArrayEquals(new float[] {4}, net.constant("1.running_var").toFloats());
    assertArrayEquals(new float[] {1, 2, 3, 4}, net.constant("3.weight").toFloats());
    assertEquals(null, net.constant("3.bias"));
  }

  @Test
  void weightsOfAnotherSizeAreRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> sequential(linear(4, 2).weights(1, 2, 3)).input(Shape.batched("N", 4)));
    assertEquals("0.weight has 3 values, expected 8 for shape [2,4]", e.getMessage());
  }

  @Test
  void aBottleneckIsNamedAsInTorchvision() {
    Layer downsample =
        named("downsample", sequential(conv2d(64, 256, 1).bias(false), batchNorm2d(256)));
    Layer body =
        named(
            "",
            sequential(
                named("conv1", conv2d(64, 64, 1).bias(false)),
                named("bn1", batchNorm2d(64)),
                named("relu1", relu()),
                named("conv2", conv2d(64, 64, 3).padding(1).groups(2).bias(false)),
                named("bn2", batchNorm2d(64)),
                named("relu2", relu()),
                named("conv3", conv2d(64, 256, 1).bias(false)),
                named("bn3", batchNorm2d(256))));
    Graph net = sequential(named("layer1.0", residual(body, downsample)), relu()).input(64, 56, 56);
    assertEquals("[output f32[N,256,56,56]]", net.outputs().toString());
    assertTrue(net.initializers().containsKey("layer1.0.conv1.weight"));
    assertTrue(net.initializers().containsKey("layer1.0.bn3.running_mean"));
    assertTrue(net.initializers().containsKey("layer1.0.downsample.0.weight"));
    assertEquals(Shape.of(64, 32, 3, 3), net.constant("layer1.0.conv2.weight").shape());
    assertEquals(List.of("layer1.0.bn3", "layer1.0.downsample.1"), net.nodes().get(10).inputs());
  }

  @Test
  void everyWordBuildsItsOperator() {
    Graph net =
        sequential(
                conv2d(4, 8, 3).stride(2).dilation(2).padding(2, 1),
                relu6(),
                concat(identity(), avgPool2d(3).stride(1).padding(1), sequential(leakyRelu())),
                hardsigmoid(),
                hardswish(),
                residual(sequential(sigmoid(), tanh())),
                maxPool2d(3).stride(2).padding(1).ceilMode(true),
                dropout(0.5),
                adaptiveAvgPool2d(1),
                flatten(),
                softmax(-1))
            .input(4, 16, 16);
    assertEquals("[output f32[N,24]]", net.outputs().toString());
    assertEquals(
        List.of(
            "Conv",
            "Clip",
            "AveragePool",
            "LeakyRelu",
            "Concat",
            "HardSigmoid",
            "HardSwish",
            "Sigmoid",
            "Tanh",
            "Add",
            "MaxPool",
            "Dropout",
            "GlobalAveragePool",
            "Flatten",
            "Softmax"),
        net.nodes().stream().map(n -> n.op().name()).toList());
  }

  @Test
  void argumentsThatNoLayerHasAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> conv2d(3, 16, 3).groups(2));
    assertThrows(IllegalArgumentException.class, () -> conv2d(0, 16, 3));
    assertThrows(IllegalArgumentException.class, () -> linear(4, 0));
    assertThrows(IllegalArgumentException.class, () -> adaptiveAvgPool2d(2));
    assertThrows(IllegalArgumentException.class, () -> dropout(2));
    assertThrows(IllegalArgumentException.class, () -> concat());
    assertThrows(
        IllegalArgumentException.class, () -> sequential(named("", relu())).input(1, 1, 1));
  }
}
