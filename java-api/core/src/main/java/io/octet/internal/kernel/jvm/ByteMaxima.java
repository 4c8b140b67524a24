package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Maxima under a window of int8 images whose channels lie innermost. C2 makes vectors of loops
/// over longs, but not of maxima of bytes: so eight bytes at a time are compared in the lanes of a
/// long.
///
/// A strip of some output rows at a time: first the maxima down the window, over whole rows of the
/// input; then along it, where for each column of the window the pixels that it meets are brought
/// side by side. A pixel is padded to whole longs there. What lies outside the image is a pixel of
/// lowest values, so that padding never wins and a window without any value gives the lowest.
final class ByteMaxima implements Runnable {
  /// Of a row or a column: each column's tap has a table of its own.
  private static final int MOST_TAPS = 64;

  /// Bytes of a strip: as many rows as fit, at least one.
  private static final int STRIP = 8192;

  private static final int LANES = Long.BYTES;
  private static final long UPPER_BITS = 0x8080808080808080L;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final MemorySegment x;
  private final MemorySegment y;
  private final int images;
  private final Taps rows;
  private final Taps columns;
  private final int outHeight;
  private final int outWidth;
  private final int pixelBytes;
  private final int pixelLongs;

  /// Bytes of a row of the input and of the output.
  private final int rowBytes;

  private final int outRowBytes;

  /// Rows of the output in a strip.
  private final int strip;

  /// What makes the order of unsigned bytes the type's own: the upper bits of signed ones change
  /// their meaning. It is the lowest value, too.
  private final long flip;

  /// The maxima down the window, then the pixel outside; and the next rows to be compared.
  private final long[] tall;

  private final MemorySegment tallBytes;
  private final long[] tallTap;
  private final MemorySegment tallTapBytes;

  /// The maxima along the window; and the next pixels to be compared.
  private final long[] wide;

  private final long[] wideTap;

  /// The strip's output, as it lies in memory: `wide` itself where pixels are whole longs.
  private final MemorySegment packed;

  private final MemorySegment outsideRow;

  /// For each column of the window and each long of `wide`: where it comes from, in longs of `tall`
  /// where pixels are whole longs, else in its bytes.
  private final int[][] sources;

  /// @param spec one that this {@link #serves}
  ByteMaxima(KernelSpec.Pool spec, Buffers buffers) {
    this.x = buffers.inputs().getFirst();
    this.y = buffers.output();
    int[] in = sizes(spec.x().shape().sizes());
    int[] out = sizes(spec.y().shape().sizes());
    Window k = spec.window();
    this.images = in[0];
    this.rows = new Taps(k.kernelH(), k.strideH(), k.dilationH(), k.padTop(), in[2]);
    this.columns = new Taps(k.kernelW(), k.strideW(), k.dilationW(), k.padLeft(), in[3]);
    this.outHeight = out[2];
    this.outWidth = out[3];
    this.pixelBytes = in[1];
    this.pixelLongs = longs(pixelBytes);
    this.rowBytes = Math.multiplyExact(pixelBytes, in[3]);
    this.outRowBytes = Math.multiplyExact(pixelBytes, outWidth);
    int wideRow = Math.multiplyExact(outWidth, pixelLongs);
    int longest = Math.max(longs(rowBytes), wideRow);
    this.strip = Math.clamp(STRIP / LANES / Math.max(1, longest), 1, Math.max(1, outHeight));
    this.flip = spec.x().type() == DataType.S8 ? UPPER_BITS : 0;

    int outside = longs((long) strip * rowBytes);
    this.tall = new long[outside + pixelLongs];
    Arrays.fill(tall, outside, tall.length, flip);
    this.tallBytes = MemorySegment.ofArray(tall);
    this.tallTap = new long[rows.count() > 1 ? outside : 0];
    this.tallTapBytes = MemorySegment.ofArray(tallTap);
    this.wide = new long[strip * wideRow];
    this.wideTap = new long[columns.count() > 1 ? wide.length : 0];
    this.packed = MemorySegment.ofArray(isWhole() ? wide : new long[wide.length]);
    byte[] lowest = new byte[rowBytes];
    Arrays.fill(lowest, (byte) flip);
    this.outsideRow = MemorySegment.ofArray(lowest);
    this.sources = new int[columns.count()][];
    for (int j = 0; j < sources.length; j++) {
      sources[j] = sources(j, outside * LANES);
    }
  }

