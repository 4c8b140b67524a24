package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.AwkwardSpecs;
import io.octet.testkit.Case;
import io.octet.testkit.Seeds;
import io.octet.testkit.Specs;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a cache of kernels relies on, and what records refuse.
class KernelSpecTest {
  static Stream<Case.Family> families() {
    return Stream.concat(Specs.everyKind(), AwkwardSpecs.families());
  }

  /// Weights are the only component that is compared by identity.
  @ParameterizedTest
  @MethodSource("families")
  void specsOfEqualContentAreEqual(Case.Family family) {
    Seeds.cases(20)
        .forEach(
            seed -> {
              KernelSpec a = family.spec(new SplittableRandom(seed));
              KernelSpec b = withWeightsOf(a, family.spec(new SplittableRandom(seed)));
              assertEquals(a, b);
              assertEquals(a.hashCode(), b.hashCode(), a::describe);
            });
  }

  private static KernelSpec withWeightsOf(KernelSpec from, KernelSpec to) {
    return switch (to) {
      case KernelSpec.Conv s when from instanceof KernelSpec.Conv f ->
          new KernelSpec.Conv(
              s.x(),
              s.y(),
              new Weights(f.weights().values(), s.weights().scales(), s.weights().bias()),
              s.window(),
              s.groups(),
              s.post());
      case KernelSpec.Linear s when from instanceof KernelSpec.Linear f ->
          new KernelSpec.Linear(
              s.x(),
              s.y(),
              new Weights(f.weights().values(), s.weights().scales(), s.weights().bias()),
              s.post());
      case KernelSpec.ScaleSums s when from instanceof KernelSpec.ScaleSums f ->
          new KernelSpec.ScaleSums(
              s.acc(),
              s.scale(),
              s.zero(),
              s.q(),
              s.y(),
              new Weights(f.weights().values(), s.weights().scales(), s.weights().bias()),
              s.weightZeros(),
              s.post());
      case KernelSpec.Recurrence s when from instanceof KernelSpec.Recurrence f ->
          new KernelSpec.Recurrence(
              s.op(),
              s.gates(),
              new Weights(f.recurrent().values(), new float[0], s.recurrent().bias()),
              s.operands(),
              s.outputs());
      default -> to;
    };
  }

  @Test
  void anythingElseMakesAnotherKernel() {
    Tensor values = Tensor.of(DataType.S8, new byte[] {1, 2}, 2, 1);
    Weights weights = new Weights(values, new float[] {1}, new float[] {1, 2});
    assertNotEquals(weights, new Weights(values, new float[] {2}, new float[] {1, 2}));
    assertNotEquals(weights, new Weights(values, new float[] {1}, new float[] {1, 3}));
    Tensor copy = Tensor.of(DataType.S8, new byte[] {1, 2}, 2, 1);
    assertNotEquals(weights, new Weights(copy, new float[] {1}, new float[] {1, 2}));
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 2));
    assertNotEquals(
        new KernelSpec.ChannelAffine(x, x, new float[] {1, 2}, new float[2]),
        new KernelSpec.ChannelAffine(x, x, new float[] {1, 3}, new float[2]));
    TensorDesc bytes = TensorDesc.plain(DataType.U8, Shape.of(1, 2));
    TensorDesc meant =
        TensorDesc.quantized(
            Layout.ROW_MAJOR, bytes.shape(), QuantParams.perTensor(DataType.U8, 1, 0));
    assertNotEquals(new KernelSpec.Convert(bytes, bytes), new KernelSpec.Convert(bytes, meant));
    assertNotEquals(meant, meant.bounded(100));
  }

  @Test
  void encodingsThatATypeCannotHaveAreRefused() {
    Shape shape = Shape.of(1, 2);
    QuantParams u8 = QuantParams.perTensor(DataType.U8, 1, 0);
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorDesc(DataType.S8, Layout.ROW_MAJOR, shape, u8));
    assertThrows(IllegalArgumentException.class, () -> TensorDesc.dynamic(DataType.F32, shape));
    assertThrows(IllegalArgumentException.class, () -> TensorDesc.f32(Layout.CHANNELS_LAST, shape));
    TensorDesc meant = TensorDesc.quantized(Layout.ROW_MAJOR, shape, u8);
    assertThrows(IllegalArgumentException.class, () -> meant.bounded(256));
  }
}
