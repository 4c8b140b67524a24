package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Pools over three axes and transposed convolutions in groups have kernels, whose answers are
/// those of the definition.
class VolumesTest {
  private static final Window CUBE = Window.of(2, 3, 2).stride(2, 1, 1);

  private final Random random = new Random(11);

  private Tensor normal(long... sizes) {
    float[] values = new float[Math.toIntExact(Shape.of(sizes).elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, sizes);
  }

  private static Graph graph(Op op, Shape x, Map<String, Tensor> constants) {
    List<String> inputs = List.of("x", "w", "b").subList(0, 1 + constants.size());
    Graph open =
        new Graph(
            "",
            List.of(new ValueInfo("x", DataType.F32, x)),
            List.of(new ValueInfo("y", DataType.F32, Shape.of())),
            constants,
            List.of(new Node("it", op, inputs, "y")));
    return open.withOutputs(List.of(ShapeInference.infer(open).get("y")));
  }

  private void assertKernel(Graph graph, String backend) {
    Map<String, Tensor> given = Map.of("x", normal(graph.inputs().getFirst().shape().sizes()));
    CompileOptions literal = new CompileOptions(true, true);
    float[] expected = Compiled.run(graph, "jvm", literal, given).get("y").toFloats();
    try (Compiled compiled = new Compiled(graph, backend, CompileOptions.DEFAULT, given)) {
      NodePlan row = compiled.row("it");
      assertNotEquals("literal", row.kernel(), row::toString);
      assertTrue(List.of(backend, "jvm").contains(row.backend()), row::toString);
      assertArrayEquals(expected, compiled.run(given).get("y").toFloats(), 1e-5f);
    }
  }

  static Stream<Arguments> pools() {
    Window padded = CUBE.pads(1, 0, 1, 0, 2, 1);
    return Stream.of(
            new Pooling.MaxPool(padded, true),
            new Pooling.AveragePool(padded, false, true),
            new Pooling.AveragePool(CUBE.autoPad(Window.AutoPad.SAME_UPPER), false, false),
            new Pooling.AveragePool(padded, true, true),
            new Pooling.MaxPool(CUBE.dilation(1, 2, 1), false))
        .flatMap(op -> Stream.of(Arguments.of(op, "jvm"), Arguments.of(op, "onednn")));
  }

  @ParameterizedTest
  @MethodSource("pools")
  void poolsOverThreeAxesHaveKernels(Op op, String backends) {
    assertKernel(graph(op, Shape.of(2, 5, 4, 6, 7), Map.of()), backends);
  }

  static Stream<Arguments> spread() {
    return Stream.of(
        Arguments.of(Window.of(2, 3).stride(2, 2), 3, 6, 2),
        Arguments.of(Window.of(3, 3).stride(2, 1).pads(1, 1, 0, 1).dilation(1, 2), 2, 4, 5),
        Arguments.of(Window.of(4, 4).stride(2, 2).pads(1, 1, 1, 1), 8, 8, 1),
        Arguments.of(Window.of(3).stride(2), 2, 6, 1),
        Arguments.of(Window.of(2, 2, 2).stride(2, 2, 2), 2, 4, 3));
  }

  @ParameterizedTest
  @MethodSource("spread")
  void transposedConvolutionsInGroupsHaveAKernel(
      Window window, int groups, int inputs, int outputs) {
    Op op =
        new Convolution.ConvTranspose(
            window, groups, Collections.nCopies(window.axes(), 0), List.of());
    long[] x = new long[2 + window.axes()];
    Arrays.fill(x, 5);
    x[0] = 2;
    x[1] = inputs;
    long[] w = new long[x.length];
    w[0] = inputs;
    w[1] = outputs;
    for (int axis = 0; axis < window.axes(); axis++) {
      w[2 + axis] = window.kernel().get(axis);
    }
    Map<String, Tensor> constants = Map.of("w", normal(w), "b", normal((long) groups * outputs));
    assertKernel(graph(op, Shape.of(x), constants), "onednn");
  }
}
