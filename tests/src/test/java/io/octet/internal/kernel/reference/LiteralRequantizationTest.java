package io.octet.internal.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.SpecRunner;
import org.junit.jupiter.api.Test;

/// `saturate(rint(clamp(float(acc) * (sx * sw) + bias + residual) / sy) + zp)` in float, where
/// another order, another type or a fused operation gives something else: the other answer stands
/// beside the right one.
class LiteralRequantizationTest {
  private static final float[] NONE = {};

  @Test
  void theScalesAreMultipliedFirst() {
    int acc = 127 * 122;
    float sx = 0.1f;
    float sw = 0.3f;
    float right = acc * (sx * sw);
    assertNotEquals(right, acc * sx * sw);
    assertNotEquals(right, (float) (acc * ((double) sx * sw)));
    assertEquals(right, real(new byte[] {127}, sx, new byte[] {122}, sw, 0, null));
  }

  @Test
  void theSumIsAFloatBeforeItIsScaled() {
    // The odd neighbour of 2^24 and something: float has only the even ones.
    byte[] x = new byte[1042];
    byte[] w = new byte[1042];
    java.util.Arrays.fill(x, (byte) 127);
    java.util.Arrays.fill(w, (byte) 127);
    x[1040] = 25;
    x[1041] = 1;
    w[1041] = 2;
    int acc = 1040 * 127 * 127 + 25 * 127 + 2;
    assertEquals(16_777_337, acc);
    float sx = 1 / 3f;
    float right = (float) acc * (sx * 1f);
    assertEquals(16_777_336f, (float) acc);
    assertNotEquals(right, (float) (acc * (double) sx));
    assertEquals(right, real(x, sx, w, 1, 0, null));
  }

  @Test
  void theBiasIsAddedToTheRoundedProduct() {
    float scale = 0.1f * 0.3f;
    float product = 77 * 55 * scale;
    float bias = -product;
    assertNotEquals(0, Math.fma(77f * 55f, scale, bias));
    assertEquals(0, real(new byte[] {77}, 0.1f, new byte[] {55}, 0.3f, bias, null));
  }

  @Test
  void theResidualComesAfterTheBias() {
    // 1 + 2^24 is 2^24 in float, so what is added first decides.
    float bias = 0x1p24f;
    assertEquals(0, real(new byte[] {1}, 1, new byte[] {1}, 1, bias, -0x1p24f));
    assertNotEquals(0, 1 + (bias + -0x1p24f));
  }

  @Test
  void theRealIsDividedNotMultipliedByTheReciprocal() {
    float sy = 0.00214854861f;
    float real = 0.273939937f;
    assertEquals(128, Math.rint(real * (1 / sy)));
    KernelSpec spec = linear(new byte[] {0}, 1, new byte[] {1}, 1, real, null, u8(sy, 0));
    assertEquals(127, SpecRunner.run(new ReferenceBackend(), spec, new byte[] {0}).ints()[0]);
  }

  @Test
  void theClampComesBeforeTheRoundingAndTheZeroPointAfter() {
    // 2.5 steps are 2, then 2 + 7; clamped to 1.5 steps they are 2, too: rounded after the clamp.
    for (float bound : new float[] {Float.POSITIVE_INFINITY, 1.5f}) {
      PostOps clamp = PostOps.NONE.clamp(Float.NEGATIVE_INFINITY, bound);
      KernelSpec spec = linear(new byte[] {5}, 0.5f, new byte[] {1}, 1, 0, clamp, u8(1, 7));
      assertEquals(9, SpecRunner.run(new ReferenceBackend(), spec, new byte[] {5}).ints()[0]);
      assertEquals(10, Math.rint(2.5 + 7));
    }
  }

  /// The layer's output as a float.
  private static float real(byte[] x, float sx, byte[] w, float sw, float bias, Float residual) {
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 1));
    PostOps post = residual == null ? PostOps.NONE : PostOps.NONE.withResidual(y);
    KernelSpec spec = linear(x, sx, w, sw, bias, post, y);
    Object[] inputs =
        residual == null ? new Object[] {x} : new Object[] {x, new float[] {residual}};
    return SpecRunner.run(new ReferenceBackend(), spec, inputs).floats()[0];
  }

  private static KernelSpec linear(
      byte[] x, float sx, byte[] w, float sw, float bias, PostOps post, TensorDesc y) {
    QuantParams quant = QuantParams.perTensor(DataType.S8, sx, 0);
    return new KernelSpec.Linear(
        TensorDesc.quantized(Layout.ROW_MAJOR, Shape.of(1, x.length), quant),
        y,
        new Weights(
            Tensor.of(DataType.S8, w, 1, w.length),
            new float[] {sw},
            bias == 0 ? NONE : new float[] {bias}),
        post == null ? PostOps.NONE : post);
  }

  private static TensorDesc u8(float scale, int zeroPoint) {
    QuantParams quant = QuantParams.perTensor(DataType.U8, scale, zeroPoint);
    return TensorDesc.quantized(Layout.ROW_MAJOR, Shape.of(1, 1), quant);
  }
}
