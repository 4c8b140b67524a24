package io.octet.kernel;

import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Floats to u8 or s8: ONNX QuantizeLinear and torch.quantize_per_tensor or per_channel, with
/// ONNX's rounding: `saturate(rint(x / scale) + zeroPoint)`, half to even. NaN gives the zero
/// point, as 0 does. In Java, exact on every machine, from any number of threads; owns no native
/// memory, and allocates nothing once each concurrent caller, up to the number of processors, has
/// run.
public final class Quantize {
  private static final AffineTiles.Pass PASS =
      new AffineTiles.Pass(
          (x, at, tile, count) ->
              MemorySegment.copy(
                  x, ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, tile.reals, 0, count),
          (affine, tile, from, to) -> affine.quantize(tile.reals, tile.integers, from, to),
          (y, at, tile, count) ->
              MemorySegment.copy(tile.integers, 0, y, ValueLayout.JAVA_BYTE, at, count));

  private final AffineTiles tiles;

  private Quantize(QuantParams params) {
    tiles = new AffineTiles(params);
  }

  /// The conversion to integers of these parameters.
  ///
  /// @param params u8 or s8, per tensor or per channel
  public static Quantize of(QuantParams params) {
    return new Quantize(params);
  }

  /// Quantizes per tensor.
  ///
  /// @param x floats, little-endian, of any alignment
  /// @param y as many bytes as `x` has floats
  /// @throws IllegalArgumentException if the sizes do not agree, `y` is read-only, or the
  ///   parameters are per channel
  public void run(MemorySegment x, MemorySegment y) {
    tiles.requirePerTensor();
    long count = y.byteSize();
    run(x, y, count, count);
  }

  /// Quantizes per channel, or per tensor.
  ///
  /// @param x floats, little-endian, of any alignment, outermost axis first
  /// @param shape of `x`; the parameters' axis counts along it. For NHWC images that is [N, H, W,
  ///   C], with the channels on axis 3
  /// @param y as many bytes
  /// @throws IllegalArgumentException if the sizes do not agree, `y` is read-only, or the shape has
  ///   another number of channels than the parameters
  public void run(MemorySegment x, Shape shape, MemorySegment y) {
    long run = tiles.runLength(shape);
    run(x, y, shape.elements(), run);
  }

  private void run(MemorySegment x, MemorySegment y, long count, long run) {
    Segments.require("x", x, DataType.F32, count, 1);
    Segments.require("y", y, tiles.params().type(), count, 1);
    Segments.requireWritable("y", y);
    tiles.apply(PASS, x, y, count, run);
  }
}
