package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Unary.Abs;
import io.octet.graph.op.Unary.Cast;
import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.Erf;
import io.octet.graph.op.Unary.Gelu;
import io.octet.graph.op.Unary.Gelu.Approximation;
import io.octet.graph.op.Unary.Neg;
import io.octet.graph.op.Unary.Reciprocal;
import io.octet.graph.op.Unary.Relu;
import io.octet.graph.op.Unary.Sqrt;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantMath.Affine;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleUnaryOperator;

/// Functions of one value: tables of bytes, and floats in pieces that fit the cache.
final class Unary {
  /// How many values are treated at a time.
  static final int PIECE = 1024;

  private Unary() {}

  static Runnable bind(KernelSpec.Unary spec, Buffers buffers) {
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
    Run loop = loop(spec.function());
    Run function = loop == null ? byDefinition(spec.function()) : loop;
    return () -> {
      for (long at = 0; at < count; at += PIECE) {
        int part = (int) Math.min(PIECE, count - at);
        x.read(at, piece, part);
        function.apply(piece, part);
        y.write(piece, at, part);
      }
    };
  }

  /// Whether there is a loop for it where it is no function of reals.
  static boolean serves(io.octet.graph.op.Unary op, KernelSpec.Literal spec) {
    return op instanceof Cast && WholeNumbers.serves(spec);
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
  @FunctionalInterface
  interface Run {
    void apply(float[] values, int count);
  }

  /// What processors have instructions for is vectorized, and rounded to a float it is what the
  /// definition gives in double; null for the others, which cost what their exponential costs. For
  /// at most {@link #PIECE} values.
  static Run loop(io.octet.graph.op.Unary op) {
    return switch (op) {
      case Relu() -> clamp(PostOps.RELU);
      case Clip(float min, float max) -> clamp(PostOps.NONE.clamp(min, max));
      case Neg() -> Unary::negate;
      case Abs() -> Unary::magnitude;
      case Sqrt() -> Unary::root;
      case Reciprocal() -> Unary::invert;
      case Erf() -> new ErrorCurve(PIECE)::apply;
      case Gelu(var approximate) when approximate == Approximation.NONE ->
          new GeluCurve(PIECE)::apply;
      case io.octet.graph.op.Unary _ -> null;
    };
  }

  private static Run clamp(PostOps clamp) {
    return (values, count) -> Epilogue.clamp(values, count, clamp);
  }

  private static Run byDefinition(io.octet.graph.op.Unary op) {
    DoubleUnaryOperator function = io.octet.internal.reference.Unary.real(op);
    return (values, count) -> {
      for (int i = 0; i < count; i++) {
        values[i] = (float) function.applyAsDouble(values[i]);
      }
    };
  }

  private static void negate(float[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = -y[i];
    }
  }

  private static void magnitude(float[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = Math.abs(y[i]);
    }
  }

  private static void root(float[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = (float) Math.sqrt(y[i]);
    }
  }

  private static void invert(float[] y, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = 1 / y[i];
    }
  }
}
