package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Product;
import io.octet.graph.op.ValueInfo;
import io.octet.nn.Layer;
import io.octet.nn.Layers;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a session holds, in numbers that are printed: the measure for whoever makes it less.
class SessionSizeTest {
  private static final long MIB = 1 << 20;

  /// A constant matrix of 4 MiB times `N` columns.
  private static Graph product() {
    Dim n = new Dim.Symbol("N");
    ValueInfo x = new ValueInfo("x", DataType.F32, new Shape(List.of(new Dim.Fixed(1024), n)));
    ValueInfo y = new ValueInfo("y", DataType.F32, x.shape());
    Tensor matrix = Tensor.of(new float[1 << 20], 1024, 1024);
    Node node = new Node("product", new Product.MatMul(), List.of("matrix", "x"), "y");
    return new Graph("product", List.of(x), List.of(y), Map.of("matrix", matrix), List.of(node));
  }

  @Test
  void aConstantIsHeldOnceWhateverTheNumberOfPlans() {
    List<Long> held = new ArrayList<>();
    SessionOptions options = SessionOptions.builder().threads(t -> t.maxConcurrentRuns(1)).build();
    try (Session session = Session.open(product(), options)) {
      for (int n = 1; n <= 4; n++) {
        Map<String, Tensor> x = Map.of("x", Tensor.of(new float[1024 * n], 1024, n));
        session.run(x, Arena.ofAuto());
        held.add(session.heldBytes());
      }
    }
    System.out.println("a 4 MiB constant, four batch sizes: bytes held after each " + held);
    assertTrue(held.getFirst() >= 4 * MIB, held::toString);
    assertTrue(held.getLast() < 5 * MIB, held::toString);
  }

  /// Blocks of ResNet-18's widths: 11 million weights.
  private static Graph weights() {
    List<Layer> layers = new ArrayList<>();
    int in = 3;
    for (int out : new int[] {64, 64, 64, 64, 128, 128, 128, 256, 256, 256, 512, 512, 512, 512}) {
      layers.add(Layers.conv2d(in, out, 3).padding(1));
      layers.add(Layers.relu());
      in = out;
    }
    return Layers.sequential(layers.toArray(Layer[]::new)).input(3, 8, 8);
  }

  /// The next owner of weights is to hold them once; today the graph has them on the heap, and the
  /// session a second time in the form that kernels read.
  @Test
  void weightsAreHeldOnTheHeapAndPacked() {
    Graph graph = weights();
    long heap = graph.parameterBytes();
    SessionOptions options = SessionOptions.builder().threads(t -> t.maxConcurrentRuns(1)).build();
    try (Session session = Session.open(graph, options)) {
      long before = session.heldBytes();
      session.run(Map.of("input", Tensor.of(new float[192], 1, 3, 8, 8)), Arena.ofAuto());
      long packed = session.heldBytes() - before;
      System.out.println(
          "weights of " + heap / MIB + " MiB on the heap, " + packed / MIB + " MiB in the session");
      assertEquals(0, before, "nothing is packed before a plan wants it");
      assertTrue(packed > heap / 2 && packed < heap * 5 / 4, () -> packed + " of " + heap);
    }
  }
}
