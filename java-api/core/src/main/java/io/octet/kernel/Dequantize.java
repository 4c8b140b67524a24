package io.octet.kernel;

import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// u8 or s8 to floats: ONNX DequantizeLinear and torch.dequantize, `(q - zeroPoint) * scale`.
/// Threads and memory as in {@link Quantize}.
public final class Dequantize {
  private static final AffineTiles.Pass PASS =
      new AffineTiles.Pass(
          (x, at, tile, count) ->
              MemorySegment.copy(x, ValueLayout.JAVA_BYTE, at, tile.integers, 0, count),
          (affine, tile, from, to) -> affine.dequantize(tile.integers, tile.reals, from, to),
          (y, at, tile, count) ->
              MemorySegment.copy(
                  tile.reals, 0, y, ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, count));

  private final AffineTiles tiles;

  private Dequantize(QuantParams params) {
    tiles = new AffineTiles(params);
  }

  /// The conversion from integers of these parameters.
  ///
  /// @param params u8 or s8, per tensor or per channel
  public static Dequantize of(QuantParams params) {
    return new Dequantize(params);
  }

  /// Dequantizes per tensor.
  ///
  /// @param x the integers, a byte each
  /// @param y as many floats, little-endian, of any alignment
  /// @throws IllegalArgumentException if the sizes do not agree, `y` is read-only, or the
  ///   parameters are per channel
  public void run(MemorySegment x, MemorySegment y) {
    tiles.requirePerTensor();
    long count = x.byteSize();
    run(x, y, count, count);
  }

  /// Dequantizes per channel, or per tensor.
  ///
  /// @param x the integers, a byte each, outermost axis first
  /// @param shape of `x`; the parameters' axis counts along it. For NHWC images that is [N, H, W,
  ///   C], with the channels on axis 3
  /// @param y as many floats, little-endian, of any alignment
  /// @throws IllegalArgumentException if the sizes do not agree, `y` is read-only, or the shape has
  ///   another number of channels than the parameters
  public void run(MemorySegment x, Shape shape, MemorySegment y) {
    long run = tiles.runLength(shape);
    run(x, y, shape.elements(), run);
  }

  private void run(MemorySegment x, MemorySegment y, long count, long run) {
    Segments.require("x", x, tiles.params().type(), count, 1);
    Segments.require("y", y, DataType.F32, count, 1);
    Segments.requireWritable("y", y);
    tiles.apply(PASS, x, y, count, run);
  }
}
