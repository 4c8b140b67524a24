package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Unary;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantMath.Affine;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// Functions of one and of two values, in pieces that fit the cache.
final class Elementwise {
  private static final int PIECE = 1024;

  private Elementwise() {}

  static Invocation unary(KernelSpec.Unary spec, Buffers buffers) {
    MemorySegment in = buffers.inputs().getFirst();
    long count = spec.y().shape().elements();
    if (spec.x().isInt8()) {
      DoubleUnaryOperator function = io.octet.internal.reference.Unary.real(spec.function());
      float[] reals = Affine.of(spec.x().quant(), 0).reals();
      for (int i = 0; i < reals.length; i++) {
        reals[i] = (float) function.applyAsDouble(reals[i]);
      }
      return spec.y().isInt8()
          ? new ByteTable(in, buffers.output(), count, quantized(reals, spec.y()))
          : new FloatTable(in, buffers.output(), count, reals);
    }
    RealInput x = RealInput.of(spec.x(), in);
    RealOutput y = RealOutput.of(spec.y(), buffers.output(), PIECE);
    float[] piece = new float[PIECE];
    RunFunction function = function(spec.function());
    return () -> {
      for (long at = 0; at < count; at += PIECE) {
        int part = (int) Math.min(PIECE, count - at);
        x.read(at, piece, part);
        function.apply(piece, part);
        y.write(piece, at, part);
      }
    };
  }

  private static byte[] quantized(float[] reals, TensorDesc y) {
    byte[] table = new byte[reals.length];
    for (int i = 0; i < table.length; i++) {
      table[i] =
          (byte) QuantMath.quantize(reals[i], y.quant().scale(), y.quant().zeroPoint(), y.type());
    }
    return table;
  }

  /// A function applied to the first `count` values of an array.
  private interface RunFunction {
    void apply(float[] values, int count);
  }

  /// Clamps are vectorized; the others cost what their exponential costs.
  private static RunFunction function(Unary op) {
    if (op instanceof Unary.Relu) {
      return (values, count) -> Epilogue.clamp(values, count, PostOps.RELU);
    }
    if (op instanceof Unary.Clip(float min, float max)) {
      PostOps clip = PostOps.NONE.clamp(min, max);
      return (values, count) -> Epilogue.clamp(values, count, clip);
    }
    DoubleUnaryOperator function = io.octet.internal.reference.Unary.real(op);
    return (values, count) -> {
      for (int i = 0; i < count; i++) {
        values[i] = (float) function.applyAsDouble(values[i]);
      }
    };
  }

  static Invocation binary(KernelSpec.Binary spec, Buffers buffers) {
    RealInput a = RealInput.of(spec.a(), buffers.inputs().get(0));
    RealInput b = RealInput.of(spec.b(), buffers.inputs().get(1));
    RealOutput y = RealOutput.of(spec.y(), buffers.output(), PIECE);
    Layout layout = spec.y().layout();
    Broadcasting runs =
        Broadcasting.of(
            layout.inMemory(spec.a().shape()),
            layout.inMemory(spec.b().shape()),
            layout.inMemory(spec.y().shape()));
    RunOfPairs function = function(spec.function());
    float[] left = new float[PIECE];
    float[] right = new float[PIECE];
    return () -> {
      long at = 0;
      for (int r = 0; r < runs.runs(); r++) {
        for (long i = 0; i < runs.inner(); i += PIECE) {
          int part = (int) Math.min(PIECE, runs.inner() - i);
          read(a, runs.a()[r], runs.aProceeds(), i, left, part);
          read(b, runs.b()[r], runs.bProceeds(), i, right, part);
          function.apply(left, right, part);
          if (spec.post().clamps()) {
            Epilogue.clamp(left, part, spec.post());
          }
          y.write(left, at, part);
          at += part;
        }
      }
    };
  }

  /// A function applied to the first `count` values of two arrays; the result is in `a`.
  private interface RunOfPairs {
    void apply(float[] a, float[] b, int count);
  }

  /// Sums and products are vectorized.
  private static RunOfPairs function(Binary op) {
    if (op instanceof Binary.Add) {
      return Elementwise::add;
    }
    if (op instanceof Binary.Mul) {
      return Elementwise::multiply;
    }
    DoubleBinaryOperator function = io.octet.internal.reference.Binary.real(op);
    return (a, b, count) -> {
      for (int i = 0; i < count; i++) {
        a[i] = (float) function.applyAsDouble(a[i], b[i]);
      }
    };
  }

  private static void read(
      RealInput from, long start, boolean proceeds, long done, float[] into, int count) {
    if (proceeds) {
      from.read(start + done, into, count);
    } else {
      Arrays.fill(into, 0, count, from.read(start));
    }
  }

  private static void add(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      a[i] += b[i];
    }
  }

  private static void multiply(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      a[i] *= b[i];
    }
  }

  static Invocation affine(KernelSpec.ChannelAffine spec, Buffers buffers) {
    RealInput x = RealInput.of(spec.x(), buffers.inputs().getFirst());
    long[] sizes = spec.x().shape().sizes();
    int channels = Math.toIntExact(sizes[1]);
    long elements = spec.x().shape().elements();
    boolean innermost = spec.x().layout() == Layout.CHANNELS_LAST || sizes.length == 2;
    int run = innermost ? channels : Math.toIntExact(elements / Math.max(1, sizes[0] * sizes[1]));
    RealOutput y = RealOutput.of(spec.y(), buffers.output(), run);
    float[] values = new float[run];
    return () -> {
      for (long at = 0; at < elements; at += run) {
        x.read(at, values, run);
        if (innermost) {
          scaleEach(values, spec.scale(), spec.shift());
        } else {
          int c = (int) (at / run % channels);
          scaleAll(values, spec.scale()[c], spec.shift()[c]);
        }
        y.write(values, at, run);
      }
    };
  }

  private static void scaleEach(float[] y, float[] scale, float[] shift) {
    for (int i = 0; i < y.length; i++) {
      y[i] = y[i] * scale[i] + shift[i];
    }
  }

  private static void scaleAll(float[] y, float scale, float shift) {
    for (int i = 0; i < y.length; i++) {
      y[i] = y[i] * scale + shift;
    }
  }
}
