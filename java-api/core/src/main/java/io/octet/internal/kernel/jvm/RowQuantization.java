package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantMath.Affine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Rows as u8 by their own ranges. A row is copied to the heap twice, as integers, whose maxima C2
/// vectorizes, and as floats.
final class RowQuantization implements Runnable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final int TILE = 4096;
  private static final int INFINITY = 0x7f800000;

  private final MemorySegment x;
  private final MemorySegment q;
  private final MemorySegment scales;
  private final MemorySegment zeros;
  private final long ranges;
  private final long each;
  private final int[] bits;
  private final float[] floats;
  private final byte[] bytes;
  private float min;
  private float max;

  RowQuantization(KernelSpec.QuantizeRows spec, Buffers buffers) {
    this.x = buffers.inputs().getFirst();
    this.q = buffers.outputs().get(0);
    this.scales = buffers.outputs().get(1);
    this.zeros = buffers.outputs().get(2);
    this.ranges = spec.scale().shape().elements();
    this.each = spec.x().shape().elements() / ranges;
    int tile = (int) Math.min(TILE, each);
    this.bits = new int[tile];
    this.floats = new float[tile];
    this.bytes = new byte[tile];
  }

  @Override
  public void run() {
    for (long range = 0; range < ranges; range++) {
      long start = range * each;
      findRange(start);
      float scale = QuantMath.dynamicScale(min, max);
      int zero = QuantMath.dynamicZeroPoint(min, scale);
      scales.setAtIndex(FLOAT, range, scale);
      zeros.set(ValueLayout.JAVA_BYTE, range, (byte) zero);
      quantize(start, scale, zero);
    }
  }

  private void findRange(long start) {
    min = 0;
    max = 0;
    for (long done = 0; done < each; done += bits.length) {
      int n = (int) Math.min(bits.length, each - done);
      MemorySegment.copy(x, INT, (start + done) * Integer.BYTES, bits, 0, n);
      int largest = largest(bits, n);
      int smallest = smallest(bits, n);
      if (largest > INFINITY || smallest < ordered(INFINITY | Integer.MIN_VALUE)) {
        findRangeBesideNan(n);
      } else {
        max = Math.max(max, Float.intBitsToFloat(Math.max(0, largest)));
        min = Math.min(min, smallest < 0 ? Float.intBitsToFloat(smallest ^ Integer.MAX_VALUE) : 0);
      }
    }
  }

  private void findRangeBesideNan(int n) {
    for (int i = 0; i < n; i++) {
      float value = Float.intBitsToFloat(bits[i]);
      min = value < min ? value : min;
      max = value > max ? value : max;
    }
  }

  /// The bits of floats as integers that are ordered alike: below 0 the larger bits are the smaller
  /// number.
  private static int ordered(int bits) {
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }

  private static int largest(int[] bits, int n) {
    int largest = Integer.MIN_VALUE;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, ordered(bits[i]));
    }
    return largest;
  }

  private static int smallest(int[] bits, int n) {
    int smallest = Integer.MAX_VALUE;
    for (int i = 0; i < n; i++) {
      smallest = Math.min(smallest, ordered(bits[i]));
    }
    return smallest;
  }

  private void quantize(long start, float scale, int zero) {
    for (long done = 0; done < each; done += floats.length) {
      int n = (int) Math.min(floats.length, each - done);
      MemorySegment.copy(x, FLOAT, (start + done) * Float.BYTES, floats, 0, n);
      Affine.quantize(floats, bytes, 0, n, scale, zero, DataType.U8);
      MemorySegment.copy(bytes, 0, q, ValueLayout.JAVA_BYTE, start + done, n);
    }
  }
}
