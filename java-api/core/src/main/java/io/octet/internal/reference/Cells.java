package io.octet.internal.reference;

import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The elements of a tensor in row-major order, read and written as reals or as whole numbers
/// whatever their type.
final class Cells {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final DataType type;
  private final MemorySegment data;
  private final long count;

  Cells(Tensor tensor) {
    this.type = tensor.type();
    this.data = tensor.data();
    this.count = tensor.elements();
  }

  long count() {
    return count;
  }

  /// Whether the elements are reals; else they are whole numbers.
  boolean isReal() {
    return type == DataType.F32;
  }

  /// Element `i` of any type.
  double real(long i) {
    return switch (type) {
      case F32 -> data.getAtIndex(FLOAT, i);
      case U8, S8, S32, S64 -> whole(i);
    };
  }

  /// Element `i`; of reals, without its fraction.
  long whole(long i) {
    return switch (type) {
      case F32 -> (long) data.getAtIndex(FLOAT, i);
      case U8, S8 -> QuantMath.widen(data.get(ValueLayout.JAVA_BYTE, i), type);
      case S32 -> data.getAtIndex(INT, i);
      case S64 -> data.getAtIndex(LONG, i);
    };
  }

  /// Stores a real, rounded to the type, or without its fraction where that is of whole numbers.
  void put(long i, double value) {
    switch (type) {
      case F32 -> data.setAtIndex(FLOAT, i, (float) value);
      case U8, S8, S32, S64 -> put(i, (long) value);
    }
  }

  /// Stores a whole number, of which the type keeps the lowest bits.
  void put(long i, long value) {
    switch (type) {
      case F32 -> data.setAtIndex(FLOAT, i, value);
      case U8, S8 -> data.set(ValueLayout.JAVA_BYTE, i, (byte) value);
      case S32 -> data.setAtIndex(INT, i, (int) value);
      case S64 -> data.setAtIndex(LONG, i, value);
    }
  }
}
