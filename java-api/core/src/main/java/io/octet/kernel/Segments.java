package io.octet.kernel;

import io.octet.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// The checks of a caller's memory, before anything touches it. They allocate only to complain.
final class Segments {
  private Segments() {}

  /// Refuses a segment that has not exactly `pixels * channels` elements.
  static void require(
      String name, MemorySegment segment, DataType type, long pixels, long channels) {
    Objects.requireNonNull(segment, name);
    long bytes = product(product(pixels, channels), type.bytes());
    if (segment.byteSize() != bytes) {
      throw new IllegalArgumentException(
          name
              + " must have "
              + pixels
              + " x "
              + channels
              + " elements of "
              + type
              + ", "
              + bytes
              + " bytes, but has "
              + segment.byteSize());
    }
  }

  /// Refuses memory that cannot be written.
  static void requireWritable(String name, MemorySegment segment) {
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException(name + " is read-only");
    }
  }

  /// Refuses sizes below 1.
  static void requirePositive(String name, long size) {
    if (size < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, but is " + size);
    }
  }

  static long product(long a, long b) {
    try {
      return Math.multiplyExact(a, b);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(a + " x " + b + " elements are too many", e);
    }
  }
}
