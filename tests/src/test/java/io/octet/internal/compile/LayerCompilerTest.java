package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.octet.OctetException.Unsupported;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.Workspace;
import io.octet.internal.select.Registry;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// Which kernels a layer by itself gets, where backends are choosy.
class LayerCompilerTest {
  private static final QuantParams QUANT = QuantParams.perTensor(DataType.S8, 0.5f, 1);
  private static final Shape SHAPE = Shape.of(1, 1);
  private static final PostOps RESIDUAL =
      PostOps.RELU.withResidual(TensorDesc.quantized(Layout.ROW_MAJOR, SHAPE, QUANT));

  /// 2 * (x - 1) * 0.5 * 3 + residual.
  private static KernelSpec layer(PostOps post) {
    Tensor two = Tensor.of(DataType.S8, new byte[] {2}, 1, 1);
    TensorDesc x = TensorDesc.quantized(Layout.ROW_MAJOR, SHAPE, QUANT);
    return new KernelSpec.Linear(
        x,
        TensorDesc.f32(Layout.ROW_MAJOR, SHAPE),
        new Weights(two, new float[] {3}, new float[0]),
        post);
  }

  /// The oracle, for what passes.
  private static Backend choosy(String name, String refusal, Predicate<KernelSpec> passes) {
    return new Backend() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Answer offers(KernelSpec spec, KernelContext context) {
        return passes.test(spec)
            ? new ReferenceBackend().offers(spec, context)
            : new Answer.Refused(RefusalCode.WOULD_SATURATE, refusal);
      }
    };
  }

  private static Plan compile(PostOps post, Backend... backends) {
    WeightsCache packed = new WeightsCache();
    KernelContext context = new KernelContext(1, packed);
    ConstantStore constants = new ConstantStore(packed);
    return new LayerCompiler("linear", Registry.of(List.of(backends)), context, constants)
        .compile(LayerCompilerTest::layer, post);
  }

  private static float run(Plan plan, int x, int residual) {
    try (Workspace workspace = plan.newWorkspace()) {
      workspace.input(0).set(ValueLayout.JAVA_BYTE, 0, (byte) x);
      workspace.input(1).set(ValueLayout.JAVA_BYTE, 0, (byte) residual);
      workspace.run();
      MemorySegment y = workspace.output(0);
      return y.get(ValueLayout.JAVA_FLOAT, 0);
    } finally {
      plan.retire();
    }
  }

  @Test
  void whatNobodyRunsIsAnErrorWithEveryRefusal() {
    Unsupported error =
        assertThrows(
            Unsupported.class,
            () ->
                compile(
                    RESIDUAL,
                    choosy("first", "too hot", s -> false),
                    choosy("second", "too cold", s -> false)));
    assertEquals(
        "linear: no backend here runs linear s8[1,1], s8[1,1] -> f32[1,1] in int8:"
            + " first: too hot; second: too cold",
        error.getMessage());
  }

  @Test
  void aResidualThatNoKernelTakesAsInt8IsMadeFloat() {
    Backend onlyFloatResiduals =
        choosy(
            "picky",
            "no int8 residual",
            s -> !(s instanceof KernelSpec.Linear) || !s.inputs().getLast().isInt8());
    assertEquals(2, compile(RESIDUAL, onlyFloatResiduals).labels().size());
    assertEquals(17, run(compile(RESIDUAL, onlyFloatResiduals), 5, 11));
  }

  @Test
  void otherwiseOneKernelDoesItAll() {
    Plan plan = compile(RESIDUAL, new ReferenceBackend());
    assertEquals(List.of("linear"), plan.labels());
    assertEquals(17, run(plan, 5, 11));
  }
}
