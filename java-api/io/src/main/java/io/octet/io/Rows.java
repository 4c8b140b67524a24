package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.Closeable;
import java.io.IOException;

/// An array that is read a few rows at a time along its first axis, so that a file larger than
/// memory can be walked through.
public interface Rows extends Closeable {
  /// The element type of the tensors that [#next] gives.
  DataType type();

  /// The shape of the whole array; its first axis counts the rows.
  Shape shape();

  /// How errors name this array: the file, and the member within it.
  String where();

  /// The next `count` rows, as a tensor of shape `[count, ...]` in memory of its own.
  ///
  /// @throws MalformedFileException if the file ends before, or is damaged
  Tensor next(int count) throws IOException;

  /// The number of rows.
  default long count() {
    return shape().size(0);
  }

  /// All rows, where none was read yet.
  ///
  /// @throws MalformedFileException if there are more than a Java array can hold, or the file ends
  ///   before, or is damaged
  default Tensor all() throws IOException {
    if (count() > Integer.MAX_VALUE) {
      throw new MalformedFileException(
          where(), count() + " rows at once, but " + Integer.MAX_VALUE + " are the most");
    }
    return next((int) count());
  }

  /// The first `count` rows of an array, which is closed with the result.
  ///
  /// @throws IllegalArgumentException if it has fewer
  static Rows first(Rows rows, long count) {
    return new FirstRows(rows, count);
  }
}
