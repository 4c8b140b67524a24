package io.octet.internal.select;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.cpu.Verdict.Path;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendsTest {
  private static KernelSpec depthwise(int groups, boolean int8) {
    return depthwise(groups, int8, Window.of(3, 3).pads(1, 1, 1, 1));
  }

  private static KernelSpec depthwise(int groups, boolean int8, Window window) {
    int taps = (int) window.taps();
    int height = window.kernel().getFirst();
    int width = window.kernel().getLast();
    Shape image = Shape.of(1, groups, 5, 5);
    TensorDesc x = TensorDesc.f32(Layout.CHANNELS_LAST, image);
    Tensor w = Tensor.of(new float[groups * taps], groups, 1, height, width);
    float[] scales = {};
    if (int8) {
      QuantParams quant = QuantParams.perTensor(DataType.U8, 0.1f, 0);
      x = TensorDesc.quantized(Layout.CHANNELS_LAST, image, quant);
      w = Tensor.of(DataType.S8, new byte[groups * taps], groups, 1, height, width);
      scales = new float[] {0.1f};
    }
    Weights weights = new Weights(w, scales, new float[0]);
    return new KernelSpec.Conv(x, x, weights, window, groups, PostOps.NONE);
  }

  private static KernelSpec relayout() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 2, 3, 3));
    return new KernelSpec.Convert(x, x.in(Layout.CHANNELS_LAST));
  }

  @Test
  void oneDnnIsFirstWithVnniButForManyGroups() {
    List<String> onednn = List.of("onednn", "fbgemm", "jvm");
    List<String> fbgemm = List.of("fbgemm", "onednn", "jvm");
    assertEquals(onednn, CpuOrder.of(depthwise(100, true), Path.INT8_VNNI));
    assertEquals(fbgemm, CpuOrder.of(depthwise(101, true), Path.INT8_VNNI));
    assertEquals(onednn, CpuOrder.of(depthwise(101, false), Path.INT8_VNNI));
    for (Window odd :
        List.of(
            Window.of(1, 1),
            Window.of(3, 5).pads(1, 2, 1, 2),
            Window.of(5, 5).stride(2, 2).pads(1, 1, 2, 2),
            Window.of(3, 3).dilation(2, 2).pads(1, 1, 1, 1))) {
      // FBGEMM would multiply a matrix for each group.
      assertEquals(onednn, CpuOrder.of(depthwise(144, true, odd), Path.INT8_VNNI));
    }
    assertEquals(fbgemm, CpuOrder.of(depthwise(1, true), Path.INT8_REDUCED));
    assertEquals(onednn, CpuOrder.of(depthwise(1, false), Path.INT8_REDUCED));
    assertEquals(onednn, CpuOrder.of(depthwise(1, true), Path.FP32));
  }

  @Test
  void narrowMaximaOfBytesGoToJavaUnlessSomebodyIsPreferred() {
    for (Path path : Path.values()) {
      int few = path == Path.INT8_VNNI ? 32 : 16;
      assertEquals("jvm", CpuOrder.of(maximum(few, DataType.U8), path).getFirst());
      assertNotEquals("jvm", CpuOrder.of(maximum(few + 1, DataType.U8), path).getFirst());
      assertNotEquals("jvm", CpuOrder.of(maximum(few, DataType.F32), path).getFirst());
    }
    try (WeightsCache packed = new WeightsCache()) {
      KernelContext context = new KernelContext(1, packed);
      Registry.Selection usual =
          Backends.preferring(List.of()).select(maximum(16, DataType.S8), context);
      assertEquals("max-bytes", usual.kernel().implementation());
      assertEquals(List.of(), usual.refusals());
      usual.kernel().close();
      Registry.Selection preferred =
          Backends.preferring(List.of("onednn")).select(maximum(16, DataType.S8), context);
      // Where oneDNN is not there, its reason is.
      boolean first = preferred.kernel().backend().equals("onednn");
      assertEquals(
          first ? List.of() : List.of("onednn"),
          preferred.refusals().stream().map(Registry.Refusal::backend).toList());
      preferred.kernel().close();
    }
  }

  @Test
  void conversionsThatTakeLessThanACallGoToJava() {
    for (Path path : Path.values()) {
      assertEquals("jvm", CpuOrder.of(dequantize(256), path).getFirst());
      assertNotEquals("jvm", CpuOrder.of(dequantize(257), path).getFirst());
    }
  }

  private static KernelSpec dequantize(int elements) {
    Shape shape = Shape.of(1, elements);
    QuantParams quant = QuantParams.perTensor(DataType.U8, 0.1f, 0);
    TensorDesc x = TensorDesc.quantized(Layout.ROW_MAJOR, shape, quant);
    return new KernelSpec.Convert(x, TensorDesc.f32(Layout.ROW_MAJOR, shape));
  }

  private static KernelSpec maximum(int channels, DataType type) {
    Shape shape = Shape.of(1, channels, 4, 4);
    TensorDesc x =
        type == DataType.F32
            ? TensorDesc.f32(Layout.CHANNELS_LAST, shape)
            : TensorDesc.quantized(
                Layout.CHANNELS_LAST, shape, QuantParams.perTensor(type, 0.1f, 0));
    Window window = Window.of(3, 3).pads(1, 1, 1, 1);
    return new KernelSpec.Pool(x, x, window, KernelSpec.PoolKind.MAX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fbgemm", "octet", "onednn", "jvm", "reference"})
  void aPreferenceIsNoDemand(String name) {
    try (WeightsCache packed = new WeightsCache()) {
      Registry registry = Backends.preferring(List.of(name));
      Registry.Selection selection = registry.select(relayout(), new KernelContext(1, packed));
      try (Kernel kernel = selection.kernel()) {
        assertNotNull(kernel, () -> selection.refusals().toString());
        if (!kernel.backend().equals(name)) {
          Registry.Refusal first = selection.refusals().getFirst();
          assertEquals(name, first.backend());
          assertTrue(!first.detail().isEmpty(), first::toString);
        }
      }
    }
  }

  @Test
  void theOracleServesOnlyWhereItIsNamed() {
    KernelSpec conv = depthwise(2, true);
    try (WeightsCache packed = new WeightsCache()) {
      KernelContext context = new KernelContext(1, packed);
      Registry.Selection named = Backends.preferring(List.of("reference")).select(conv, context);
      assertEquals("reference", named.kernel().backend());
      named.kernel().close();
      Registry.Selection usual = Backends.preferring(List.of()).select(conv, context);
      if (usual.kernel() != null) {
        assertTrue(!usual.kernel().backend().equals("reference"));
        usual.kernel().close();
      }
    }
  }

  @Test
  void anUnknownNameIsRefusedWithTheList() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> Backends.preferring(List.of("jvm", "abacus")));
    for (String part : List.of("\"abacus\"", "onednn", "fbgemm", "octet", "jvm", "reference")) {
      assertTrue(e.getMessage().contains(part), e::getMessage);
    }
  }

  @Test
  void theCodeOfAFallbackIsThatOfTheBackendWhoCameClosest() {
    Registry.Refusal absent =
        new Registry.Refusal("fbgemm", RefusalCode.BACKEND_UNAVAILABLE, "not here");
    Registry.Refusal saturates =
        new Registry.Refusal("onednn", RefusalCode.WOULD_SATURATE, "these weights");
    Registry.Refusal lacks = new Registry.Refusal("jvm", RefusalCode.NO_INT8_ISA, "Java");
    assertEquals(saturates, telling(absent, saturates, lacks));
    assertEquals(absent, telling(lacks, absent));
    assertEquals(lacks, telling(lacks));
  }

  private static Registry.Refusal telling(Registry.Refusal... refusals) {
    return new Registry.Selection(null, List.of(refusals)).telling();
  }
}
