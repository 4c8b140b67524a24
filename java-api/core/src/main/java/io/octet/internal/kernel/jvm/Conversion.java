package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantMath.Affine;
import java.lang.foreign.MemorySegment;

/// A change of type, layout and parameters in one pass over blocks that fit the cache. In a block
/// the values lie channel by channel, so that each run has one scale.
final class Conversion {
  private static final int BLOCK = 4096;
  private static final int CHANNELS = 64;

  private Conversion() {}

  /// Why this backend does not convert so, or null.
  static String refusal(KernelSpec.Convert spec) {
    int axisX = axis(spec.x());
    int axisY = axis(spec.y());
    if (axisX >= 0 && axisY >= 0 && axisX != axisY) {
      return "parameters along two different axes";
    }
    boolean image = isChannelsLast(spec.x()) || isChannelsLast(spec.y());
    int axis = Math.max(axisX, axisY);
    return image && axis >= 0 && axis != 1
        ? "parameters of an image along an axis that is not its channels"
        : null;
  }

  static Runnable bind(KernelSpec.Convert spec, Buffers buffers) {
    TensorDesc x = spec.x();
    TensorDesc y = spec.y();
    MemorySegment in = buffers.inputs().getFirst();
    MemorySegment out = buffers.output();
    boolean perChannel = axis(x) >= 0 || axis(y) >= 0;
    boolean moves = x.layout() != y.layout() && !Layout.agreeOn(x.shape());
    if (spec.moves() && !moves) {
      return () -> MemorySegment.copy(in, 0, out, 0, in.byteSize());
    }
    if (spec.moves() && x.type().bytes() != 1 && x.type().bytes() != Float.BYTES) {
      return new Transposition(spec, buffers);
    }
    Block block = moves || perChannel ? imageBlocks(x, y) : flatBlocks(x);
    boolean lastX = isChannelsLast(x) && (moves || perChannel);
    boolean lastY = isChannelsLast(y) && (moves || perChannel);
    if (x.type().bytes() == 1 && y.type().bytes() == 1) {
      ByteTile from = new ByteTile(in, lastX, BLOCK);
      ByteTile to = new ByteTile(out, lastY, BLOCK);
      return spec.moves() ? moveBytes(block, from, to) : requantize(block, from, to, tables(x, y));
    }
    if (y.isInt8()) {
      return quantize(
          block, new FloatTile(in, lastX, BLOCK), new ByteTile(out, lastY, BLOCK), affines(y));
    }
    FloatTile to = new FloatTile(out, lastY, BLOCK);
    return x.isInt8()
        ? dequantize(block, new ByteTile(in, lastX, BLOCK), to, affines(x))
        : moveFloats(block, new FloatTile(in, lastX, BLOCK), to);
  }

  private static Runnable moveBytes(Block b, ByteTile from, ByteTile to) {
    return () -> {
      for (boolean more = b.first(); more; more = b.next()) {
        from.load(b);
        to.store(b, from.values());
      }
    };
  }

  /// Serves whatever has four bytes: a move keeps all bits.
  private static Runnable moveFloats(Block b, FloatTile from, FloatTile to) {
    return () -> {
      for (boolean more = b.first(); more; more = b.next()) {
        from.load(b);
        to.store(b, from.values());
      }
    };
  }

  private static Runnable quantize(Block b, FloatTile from, ByteTile to, Affine[] affines) {
    return () -> {
      for (boolean more = b.first(); more; more = b.next()) {
        from.load(b);
        int rows = affines.length == 1 ? 1 : b.channels();
        int run = b.channels() * b.pixels() / rows;
        for (int c = 0; c < rows; c++) {
          Affine affine = affines[affines.length == 1 ? 0 : b.channel() + c];
          affine.quantize(from.values(), to.values(), c * run, (c + 1) * run);
        }
        to.store(b, to.values());
      }
    };
  }

  private static Runnable dequantize(Block b, ByteTile from, FloatTile to, Affine[] affines) {
    return () -> {
      for (boolean more = b.first(); more; more = b.next()) {
        from.load(b);
        int rows = affines.length == 1 ? 1 : b.channels();
        int run = b.channels() * b.pixels() / rows;
        for (int c = 0; c < rows; c++) {
          Affine affine = affines[affines.length == 1 ? 0 : b.channel() + c];
          affine.dequantize(from.values(), to.values(), c * run, (c + 1) * run);
        }
        to.store(b, to.values());
      }
    };
  }

  private static Runnable requantize(Block b, ByteTile from, ByteTile to, byte[][] tables) {
    return () -> {
      for (boolean more = b.first(); more; more = b.next()) {
        from.load(b);
        int rows = tables.length == 1 ? 1 : b.channels();
        int run = b.channels() * b.pixels() / rows;
        for (int c = 0; c < rows; c++) {
          byte[] table = tables[tables.length == 1 ? 0 : b.channel() + c];
          lookUp(table, from.values(), to.values(), c * run, (c + 1) * run);
        }
        to.store(b, to.values());
      }
    };
  }

  private static void lookUp(byte[] table, byte[] x, byte[] y, int from, int to) {
    for (int i = from; i < to; i++) {
      y[i] = table[x[i] & 0xff];
    }
  }

  /// One run of all elements: the order in memory does not matter.
  private static Block flatBlocks(TensorDesc x) {
    return new Block(1, 1, x.shape().elements(), 1, BLOCK);
  }

  /// Images, channels and pixels; without images: what lies before, along and behind the axis of
  /// the parameters.
  private static Block imageBlocks(TensorDesc x, TensorDesc y) {
    long[] sizes = x.shape().sizes();
    int parameters = Math.max(axis(x), axis(y));
    int axis = parameters < 0 ? 1 : parameters;
    long before = 1;
    long behind = 1;
    for (int i = 0; i < sizes.length; i++) {
      before *= i < axis ? sizes[i] : 1;
      behind *= i > axis ? sizes[i] : 1;
    }
    int channels = Math.toIntExact(sizes[axis]);
    boolean crosses = isChannelsLast(x) || isChannelsLast(y);
    int most = crosses ? CHANNELS : (int) Math.max(1, BLOCK / Math.max(1, behind));
    int mostChannels = Math.max(1, Math.min(channels, most));
    int mostPixels = (int) Math.max(1, Math.min(behind, BLOCK / mostChannels));
    return new Block(before, channels, behind, mostChannels, mostPixels);
  }

  /// The axis along which the parameters differ, or -1.
  private static int axis(TensorDesc a) {
    return a.isInt8() && a.quant().granularity() instanceof Granularity.PerChannel(int axis)
        ? Math.floorMod(axis, a.shape().rank())
        : -1;
  }

  private static boolean isChannelsLast(TensorDesc a) {
    return a.layout() == Layout.CHANNELS_LAST;
  }

  private static Affine[] affines(TensorDesc a) {
    Affine[] affines = new Affine[a.quant().scales().length];
    for (int c = 0; c < affines.length; c++) {
      affines[c] = Affine.of(a.quant(), c);
    }
    return affines;
  }

  private static byte[][] tables(TensorDesc x, TensorDesc y) {
    Affine[] from = affines(x);
    Affine[] to = affines(y);
    byte[][] tables = new byte[Math.max(from.length, to.length)][256];
    for (int c = 0; c < tables.length; c++) {
      float[] reals = from[from.length == 1 ? 0 : c].reals();
      Affine affine = to[to.length == 1 ? 0 : c];
      affine.quantize(reals, tables[c], 0, reals.length);
    }
    return tables;
  }
}
