package io.octet.internal.reference;

import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;

/// The elements of a tensor in row-major order, read and written as reals or as whole numbers
/// whatever their type.
final class Cells {
  private final Tensor tensor;
  private final long count;

  Cells(Tensor tensor) {
    this.tensor = tensor;
    this.count = tensor.elements();
  }

  long count() {
    return count;
  }

  /// Whether the elements are reals; else they are whole numbers.
  boolean isReal() {
    return tensor.type().isFloat();
  }

  /// Element `i` of any type.
  double real(long i) {
    return tensor.getReal(i);
  }

  /// Element `i`; of reals, without its fraction.
  long whole(long i) {
    return isReal() ? (long) tensor.getReal(i) : tensor.getInteger(i);
  }

  /// Stores a real, rounded to the type, or without its fraction where that is of whole numbers.
  void put(long i, double value) {
    if (isReal()) {
      tensor.setReal(i, value);
    } else {
      tensor.setInteger(i, (long) value);
    }
  }

  /// Stores a whole number, of which the type keeps the lowest bits; a float is the nearest one.
  void put(long i, long value) {
    if (tensor.type() == DataType.F32) {
      tensor.setFloat(i, value);
    } else if (isReal()) {
      tensor.setReal(i, value);
    } else {
      tensor.setInteger(i, value);
    }
  }
}
