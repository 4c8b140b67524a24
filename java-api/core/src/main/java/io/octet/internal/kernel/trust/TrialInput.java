package io.octet.internal.kernel.trust;

import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/// The values that a kernel is tried on: the same in every process. They come in runs: the ends of
/// the type's range, alone and in turns, zero points, what lies around them, and anything. A block
/// of them is repeated, of a length that no row or plane has.
///
/// @param spread how far values lie from the zero point: 0 for the whole range; a higher number
///   halves it so often. Outputs that all saturate would show nothing
record TrialInput(KernelSpec spec, int spread) {
  private static final long SEED = 20251201;

  /// A prime.
  private static final int BLOCK = 4_093;

  private static final int LONGEST_RUN = 48;

  /// On what a block of bytes hangs.
  private record Kind(int index, int spread, DataType type, int largest, int zeroPoint) {}

  /// Few are ever asked for, each with most of the layers.
  private static final Map<Kind, byte[]> BLOCKS = new ConcurrentHashMap<>();

  private static final int MOST_BLOCKS = 64;

  /// What the values of a run have in common.
  private enum Run {
    LOWEST,
    HIGHEST,
    BOTH_ENDS,
    ZERO,
    NEAR,
    ANY;

    /// As often as each is wanted: a maximum of many values should seldom be the highest.
    private static final Run[] ALL = {
      LOWEST, HIGHEST, BOTH_ENDS, ZERO, ZERO, ZERO, NEAR, NEAR, NEAR, ANY, ANY, ANY, ANY, ANY, ANY
    };
  }

  /// Writes the input of that index.
  void fill(int index, MemorySegment to) {
    TensorDesc value = spec.inputs().get(index);
    SplittableRandom random = new SplittableRandom(SEED + index);
    MemorySegment block =
        switch (value.type()) {
          case U8, S8 -> MemorySegment.ofArray(bytes(index, value, random));
          case F32 -> MemorySegment.ofArray(floats(index, random));
          case S32 -> MemorySegment.ofArray(ints(index, random));
          case S64 -> MemorySegment.ofArray(random.longs(BLOCK).toArray());
          case F64 -> MemorySegment.ofArray(random.doubles(BLOCK).toArray());
          case BOOL -> MemorySegment.ofArray(truths(random));
          case F16, BF16 -> MemorySegment.ofArray(halves(value.type(), random));
        };
    long bytes = value.bytes();
    for (long at = 0; at < bytes; at += block.byteSize()) {
      MemorySegment.copy(block, 0, to, at, Math.min(block.byteSize(), bytes - at));
    }
  }

  private static byte[] truths(SplittableRandom random) {
    byte[] truths = new byte[BLOCK];
    for (int i = 0; i < truths.length; i++) {
      truths[i] = (byte) random.nextInt(2);
    }
    return truths;
  }

  private static short[] halves(DataType type, SplittableRandom random) {
    short[] halves = new short[BLOCK];
    for (int i = 0; i < halves.length; i++) {
      float value = (float) (random.nextDouble() * 2 - 1);
      halves[i] =
          type == DataType.F16
              ? Float.floatToFloat16(value)
              : (short) (Float.floatToRawIntBits(value) >>> 16);
    }
    return halves;
  }

  private byte[] bytes(int index, TensorDesc value, SplittableRandom random) {
    QuantParams quant = value.quant();
    if (quant != null && !quant.isPerTensor()) {
      return bytes(value, random);
    }
    if (BLOCKS.size() >= MOST_BLOCKS) {
      BLOCKS.clear();
    }
    return BLOCKS.computeIfAbsent(
        new Kind(
            index, spread, value.type(), value.largest(), quant == null ? 0 : quant.zeroPoint()),
        kind -> bytes(value, random));
  }

  private byte[] bytes(TensorDesc value, SplittableRandom random) {
    int low = (int) value.type().min();
    int high = low + value.largest();
    int[] zeros = value.isInt8() ? value.quant().zeroPoints() : new int[1];
    byte[] block = new byte[BLOCK];
    for (int start = 0; start < BLOCK; ) {
      int end = Math.min(BLOCK, start + 1 + random.nextInt(LONGEST_RUN));
      Run run = Run.ALL[random.nextInt(Run.ALL.length)];
      for (int i = start; i < end; i++) {
        int zero = zeros[i % zeros.length];
        int full =
            switch (run) {
              case LOWEST -> low;
              case HIGHEST -> high;
              case BOTH_ENDS -> i % 2 == 0 ? low : high;
              case ZERO -> zero;
              case NEAR -> zero + random.nextInt(-8, 9);
              case ANY -> random.nextInt(low, high + 1);
            };
        block[i] = (byte) Math.clamp(zero + (full - zero) / (1 << spread), low, high);
      }
      start = end;
    }
    return block;
  }

  private float[] floats(int index, SplittableRandom random) {
    boolean scale = spec instanceof KernelSpec.RuntimeQuantize && index == 1;
    float unit = unit() / (1 << spread);
    float[] block = new float[BLOCK];
    for (int start = 0; start < BLOCK; ) {
      int end = Math.min(BLOCK, start + 1 + random.nextInt(LONGEST_RUN));
      Run run = Run.ALL[random.nextInt(Run.ALL.length)];
      for (int i = start; i < end; i++) {
        float any = (float) random.nextDouble(-1, 1);
        float value =
            switch (run) {
              case LOWEST -> -2;
              case HIGHEST -> 2;
              case BOTH_ENDS -> i % 2 == 0 ? -2 : 2;
              case ZERO -> 0;
              case NEAR -> any / 64;
              case ANY -> any;
            };
        block[i] = scale ? 0.01f + Math.abs(any) / 8 : value * unit;
      }
      start = end;
    }
    return block;
  }

  /// Of the size that the output counts in: 64 steps of its own.
  private float unit() {
    return spec.y().isInt8() ? 64 * spec.y().quant().scale(0) : 1;
  }

  /// Sums as layers have them; a zero point that arrives at run time is 0.
  private int[] ints(int index, SplittableRandom random) {
    if (spec instanceof KernelSpec.Recurrence s) { // lengths of sequences
      int steps = Math.toIntExact(s.gates().shape().size(s.op().form().batchFirst() ? 1 : 0));
      return random.ints(BLOCK, 0, steps + 1).toArray();
    }
    boolean zeroPoint = spec instanceof KernelSpec.RuntimeQuantize && index == 2;
    return zeroPoint ? new int[BLOCK] : random.ints(BLOCK, -(1 << 24), 1 << 24).toArray();
  }
}
