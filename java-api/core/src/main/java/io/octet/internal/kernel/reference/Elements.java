package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The elements of one activation by their logical index: the position in row-major order of the
/// logical shape, whatever the layout in memory.
public final class Elements {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private final TensorDesc activation;
  private final MemorySegment data;
  private final DataType type;
  private final boolean isQuantized;
  private final long[] sizes;
  private final long[] behind;
  private final float[] scales;
  private final int[] zeroPoints;
  private final long channelStride;

  /// @param data as large as the activation
  public Elements(TensorDesc activation, MemorySegment data) {
    this.activation = activation;
    this.data = data;
    this.type = activation.type();
    this.sizes = activation.shape().sizes();
    this.behind = new long[sizes.length];
    long elements = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      behind[i] = elements;
      elements *= sizes[i];
    }
    this.isQuantized = activation.isInt8();
    this.scales = isQuantized ? activation.quant().scales() : new float[0];
    this.zeroPoints = isQuantized ? activation.quant().zeroPoints() : new int[0];
    boolean perChannel =
        isQuantized && activation.quant().granularity() instanceof Granularity.PerChannel;
    this.channelStride = perChannel ? elementsBehind(channelAxis()) : 1;
  }

  private int channelAxis() {
    int axis = ((Granularity.PerChannel) activation.quant().granularity()).axis();
    return activation.shape().axis(axis).orElseThrow();
  }

  /// Number of elements.
  long count() {
    return activation.shape().elements();
  }

  /// Size of axis `axis`.
  int size(int axis) {
    return Math.toIntExact(sizes[axis]);
  }

  /// Whether there is arithmetic on them here; else they are moved, bit for bit.
  public boolean areNumbers() {
    return switch (type) {
      case F32, U8, S8, S32 -> true;
      case S64, BOOL, F16, BF16, F64 -> false;
    };
  }

  /// Whether these are raw int32 sums.
  boolean isAccumulator() {
    return type == DataType.S32;
  }

  /// All sizes, outermost first.
  long[] sizes() {
    return sizes;
  }

  /// How many elements one step along `axis` skips, logically.
  long elementsBehind(int axis) {
    return behind[axis];
  }

  /// The logical index of a pixel.
  long at(long n, long c, long h, long w) {
    return ((n * sizes[1] + c) * sizes[2] + h) * sizes[3] + w;
  }

  /// Where the element of that logical index stands along `axis`.
  int coordinate(long index, int axis) {
    return (int) (index / elementsBehind(axis) % sizes[axis]);
  }

  /// The real difference of two neighbouring integers; 1 for what stands for itself. Of several
  /// channels the largest.
  double unit() {
    double unit = isQuantized ? 0 : 1;
    for (float scale : scales) {
      unit = Math.max(unit, scale);
    }
    return unit;
  }

  /// Where in memory the element lies, counted in elements.
  private long position(long index) {
    if (activation.layout() == Layout.ROW_MAJOR) {
      return index;
    }
    long pixels = behind[1];
    long image = index / behind[0];
    long pixel = index % pixels;
    return (image * pixels + pixel) * sizes[1] + coordinate(index, 1);
  }

  private int channel(long index) {
    return scales.length == 1 ? 0 : (int) (index / channelStride % scales.length);
  }

  /// The element as it lies in memory, widened.
  public double raw(long index) {
    return rawAt(position(index));
  }

  /// Elements that stand one after the other in memory, widened: many at once are read faster.
  double[] run(long place, int count) {
    double[] values = new double[count];
    long at = place * type.bytes();
    switch (type) {
      case F32 -> {
        float[] read = new float[count];
        MemorySegment.copy(data, FLOAT, at, read, 0, count);
        for (int i = 0; i < count; i++) {
          values[i] = read[i];
        }
      }
      case U8, S8 -> {
        byte[] read = new byte[count];
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, read, 0, count);
        int mask = type == DataType.U8 ? 0xff : -1;
        for (int i = 0; i < count; i++) {
          values[i] = read[i] & mask;
        }
      }
      case S32, S64, BOOL, F16, BF16, F64 ->
          throw new IllegalStateException("no layer reads " + type);
    }
    return values;
  }

  /// `count` channels of a pixel from `first` on, widened.
  ///
  /// @param pixel counted row-major
  double[] channels(long n, int first, int count, long pixel) {
    long start = (n * sizes[1] + first) * behind[1] + pixel;
    if (activation.layout() == Layout.CHANNELS_LAST) {
      return run(position(start), count);
    }
    double[] values = new double[count];
    for (int c = 0; c < count; c++) {
      values[c] = raw(start + c * behind[1]);
    }
    return values;
  }

  private double rawAt(long place) {
    return switch (type) {
      case F32 -> data.getAtIndex(FLOAT, place);
      case U8, S8 -> QuantMath.widen(data.get(ValueLayout.JAVA_BYTE, place), type);
      case S32 -> data.getAtIndex(INT, place);
      case S64, BOOL, F16, BF16, F64 ->
          throw new IllegalStateException(type + " has no arithmetic here");
    };
  }

  /// The only zero point; 0 for what stands for itself.
  int zero() {
    return isQuantized ? activation.quant().zeroPoint() : 0;
  }

  /// A float, or an integer less its zero point: what is multiplied and summed.
  double centered(long index) {
    return isQuantized ? raw(index) - zeroPoints[channel(index)] : raw(index);
  }

  /// The real number that the element stands for.
  float real(long index) {
    if (!isQuantized) {
      return (float) raw(index);
    }
    int c = channel(index);
    return QuantMath.dequantize((int) raw(index), scales[c], zeroPoints[c]);
  }

  /// Stores the element that stands for `value`.
  void putReal(long index, float value) {
    if (!isQuantized) {
      putRaw(index, value);
      return;
    }
    int c = channel(index);
    putRaw(index, QuantMath.quantize(value, scales[c], zeroPoints[c], type));
  }

  /// Stores a float, or the integer that is `value` steps from the zero point.
  void putCentered(long index, double value) {
    int zero = isQuantized ? zeroPoints[channel(index)] : 0;
    putRaw(index, type.isInt8() ? QuantMath.saturate(Math.rint(value) + zero, type) : value);
  }

  /// Stores a float, or an integer as it stands.
  void putRaw(long index, double value) {
    long p = position(index);
    switch (type) {
      case F32 -> data.setAtIndex(FLOAT, p, (float) value);
      case U8, S8 -> data.set(ValueLayout.JAVA_BYTE, p, (byte) (int) value);
      case S32 -> data.setAtIndex(INT, p, (int) value);
      case S64, BOOL, F16, BF16, F64 ->
          throw new IllegalStateException(type + " has no arithmetic here");
    }
  }

  /// Whether this element is the other one bit for bit, or equal to it as a number.
  ///
  /// @param other of the same type
  public boolean same(long index, Elements other, long otherIndex) {
    return switch (type) {
      case F32 -> {
        float value = (float) raw(index);
        float that = (float) other.raw(otherIndex);
        yield value == that || Float.compare(value, that) == 0;
      }
      case U8, S8, S32, S64, BOOL, F16, BF16, F64 ->
          bits(position(index)) == other.bits(other.position(otherIndex));
    };
  }

  /// The element at a place in memory, whatever it stands for.
  private long bits(long place) {
    return switch (type.bytes()) {
      case 1 -> data.get(ValueLayout.JAVA_BYTE, place);
      case 2 -> data.getAtIndex(SHORT, place);
      case 4 -> data.getAtIndex(INT, place);
      default -> data.getAtIndex(LONG, place);
    };
  }

  /// Copies an element of the same type, bit for bit.
  void copy(long index, Elements from, long fromIndex) {
    long to = position(index);
    long bits = from.bits(from.position(fromIndex));
    switch (type.bytes()) {
      case 1 -> data.set(ValueLayout.JAVA_BYTE, to, (byte) bits);
      case 2 -> data.setAtIndex(SHORT, to, (short) bits);
      case 4 -> data.setAtIndex(INT, to, (int) bits);
      default -> data.setAtIndex(LONG, to, bits);
    }
  }
}
