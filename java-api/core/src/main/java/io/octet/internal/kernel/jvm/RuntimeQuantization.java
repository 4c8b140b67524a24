package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// QuantizeLinear and DequantizeLinear with parameters that arrive at run time, element by element.
final class RuntimeQuantization implements Runnable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private final MemorySegment x;
  private final MemorySegment scales;
  private final MemorySegment zeroPoints;
  private final MemorySegment y;
  private final DataType from;
  private final DataType to;
  private final long elements;
  private final long channels;

  /// Elements that follow each other with the same parameters.
  private final long run;

  RuntimeQuantization(KernelSpec.RuntimeQuantize spec, Buffers buffers) {
    this.x = buffers.inputs().get(0);
    this.scales = buffers.inputs().get(1);
    this.zeroPoints = spec.zeroPoint() == null ? null : buffers.inputs().get(2);
    this.y = buffers.output();
    this.from = spec.x().type();
    this.to = spec.y().type();
    this.elements = spec.x().shape().elements();
    this.channels = spec.scale().shape().elements();
    long[] sizes = spec.x().shape().sizes();
    this.run =
        channels == 1 ? elements : Strides.dense(sizes)[Math.floorMod(spec.axis(), sizes.length)];
  }

  @Override
  public void run() {
    for (long start = 0; start < elements; start += run) {
      long c = start / run % channels;
      float scale = scales.getAtIndex(FLOAT, c);
      DataType integer = to == DataType.F32 ? from : to;
      int zero = zeroPoints == null ? 0 : integer(zeroPoints, integer, c);
      if (to == DataType.F32) {
        dequantize(start, scale, zero);
      } else {
        quantize(start, scale, zero);
      }
    }
  }

  private void quantize(long start, float scale, int zero) {
    for (long i = start; i < start + run; i++) {
      y.set(BYTE, i, (byte) QuantMath.quantize(x.getAtIndex(FLOAT, i), scale, zero, to));
    }
  }

  private void dequantize(long start, float scale, int zero) {
    for (long i = start; i < start + run; i++) {
      y.setAtIndex(FLOAT, i, QuantMath.dequantize(integer(x, from, i), scale, zero));
    }
  }

  private static int integer(MemorySegment data, DataType type, long index) {
    return type == DataType.S32
        ? data.getAtIndex(INT, index)
        : QuantMath.widen(data.get(BYTE, index), type);
  }
}
