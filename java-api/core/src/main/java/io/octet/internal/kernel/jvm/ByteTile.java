package io.octet.internal.kernel.jvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One-byte elements of one {@link Block} on the heap, channel by channel.
final class ByteTile {
  private static final ValueLayout.OfByte ELEMENT = ValueLayout.JAVA_BYTE;

  private final MemorySegment data;
  private final boolean channelsLast;
  private final byte[] values;

  /// The block pixel by pixel, as NHWC has it.
  private final byte[] crossed;

  /// @param data the whole value
  /// @param channelsLast whether that is NHWC
  /// @param size most elements of a block
  ByteTile(MemorySegment data, boolean channelsLast, int size) {
    this.data = data;
    this.channelsLast = channelsLast;
    this.values = new byte[size];
    this.crossed = new byte[channelsLast ? size : 0];
  }

  /// The elements: those of the block's first channel, of its second, and so on.
  byte[] values() {
    return values;
  }

  /// Reads a block.
  void load(Block b) {
    int channels = b.channels();
    int pixels = b.pixels();
    if (channelsLast) {
      int runs = b.hasAllChannels() ? 1 : pixels;
      int run = channels * pixels / runs;
      for (int p = 0; p < runs; p++) {
        MemorySegment.copy(data, ELEMENT, b.inPixels(p), crossed, p * run, run);
      }
      cross(crossed, pixels, channels, values);
    } else {
      int runs = b.hasAllPixels() ? 1 : channels;
      int run = channels * pixels / runs;
      for (int c = 0; c < runs; c++) {
        MemorySegment.copy(data, ELEMENT, b.inChannels(c), values, c * run, run);
      }
    }
  }

  /// Writes a block whose elements stand in `from`.
  void store(Block b, byte[] from) {
    int channels = b.channels();
    int pixels = b.pixels();
    if (channelsLast) {
      cross(from, channels, pixels, crossed);
      int runs = b.hasAllChannels() ? 1 : pixels;
      int run = channels * pixels / runs;
      for (int p = 0; p < runs; p++) {
        MemorySegment.copy(crossed, p * run, data, ELEMENT, b.inPixels(p), run);
      }
    } else {
      int runs = b.hasAllPixels() ? 1 : channels;
      int run = channels * pixels / runs;
      for (int c = 0; c < runs; c++) {
        MemorySegment.copy(from, c * run, data, ELEMENT, b.inChannels(c), run);
      }
    }
  }

  /// Transposes `rows` x `columns` elements; the inner loop runs along the longer side.
  private static void cross(byte[] from, int rows, int columns, byte[] to) {
    if (rows == 3) {
      interleaveThree(from, columns, to);
    } else if (rows < columns) {
      for (int r = 0; r < rows; r++) {
        int start = r * columns;
        for (int c = 0, at = r; c < columns; c++, at += rows) {
          to[at] = from[start + c];
        }
      }
    } else {
      for (int c = 0; c < columns; c++) {
        int start = c * rows;
        for (int r = 0, at = c; r < rows; r++, at += columns) {
          to[start + r] = from[at];
        }
      }
    }
  }

  /// What every image in colours goes through, twice as fast in one loop.
  private static void interleaveThree(byte[] from, int columns, byte[] to) {
    int second = columns;
    int third = 2 * columns;
    for (int c = 0, at = 0; c < columns; c++, at += 3) {
      to[at] = from[c];
      to[at + 1] = from[second + c];
      to[at + 2] = from[third + c];
    }
  }
}
