package io.octet.testkit;

import io.octet.graph.op.Movement;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import java.util.random.RandomGenerator;

/// Random elements: mostly spread over their range, at times only its two corners, at times one
/// corner everywhere.
public final class Values {
  private Values() {}

  /// Values for each input of `spec`.
  public static Object[] inputs(KernelSpec spec, RandomGenerator random) {
    Object[] values = spec.inputs().stream().map(a -> of(a, random)).toArray();
    if (spec instanceof KernelSpec.RuntimeQuantize s) {
      values[1] = positive((float[]) values[1]);
      if (s.zeroPoint() != null && s.zeroPoint().type() == DataType.S32) {
        values[2] = new int[((int[]) values[2]).length];
      }
    }
    if (spec instanceof KernelSpec.Recurrence s && s.operands().getFirst() != null) {
      long steps = s.gates().shape().size(s.op().form().batchFirst() ? 1 : 0);
      int[] lengths = (int[]) values[1];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = Math.floorMod(lengths[i], (int) steps + 1);
      }
    }
    if (spec instanceof KernelSpec.Literal s && !(s.op() instanceof Movement)) {
      values[values.length - 1] = magnitudes(values[values.length - 1]); // a variance, a scale
      values[Math.min(1, values.length - 1)] = magnitudes(values[Math.min(1, values.length - 1)]);
    }
    return values;
  }

  /// Values for one activation.
  public static Object of(TensorDesc a, RandomGenerator random) {
    int count = Math.toIntExact(a.shape().elements());
    return switch (a.type()) {
      case F32 -> floats(count, random);
      case U8, S8 -> bytes(a.type(), count, random);
      case S32 -> random.ints(count).toArray();
      case S64 -> random.longs(count).toArray();
      case F64 -> random.doubles(count, -4, 4).toArray();
      case BOOL -> truths(count, random);
      case F16, BF16 -> halves(count, random);
    };
  }

  private static byte[] truths(int count, RandomGenerator random) {
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      values[i] = (byte) random.nextInt(2);
    }
    return values;
  }

  /// Floats between -4 and 4, some of them zero, some exactly halfway between integers.
  public static float[] floats(int count, RandomGenerator random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (random.nextInt(16)) {
            case 0 -> 0;
            case 1 -> random.nextInt(-8, 8) / 2f;
            default -> (float) random.nextDouble(-4, 4);
          };
    }
    return values;
  }

  /// Elements of an 8-bit type, as they lie in memory.
  public static byte[] bytes(DataType type, int count, RandomGenerator random) {
    byte[] values = new byte[count];
    int kind = random.nextInt(8);
    byte low = (byte) (int) type.min();
    byte high = (byte) (int) type.max();
    boolean allLow = random.nextBoolean();
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (kind) {
            case 0 -> random.nextBoolean() ? low : high;
            case 1 -> allLow ? low : high;
            default -> (byte) random.nextInt();
          };
    }
    return values;
  }

  /// Any bits: who moves them must not look at them.
  private static short[] halves(int count, RandomGenerator random) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = (short) random.nextInt();
    }
    return values;
  }

  private static Object magnitudes(Object values) {
    return values instanceof float[] floats ? positive(floats) : values;
  }

  private static float[] positive(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]) / 16 + 0.001f;
    }
    return values;
  }
}
