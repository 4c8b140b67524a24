package io.octet.kernel;

import io.octet.tensor.Granularity;
import io.octet.tensor.QuantMath.Affine;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// One quantization, applied to a tensor tile by tile: each tile passes through heap arrays, where
/// the loops are vectorized. Tiles are kept for as many concurrent callers as there are processors.
final class AffineTiles {
  /// Elements of a tile: floats and bytes of one stay in the first-level cache.
  private static final int TILE = 2048;

  /// What happens to a tile's elements of one channel, from an index to another (exclusive).
  interface Function {
    void apply(Affine affine, Tile tile, int from, int to);
  }

  /// How a tile is read or written.
  interface Transfer {
    void apply(MemorySegment segment, long index, Tile tile, int count);
  }

  /// The heap arrays of one caller.
  static final class Tile {
    final float[] reals = new float[TILE];
    final byte[] integers = new byte[TILE];
  }

  private final QuantParams params;
  private final Affine[] affines;
  private final AtomicReferenceArray<Tile> idle =
      new AtomicReferenceArray<>(Runtime.getRuntime().availableProcessors());

  AffineTiles(QuantParams params) {
    if (!params.type().isInt8()) {
      throw new IllegalArgumentException("the quantized type must be u8 or s8, but is " + params);
    }
    this.params = params;
    this.affines = new Affine[params.scales().length];
    for (int c = 0; c < affines.length; c++) {
      affines[c] = Affine.of(params, c);
    }
  }

  QuantParams params() {
    return params;
  }

  /// Refuses parameters per channel, which need a shape.
  void requirePerTensor() {
    if (!params.isPerTensor()) {
      throw new IllegalArgumentException("parameters are " + params + ": pass the shape, too");
    }
  }

  /// How many elements follow each other with the same parameters, in a row-major tensor of that
  /// shape.
  long runLength(Shape shape) {
    if (!(params.granularity() instanceof Granularity.PerChannel(int given))) {
      return Math.max(1, shape.elements());
    }
    int axis = given < 0 ? given + shape.rank() : given; // A run allocates nothing.
    if (axis < 0 || axis >= shape.rank() || shape.size(axis) != affines.length) {
      throw new IllegalArgumentException(
          "shape " + shape + " has not " + affines.length + " channels along axis " + given);
    }
    long length = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      length *= shape.size(i);
    }
    return Math.max(1, length);
  }

  /// Converts `count` elements of `x`.
  ///
  /// @param run how many of them share their parameters: {@link #runLength}
  void apply(Pass pass, MemorySegment x, MemorySegment y, long count, long run) {
    Tile tile = borrow();
    int channel = 0;
    long left = run;
    for (long start = 0; start < count; start += TILE) {
      int size = (int) Math.min(TILE, count - start);
      pass.load().apply(x, start, tile, size);
      int from = 0;
      while (from < size) {
        int to = from + (int) Math.min(size - from, left);
        pass.function().apply(affines[channel], tile, from, to);
        left -= to - from;
        from = to;
        if (left == 0) {
          left = run;
          channel = channel + 1 == affines.length ? 0 : channel + 1;
        }
      }
      pass.store().apply(y, start, tile, size);
    }
    giveBack(tile);
  }

  /// A direction: reals to integers or back.
  record Pass(Transfer load, Function function, Transfer store) {}

  private Tile borrow() {
    for (int i = 0; i < idle.length(); i++) {
      Tile tile = idle.getAndSet(i, null);
      if (tile != null) {
        return tile;
      }
    }
    return new Tile();
  }

  private void giveBack(Tile tile) {
    for (int i = 0; i < idle.length(); i++) {
      if (idle.compareAndSet(i, null, tile)) {
        return;
      }
    }
  }
}
