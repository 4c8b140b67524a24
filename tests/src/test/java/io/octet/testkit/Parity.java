package io.octet.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.testkit.SpecRunner.Output;

/// How far a backend may stand from the oracle: int32 sums not at all up to 2^24, and beyond that
/// by a float's rounding; quantized values one step, floats by the rounding of their sums.
public final class Parity {
  /// Two roundings of a float.
  private static final double ROUNDING = 0x1p-22;

  private static final int LARGEST_EXACT_FLOAT = 1 << 24;

  private Parity() {}

  /// Holds `actual` to `expected`.
  public static void assertMatches(Case c, Output expected, Output actual) {
    switch (c.spec().y().type()) {
      case S32 -> assertSums(c, expected.ints(), actual.ints());
      case S64, BOOL, F16, BF16, F64 ->
          assertArrayEquals(expected.raw(), actual.raw(), c::toString);
      case U8, S8 -> assertWithinSteps(1, c, expected.ints(), actual.ints());
      case F32 -> assertClose(c, expected.floats(), actual.floats());
    }
  }

  /// Holds `actual` to `expected` bit for bit.
  public static void assertIdentical(Case c, Output expected, Output actual) {
    if (expected.y().type() == DataType.F32) {
      assertArrayEquals(expected.floats(), actual.floats(), c::toString);
    } else {
      assertArrayEquals(expected.raw(), actual.raw(), c::toString);
    }
  }

  private static void assertSums(Case c, int[] expected, int[] actual) {
    for (int i = 0; i < expected.length; i++) {
      long size = Math.abs((long) expected[i]);
      double tolerance = size <= LARGEST_EXACT_FLOAT ? 0 : size * 0x1p-23;
      if (!(Math.abs((double) expected[i] - actual[i]) <= tolerance)) {
        fail("sum " + i + ": " + expected[i] + " but got " + actual[i] + " of " + c);
      }
    }
  }

  private static void assertWithinSteps(int steps, Case c, int[] expected, int[] actual) {
    for (int i = 0; i < expected.length; i++) {
      if (Math.abs(expected[i] - actual[i]) > steps) {
        fail("element " + i + ": " + expected[i] + " but got " + actual[i] + " of " + c);
      }
    }
  }

  private static void assertClose(Case c, float[] expected, float[] actual) {
    double tolerance = ROUNDING * magnitude(c);
    for (int i = 0; i < expected.length; i++) {
      boolean equal = Float.compare(expected[i], actual[i]) == 0;
      if (!equal && !(Math.abs((double) expected[i] - actual[i]) <= tolerance)) {
        fail(
            ("element %d: expected %s, but got %s, more than %s away, of %s")
                .formatted(i, expected[i], actual[i], tolerance, c));
      }
    }
  }

  /// The largest that the sum of the absolute values of what is added can be.
  private static double magnitude(Case c) {
    return switch (c.spec()) {
      case KernelSpec.Conv s -> layer(c, s.x(), s.weights(), s.post());
      case KernelSpec.Linear s -> layer(c, s.x(), s.weights(), s.post());
      case KernelSpec.MatMul s -> {
        long k = s.a().shape().size(s.a().shape().rank() - (s.transA() ? 2 : 1));
        yield k * largest(s.a(), c.inputs()[0]) * largest(s.b(), c.inputs()[1]);
      }
      case KernelSpec.Pool s -> s.window().taps() * largest(s.x(), c.inputs()[0]);
      case KernelSpec.Binary s -> {
        double a = largest(s.a(), c.inputs()[0]);
        double b = largest(s.b(), c.inputs()[1]);
        yield Math.max(a + b, a * b);
      }
      case KernelSpec.ChannelAffine s ->
          largest(s.x(), c.inputs()[0]) * largest(s.scale()) + largest(s.shift());
      case KernelSpec.Unary s -> Math.max(1, largest(s.x(), c.inputs()[0]));
      // A quotient of approximated exponentials and their sum, each a few roundings from the truth.
      case KernelSpec.Softmax _ -> 4;
      // Weights are small: what is squashed stays within these bounds, off by a few roundings each
      // step.
      case KernelSpec.Recurrence _ -> 32;
      case KernelSpec.Resample s -> 8 * largest(s.x(), c.inputs()[0]);
      case KernelSpec.Literal _ -> 0; // one definition, whoever evaluates it
      case KernelSpec.Convert _,
          KernelSpec.Lookup _,
          KernelSpec.RuntimeQuantize _,
          KernelSpec.QuantizeRows _,
          KernelSpec.ScaleSums _,
          KernelSpec.Concat _,
          KernelSpec.Transpose _ ->
          0;
    };
  }

  private static double layer(Case c, TensorDesc x, Weights w, PostOps post) {
    double inner = (double) w.values().elements() / w.channels();
    double weight =
        w.isInt8() ? 128 * largest(w.scales()) : largest(w.values().tensor().toFloats());
    double residual =
        post.hasResidual() ? largest(post.residual(), c.inputs()[c.inputs().length - 1]) : 0;
    return inner * largest(x, c.inputs()[0]) * weight + largest(w.bias()) + residual;
  }

  /// The largest absolute real value.
  private static double largest(TensorDesc a, Object values) {
    return a.isInt8() ? 255.0 * largest(a.quant().scales()) : largest((float[]) values);
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float v : values) {
      largest = Math.max(largest, Math.abs(v));
    }
    return largest;
  }
}
