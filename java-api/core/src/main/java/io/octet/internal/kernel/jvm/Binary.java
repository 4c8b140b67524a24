package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Max;
import io.octet.graph.op.Binary.Min;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.PRelu;
import io.octet.graph.op.Binary.Pow;
import io.octet.graph.op.Binary.Sub;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/// Functions of two values under numpy's broadcasting, in pieces that fit the cache.
final class Binary {
  private static final int PIECE = 1024;

  private Binary() {}

  static Runnable bind(KernelSpec.Binary spec, Buffers buffers) {
    RealInput a = RealInput.of(spec.a(), buffers.inputs().get(0));
    RealInput b = RealInput.of(spec.b(), buffers.inputs().get(1));
    RealOutput y = RealOutput.of(spec.y(), buffers.output(), PIECE);
    Layout layout = spec.y().layout();
    Broadcasting runs =
        Broadcasting.of(
            layout.inMemory(spec.a().shape()),
            layout.inMemory(spec.b().shape()),
            layout.inMemory(spec.y().shape()));
    Run function = function(spec.function());
    int together = runs.together(PIECE);
    return together > 1
        ? repeated(spec, a, b, y, runs, function, together)
        : runByRun(spec, a, b, y, runs, function);
  }

  private static Runnable runByRun(
      KernelSpec.Binary spec,
      RealInput a,
      RealInput b,
      RealOutput y,
      Broadcasting runs,
      Run function) {
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

  /// Short runs, over which one operand repeats itself: several at a time. A gate for each channel
  /// of an image whose channels are last is such.
  private static Runnable repeated(
      KernelSpec.Binary spec,
      RealInput a,
      RealInput b,
      RealOutput y,
      Broadcasting runs,
      Run function,
      int together) {
    int inner = (int) runs.inner();
    boolean ofA = runs.a()[1] == runs.a()[0];
    float[] copies = new float[together * inner];
    float[] left = new float[together * inner];
    float[] right = ofA ? new float[together * inner] : copies;
    RealInput standing = ofA ? a : b;
    RealInput moving = ofA ? b : a;
    long[] starts = ofA ? runs.a() : runs.b();
    return () -> {
      long at = 0;
      for (int r = 0; r < starts.length; r += together) {
        if (r == 0 || starts[r] != starts[r - 1]) {
          standing.read(starts[r], copies, inner);
          for (int i = 1; i < together; i++) {
            System.arraycopy(copies, 0, copies, i * inner, inner);
          }
        }
        int part = Math.min(together, starts.length - r) * inner;
        moving.read(at, ofA ? right : left, part);
        if (ofA) {
          System.arraycopy(copies, 0, left, 0, part);
        }
        function.apply(left, right, part);
        if (spec.post().clamps()) {
          Epilogue.clamp(left, part, spec.post());
        }
        y.write(left, at, part);
        at += part;
      }
    };
  }

  /// A function applied to the first `count` values of two arrays; the result is in `a`.
  private interface Run {
    void apply(float[] a, float[] b, int count);
  }

  /// What processors have instructions for is vectorized. Rounded to a float, each is what the
  /// definition gives in double.
  private static Run function(io.octet.graph.op.Binary op) {
    return switch (op) {
      case Add() -> Binary::add;
      case Sub() -> Binary::subtract;
      case Mul() -> Binary::multiply;
      case Div() -> Binary::divide;
      case Max() -> Binary::largest;
      case Min() -> Binary::smallest;
      case PRelu() -> Binary::slope;
      case Pow() -> Binary::power;
      case io.octet.graph.op.Binary _ -> byDefinition(op);
    };
  }

  private static Run byDefinition(io.octet.graph.op.Binary op) {
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

  /// Exponents that networks have cost no logarithm.
  private static void power(float[] a, float[] b, int count) {
    float exponent = b[0];
    boolean one = true;
    for (int i = 1; i < count; i++) {
      one &= b[i] == exponent;
    }
    if (one && exponent == 2) {
      for (int i = 0; i < count; i++) {
        a[i] *= a[i];
      }
    } else if (one && exponent == 3) {
      for (int i = 0; i < count; i++) {
        a[i] = (float) ((double) a[i] * a[i] * a[i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        a[i] = (float) Math.pow(a[i], b[i]);
      }
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

  private static void subtract(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      a[i] -= b[i];
    }
  }

  private static void divide(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      a[i] /= b[i];
    }
  }

  private static void largest(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      a[i] = Math.max(a[i], b[i]);
    }
  }

  private static void smallest(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      a[i] = Math.min(a[i], b[i]);
    }
  }

  private static void slope(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      a[i] = Math.max(a[i], 0) + b[i] * Math.min(a[i], 0); // no branch: signs are hard to foresee
    }
  }
}
