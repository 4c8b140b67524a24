package io.octet.kernel;

import static io.octet.kernel.Examples.INPUT;
import static io.octet.kernel.Examples.OUTPUT;
import static io.octet.kernel.Examples.WEIGHTS;
import static io.octet.kernel.Examples.conv;
import static io.octet.kernel.Examples.input;
import static io.octet.kernel.Examples.linear;
import static io.octet.kernel.Examples.output;
import static io.octet.kernel.Examples.weight;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// What callers get wrong is refused before anything native, by an exception that names it.
class LayerErrorsTest {
  private static void assertRefused(
      Class<? extends Throwable> type, String naming, Executable call) {
    String message = assertThrows(type, call).getMessage();
    assertTrue(message.contains(naming), () -> "\"" + message + "\" does not say " + naming);
  }

  private static void assertArgumentRefused(String naming, Executable call) {
    assertRefused(IllegalArgumentException.class, naming, call);
  }

  @Test
  void weightsAreS8OfTheLayersRank() {
    Tensor floats = Tensor.of(new float[6], 2, 3);
    Tensor unsigned = Tensor.of(DataType.U8, new byte[6], 2, 3);
    assertArgumentRefused("f32[2,3]", () -> QLinear.of(floats, WEIGHTS));
    assertArgumentRefused("u8[2,3]", () -> QLinear.of(unsigned, WEIGHTS));
    assertArgumentRefused("s8[1,2,3]", () -> QLinear.of(weight(1, 2, 3), WEIGHTS));
    assertArgumentRefused("s8[2,3]", () -> QConv2d.of(weight(2, 3), WEIGHTS));
    assertArgumentRefused("non-empty", () -> QLinear.of(weight(0, 3), WEIGHTS));
  }

  @Test
  void weightsHaveNoZeroPointAndOneScaleForEachOutput() {
    Tensor w = weight(2, 3);
    QuantParams shifted = QuantParams.perTensor(DataType.S8, 0.1f, 1);
    QuantParams unsigned = QuantParams.perTensor(DataType.U8, 0.1f, 0);
    QuantParams three = QuantParams.perChannel(DataType.S8, 0, 1, 1, 1);
    QuantParams inputs = QuantParams.perChannel(DataType.S8, 1, 1, 1);
    QuantParams oneShifted =
        new QuantParams(
            DataType.S8, new Granularity.PerChannel(0), new float[] {1, 1}, new int[] {0, 1});
    for (QuantParams wrong : new QuantParams[] {shifted, unsigned, three, inputs, oneShifted}) {
      assertArgumentRefused("zero point 0", () -> QLinear.of(w, wrong));
    }
  }

  @Test
  void scalesAndBiasesAreNumbers() {
    assertArgumentRefused("NaN", () -> QuantParams.perTensor(DataType.U8, Float.NaN, 0));
    assertArgumentRefused("NaN", () -> QuantParams.perChannel(DataType.S8, 0, 1, Float.NaN));
    assertArgumentRefused(
        "bias 1", () -> QLinear.of(weight(2, 3), WEIGHTS).bias(0, Float.POSITIVE_INFINITY));
    assertArgumentRefused("bias 0", () -> QLinear.of(weight(2, 3), WEIGHTS).bias(Float.NaN, 0));
    assertArgumentRefused("3 values for 2", () -> QLinear.of(weight(2, 3), WEIGHTS).bias(1, 2, 3));
  }

  @Test
  void activationsAreEightBitsPerTensor() {
    QuantParams wide = QuantParams.perTensor(DataType.S32, 1, 0);
    QuantParams channels = QuantParams.perChannel(DataType.U8, 0, 1, 1);
    assertArgumentRefused("input", () -> linear().input(wide));
    assertArgumentRefused("output", () -> linear().output(channels));
    assertArgumentRefused("residual", () -> linear().residual(channels));
  }

  @Test
  void inputAndOutputMustBeGiven() {
    assertRefused(
        IllegalStateException.class,
        "input",
        () -> QLinear.of(weight(2, 3), WEIGHTS).output(OUTPUT).pack());
    assertRefused(
        IllegalStateException.class,
        "output",
        () -> QConv2d.of(weight(2, 3, 1, 1), WEIGHTS).input(INPUT).pack());
  }

  @Test
  void windowsAndGroupsMustBePossible() {
    assertArgumentRefused("stride", () -> conv().stride(0));
    assertArgumentRefused("padding", () -> conv().padding(-1));
    assertArgumentRefused("dilation", () -> conv().dilation(1, 0));
    assertArgumentRefused("3 groups", () -> conv().groups(3));
    assertArgumentRefused("0 groups", () -> conv().groups(0));
  }

