package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// An array of images whose channels are the last axis, with them before rows and columns.
record ChannelsFirst(Rows rows) implements Rows {
  /// What one Java array holds.
  private static final long LARGEST = Integer.MAX_VALUE - 8L;

  /// `[N,C,H,W]` of `[N,H,W,C]`.
  static Shape shape(Shape channelsLast) {
    return new Shape(
        List.of(
            channelsLast.dim(0), channelsLast.dim(3), channelsLast.dim(1), channelsLast.dim(2)));
  }

  @Override
  public DataType type() {
    return rows.type();
  }

  @Override
  public Shape shape() {
    return shape(rows.shape());
  }

  @Override
  public String where() {
    return rows.where();
  }

  @Override
  public Tensor next(int count) throws IOException {
    Tensor last = rows.next(count);
    Shape shape = shape(last.shape());
    long channels = shape.size(1);
    long plane = shape.size(2) * shape.size(3);
    int width = last.type().bytes();
    if (last.data().byteSize() > LARGEST) {
      throw new IllegalArgumentException(
          "%s: %s in one batch has %d bytes, but %d are the most: take smaller batches"
              .formatted(where(), last, last.data().byteSize(), LARGEST));
    }
    MemorySegment turned = MemorySegment.ofArray(new byte[(int) last.data().byteSize()]);
    long from = 0;
    for (long image = 0; image < shape.size(0); image++) {
      for (long pixel = 0; pixel < plane; pixel++) {
        for (long channel = 0; channel < channels; channel++) {
          long to = (image * channels + channel) * plane + pixel;
          MemorySegment.copy(last.data(), from++ * width, turned, to * width, width);
        }
      }
    }
    return Tensor.wrap(type(), shape, turned);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
