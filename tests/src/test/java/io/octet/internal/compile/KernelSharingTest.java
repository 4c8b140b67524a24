package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Product;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.Workspace;
import io.octet.internal.select.KernelCache;
import io.octet.internal.select.Registry;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Counting;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Plans of one session share the kernels that their specs have in common.
class KernelSharingTest {
  private static final int QUERY_STEPS = 3;

  private final Counting backend = new Counting(new JvmBackend());
  private final WeightsCache packed = new WeightsCache();
  private final ConstantStore constants = new ConstantStore(packed);

  @AfterEach
  void free() {
    constants.close();
    assertEquals(0, backend.kernels(), "kernels are freed with their last plan");
    assertEquals(0, backend.invocations());
  }

  /// A query of fixed size through a layer and two functions; a sequence of any length through one
  /// function; and their sum.
  private static Graph twoInputs() {
    Shape free = new Shape(List.of(new Dim.Symbol("T"), new Dim.Fixed(4)));
    ValueInfo query = new ValueInfo("query", DataType.F32, Shape.of(1, 4));
    ValueInfo sequence = new ValueInfo("sequence", DataType.F32, free);
    Tensor w = Tensor.of(new float[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, 4, 4);
    List<Node> nodes =
        List.of(
            new Node("layer", new Product.MatMul(), List.of("query", "w"), "a"),
            new Node("tanh", new Unary.Tanh(), List.of("a"), "b"),
            new Node("sigmoid", new Unary.Sigmoid(), List.of("b"), "c"),
            new Node("leaky", new Unary.LeakyRelu(0.5f), List.of("sequence"), "d"),
            new Node("add", new Binary.Add(), List.of("c", "d"), "y"));
    ValueInfo y = new ValueInfo("y", DataType.F32, free);
    return new Graph("two", List.of(query, sequence), List.of(y), Map.of("w", w), nodes);
  }

  private Plan plan(Compiler compiler, int length) {
    return compiler.compile(Map.of("query", Shape.of(1, 4), "sequence", Shape.of(length, 4)));
  }

  private Compiler compiler() {
    return new Compiler(
        twoInputs(),
        Registry.of(List.of(backend)),
        new KernelContext(1, packed),
        constants,
        CompileOptions.DEFAULT);
  }

  private static float[] run(Workspace workspace, int length) {
    MemorySegment.copy(
        new float[] {0, 1, 2, 3}, 0, workspace.input(0), ValueLayout.JAVA_FLOAT, 0, 4);
    workspace.input(1).fill((byte) 0);
    workspace.run();
    return workspace.output(0).asSlice(0, length * 16L).toArray(ValueLayout.JAVA_FLOAT);
  }

  @Test
  void anotherLengthMakesOnlyWhatDiffers() {
    Compiler compiler = compiler();
    Plan two = plan(compiler, 2);
    int first = backend.made();
    Plan three = plan(compiler, 3);
    int second = backend.made() - first;
    System.out.println("kernels made for a first length " + first + ", for another " + second);
    assertEquals(first - QUERY_STEPS, second);
    assertEquals(first + second, backend.kernels());
    try (Workspace other = three.newWorkspace()) {
      float[] rows = run(other, 3);
      try (Workspace one = two.newWorkspace()) {
        assertArrayEquals(run(one, 2), Arrays.copyOf(rows, 8));
      }
      two.retire();
      assertEquals(first, backend.kernels(), "what the other plan uses stays");
      assertArrayEquals(rows, run(other, 3));
    }
    three.retire();
  }

  @Test
  void aPlanThatIsMadeAgainAfterTheLastMakesAllOfIt() {
    Compiler compiler = compiler();
    plan(compiler, 2).retire();
    assertEquals(0, backend.kernels());
    int made = backend.made();
    plan(compiler, 2).retire();
    assertEquals(2 * made, backend.made());
  }

  @Test
  void eachUserClosesItsOwnHoldOnce() {
    KernelCache cache =
        new KernelCache(Registry.of(List.of(backend)), new KernelContext(1, packed));
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(8));
    KernelSpec spec = new KernelSpec.Unary(new Unary.Tanh(), x, x);
    Kernel one = cache.select(spec).kernel();
    Kernel other = cache.select(new KernelSpec.Unary(new Unary.Tanh(), x, x)).kernel();
    assertNotSame(one, other);
    assertEquals(1, backend.made());
    one.close();
    one.close();
    assertEquals(1, backend.kernels());
    other.close();
    assertEquals(0, backend.kernels());
    assertEquals(1, backend.made());
  }
}