  @Test
  void optionsAreAtLeastOneAndNameKnownBackends() {
    KernelOptions options = KernelOptions.defaults();
    assertArgumentRefused("intraOp", () -> options.threads().intraOp(0));
    assertArgumentRefused("maxConcurrentRuns", () -> options.threads().maxConcurrentRuns(0));
    assertArgumentRefused("maxPlans", () -> options.memory().maxPlans(0));
    assertArgumentRefused("memory limit", () -> options.memory().limit(0));
    assertArgumentRefused(
        "abacus", () -> linear().options(options.toBuilder().backends("abacus").build()).pack());
  }

  @Test
  void segmentsHaveExactlyTheRightSize() {
    try (QLinear layer = linear().pack();
        QConv2d conv = conv().pack()) {
      assertArgumentRefused("x", () -> layer.run(input(47), 2, output(20)));
      assertArgumentRefused("x", () -> layer.run(input(49), 2, output(20)));
      assertArgumentRefused("y", () -> layer.run(input(48), 2, output(19)));
      assertArgumentRefused("x", () -> conv.run(input(6 * 35), 1, 6, 6, output(8 * 9)));
      assertArgumentRefused("y", () -> conv.run(input(6 * 36), 1, 6, 6, output(8 * 36)));
      MemorySegment readOnly = output(20).asReadOnly();
      assertArgumentRefused("read-only", () -> layer.run(input(48), 2, readOnly));
      assertRefused(NullPointerException.class, "x", () -> layer.run(null, 2, output(20)));
      assertRefused(NullPointerException.class, "y", () -> layer.run(input(48), 2, null));
    }
  }

  @Test
  void floatOutputsTakeFourBytesEach() {
    try (QLinear layer = linear().floatOutput().pack()) {
      assertArgumentRefused("f32", () -> layer.run(input(24), 1, output(10)));
      layer.run(input(24), 1, MemorySegment.ofArray(new float[10]));
    }
  }

  @Test
  void batchesAndImagesAreNotEmpty() {
    try (QLinear layer = linear().pack();
        QConv2d conv = conv().pack()) {
      assertArgumentRefused("batch", () -> layer.run(input(0), 0, output(0)));
      assertArgumentRefused("batch", () -> layer.run(input(24), -1, output(10)));
      assertArgumentRefused("batch", () -> layer.prepare(0));
      assertArgumentRefused("batch", () -> linear().pack(0));
      assertArgumentRefused("batch", () -> conv.run(input(0), 0, 6, 6, output(0)));
      assertArgumentRefused("height", () -> conv.run(input(0), 1, 0, 6, output(0)));
      assertArgumentRefused("width", () -> conv.run(input(0), 1, 6, -6, output(0)));
      assertArgumentRefused("too many", () -> layer.run(input(24), Long.MAX_VALUE, output(10)));
      assertArgumentRefused(
          "too many", () -> conv.run(input(24), 1L << 40, 1L << 20, 1L << 20, output(10)));
    }
  }

  @Test
  void theWindowMustFitTheImage() {
    try (QConv2d conv = conv().padding(0).pack()) {
      assertEquals(1, conv.outputHeight(3));
      assertEquals(111, conv.outputWidth(224));
      assertArgumentRefused("smaller than the window", () -> conv.outputHeight(2));
      assertArgumentRefused("2 columns", () -> conv.run(input(36), 1, 3, 2, output(8)));
      assertArgumentRefused("2 rows", () -> conv.prepare(1, 2, 3));
    }
  }

  @Test
  void aResidualIsPassedExactlyWhereTheLayerHasOne() {
    try (QLinear with = linear().residual(OUTPUT).pack();
        QLinear without = linear().pack();
        QConv2d conv = conv().residual(OUTPUT).pack()) {
      assertArgumentRefused("residual", () -> with.run(input(24), 1, output(10)));
      assertArgumentRefused("residual", () -> with.run(input(24), 1, input(9), output(10)));
      assertArgumentRefused("residual", () -> without.run(input(24), 1, input(10), output(10)));
      assertArgumentRefused("residual", () -> conv.run(input(216), 1, 6, 6, output(72)));
    }
  }

  @Test
  void aClosedSegmentIsAnException() {
    MemorySegment closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = arena.allocate(24);
    }
    try (QLinear layer = linear().pack()) {
      assertThrows(IllegalStateException.class, () -> layer.run(closed, 1, output(10)));
      layer.run(input(24), 1, output(10));
    }
  }

  @Test
  void aClosedLayerRefusesEverythingAndMayBeClosedAgain() {
    QLinear layer = linear().pack();
    QConv2d conv = conv().pack(1, 6, 6);
    layer.close();
    conv.close();
    assertRefused(IllegalStateException.class, "closed", () -> layer.run(input(24), 1, output(10)));
    assertRefused(IllegalStateException.class, "closed", () -> layer.prepare(2));
    assertRefused(
        IllegalStateException.class, "closed", () -> conv.run(input(216), 1, 6, 6, output(72)));
    layer.close();
    conv.close();
  }
}