  /// Whether these loops compute `spec`.
  static boolean serves(KernelSpec.Pool spec) {
    return spec.kind() == KernelSpec.PoolKind.MAX
        && spec.window().axes() == 2
        && spec.x().type().isInt8()
        && spec.x().layout() == Layout.CHANNELS_LAST
        && spec.y().layout() == Layout.CHANNELS_LAST
        && Math.max(spec.window().kernelH(), spec.window().kernelW()) <= MOST_TAPS;
  }

  private static int[] sizes(long[] sizes) {
    return Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray();
  }

  private static int longs(long bytes) {
    return Math.toIntExact((bytes + LANES - 1) / LANES);
  }

  /// Whether a pixel is whole longs.
  private boolean isWhole() {
    return pixelBytes % LANES == 0;
  }

  /// @param tap column of the window
  /// @param outside byte of `tall` where the pixel outside begins
  private int[] sources(int tap, int outside) {
    int[] all = new int[wide.length];
    int unit = isWhole() ? LANES : 1;
    int to = 0;
    for (int r = 0; r < strip; r++) {
      for (int w = 0; w < outWidth; w++) {
        int at = columns.at(w, tap);
        int from = columns.inside(at) ? r * rowBytes + at * pixelBytes : outside;
        for (int i = 0; i < pixelLongs; i++) {
          all[to++] = (from + i * LANES) / unit;
        }
      }
    }
    return all;
  }

  @Override
  public void run() {
    for (int n = 0; n < images; n++) {
      for (int h = 0; h < outHeight; h += strip) {
        int count = Math.min(strip, outHeight - h);
        down(n, h, count);
        along(count * outWidth);
        long start = ((long) n * outHeight + h) * outRowBytes;
        MemorySegment.copy(packed, 0, y, start, (long) count * outRowBytes);
      }
    }
  }

  /// Fills `tall` for `count` rows of the output from row `h` on. Here and in {@link #along} the
  /// first tap stands before the loop: where a condition in the loop chose it, C2 peeled the loop,
  /// and its vectors took 1.4 times as long.
  private void down(int n, int h, int count) {
    int longs = longs((long) count * rowBytes);
    bringRows(n, h, count, 0, tallBytes);
    for (int tap = 1; tap < rows.count(); tap++) {
      bringRows(n, h, count, tap, tallTapBytes);
      keepLargest(tall, tallTap, longs, flip);
    }
  }

  private void bringRows(int n, int h, int count, int tap, MemorySegment to) {
    for (int r = 0; r < count; r++) {
      int at = rows.at(h + r, tap);
      long start = (long) r * rowBytes;
      if (rows.inside(at)) {
        MemorySegment.copy(x, ((long) n * rows.size() + at) * rowBytes, to, start, rowBytes);
      } else {
        MemorySegment.copy(outsideRow, 0, to, start, rowBytes);
      }
    }
  }

  /// Fills `packed` with `pixels` of the output.
  private void along(int pixels) {
    int longs = pixels * pixelLongs;
    bringPixels(sources[0], wide, longs);
    for (int tap = 1; tap < sources.length; tap++) {
      bringPixels(sources[tap], wideTap, longs);
      keepLargest(wide, wideTap, longs, flip);
    }
    if (!isWhole()) {
      pack(wide, packed, pixels, pixelBytes);
    }
  }

  private void bringPixels(int[] from, long[] to, int longs) {
    if (isWhole()) {
      gather(tall, from, to, longs);
    } else {
      gatherBytes(tallBytes, from, to, longs);
    }
  }

  private static void gather(long[] from, int[] sources, long[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = from[sources[i]];
    }
  }

  private static void gatherBytes(MemorySegment from, int[] sources, long[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = from.get(LONG, sources[i]);
    }
  }

  /// Leaves out the padding of each pixel: the next one is written over it.
  private static void pack(long[] from, MemorySegment to, int pixels, int bytes) {
    int at = 0;
    for (int p = 0; p < pixels; p++) {
      for (int i = 0; i < bytes; i += LANES) {
        to.set(LONG, p * bytes + i, from[at++]);
      }
    }
  }

  /// `y = max(y, x)`, byte by byte.
  private static void keepLargest(long[] y, long[] x, int count, long flip) {
    for (int i = 0; i < count; i++) {
      long a = y[i];
      long b = x[i];
      long different = a ^ b;
      // In the upper bit of each byte: whether the lower seven of a are at least those of b. No
      // borrow leaves a byte, since that bit is set in what is subtracted from.
      long lower = (a | UPPER_BITS) - (b & ~UPPER_BITS);
      long atLeast = (different & (a ^ flip) | ~different & lower) & UPPER_BITS;
      long whole = (atLeast << 1) - (atLeast >>> 7);
      y[i] = b ^ (different & whole);
    }
  }
}
