package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Comparison.Equal;
import io.octet.graph.op.Comparison.Greater;
import io.octet.graph.op.Comparison.GreaterOrEqual;
import io.octet.graph.op.Comparison.Less;
import io.octet.graph.op.Comparison.LessOrEqual;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Whether two values stand in a relation, under numpy's broadcasting: runs along which each of
/// them proceeds or stands still.
final class Comparison {
  /// What the loops ask of a pair; the other relations are these with the pair turned round.
  private enum Relation {
    EQUAL,
    LESS,
    LESS_OR_EQUAL
  }

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private static final int PIECE = 1024;
  private static final int SIGN = 31;

  private final int[] left = new int[PIECE];
  private final int[] right = new int[PIECE];
  private final byte[] holds = new byte[PIECE];
  private final Relation relation;
  private final MemorySegment a;
  private final MemorySegment b;
  private final MemorySegment y;
  private final Broadcasting runs;
  private final int stepA;
  private final int stepB;

  private Comparison(
      Relation relation, MemorySegment a, MemorySegment b, MemorySegment y, Broadcasting runs) {
    this.relation = relation;
    this.a = a;
    this.b = b;
    this.y = y;
    this.runs = runs;
    this.stepA = runs.aProceeds() ? 1 : 0;
    this.stepB = runs.bProceeds() ? 1 : 0;
  }

  /// Whether there are loops for the type, and for runs that an int counts.
  static boolean serves(KernelSpec.Literal spec) {
    DataType type = spec.operands().getFirst().type();
    return (type == DataType.F32 || type == DataType.S32 || type == DataType.S64)
        && spec.y().shape().elements() <= Integer.MAX_VALUE;
  }

  static Runnable bind(io.octet.graph.op.Comparison op, KernelSpec.Literal spec, Buffers buffers) {
    return switch (op) {
      case Equal _ -> of(Relation.EQUAL, 0, 1, spec, buffers);
      case Less _ -> of(Relation.LESS, 0, 1, spec, buffers);
      case LessOrEqual _ -> of(Relation.LESS_OR_EQUAL, 0, 1, spec, buffers);
      case Greater _ -> of(Relation.LESS, 1, 0, spec, buffers);
      case GreaterOrEqual _ -> of(Relation.LESS_OR_EQUAL, 1, 0, spec, buffers);
    };
  }

  private static Runnable of(
      Relation relation, int left, int right, KernelSpec.Literal spec, Buffers buffers) {
    Comparison it =
        new Comparison(
            relation,
            buffers.inputs().get(left),
            buffers.inputs().get(right),
            buffers.output(),
            Broadcasting.of(
                spec.operands().get(left).shape().sizes(),
                spec.operands().get(right).shape().sizes(),
                spec.y().shape().sizes()));
    DataType type = spec.operands().getFirst().type();
    return switch (type) {
      case F32 -> it::floats;
      case S32 -> relation == Relation.EQUAL ? it::equalInts : it::ints;
      case S64 -> it::longs;
      case F16, BF16, F64, U8, S8, BOOL -> throw new IllegalArgumentException(type.toString());
    };
  }

  private void floats() {
    int inner = (int) runs.inner();
    for (int r = 0; r < runs.runs(); r++) {
      long p = runs.a()[r];
      long q = runs.b()[r];
      long to = (long) r * inner;
      for (int i = 0; i < inner; i++) {
        float left = a.getAtIndex(FLOAT, p + i * stepA);
        float right = b.getAtIndex(FLOAT, q + i * stepB);
        boolean holds =
            switch (relation) {
              case EQUAL -> left == right;
              case LESS -> left < right;
              case LESS_OR_EQUAL -> left <= right;
            };
        y.set(Strided.BYTE, to + i, (byte) (holds ? 1 : 0));
      }
    }
  }

  private void ints() {
    int inner = (int) runs.inner();
    for (int r = 0; r < runs.runs(); r++) {
      long p = runs.a()[r];
      long q = runs.b()[r];
      long to = (long) r * inner;
      for (int i = 0; i < inner; i++) {
        int left = a.getAtIndex(Strided.INT, p + i * stepA);
        int right = b.getAtIndex(Strided.INT, q + i * stepB);
        boolean holds =
            switch (relation) {
              case EQUAL -> left == right;
              case LESS -> left < right;
              case LESS_OR_EQUAL -> left <= right;
            };
        y.set(Strided.BYTE, to + i, (byte) (holds ? 1 : 0));
      }
    }
  }

  /// In arrays and without a branch, which processors do for many at once: ids beside all that they
  /// may be are how exporters write a one-hot.
  private void equalInts() {
    int inner = (int) runs.inner();
    for (int r = 0; r < runs.runs(); r++) {
      for (int at = 0; at < inner; at += PIECE) {
        int count = Math.min(PIECE, inner - at);
        read(a, runs.a()[r], stepA, at, left, count);
        read(b, runs.b()[r], stepB, at, right, count);
        for (int i = 0; i < count; i++) {
          int bits = left[i] ^ right[i];
          left[i] = ~(bits | -bits) >>> SIGN;
        }
        for (int i = 0; i < count; i++) {
          holds[i] = (byte) left[i];
        }
        MemorySegment.copy(holds, 0, y, Strided.BYTE, (long) r * inner + at, count);
      }
    }
  }

  private static void read(
      MemorySegment from, long start, int step, int at, int[] into, int count) {
    if (step == 1) {
      MemorySegment.copy(from, Strided.INT, (start + at) * Integer.BYTES, into, 0, count);
    } else {
      Arrays.fill(into, 0, count, from.getAtIndex(Strided.INT, start));
    }
  }

  private void longs() {
    int inner = (int) runs.inner();
    for (int r = 0; r < runs.runs(); r++) {
      long p = runs.a()[r];
      long q = runs.b()[r];
      long to = (long) r * inner;
      for (int i = 0; i < inner; i++) {
        long left = a.getAtIndex(Strided.LONG, p + i * stepA);
        long right = b.getAtIndex(Strided.LONG, q + i * stepB);
        boolean holds =
            switch (relation) {
              case EQUAL -> left == right;
              case LESS -> left < right;
              case LESS_OR_EQUAL -> left <= right;
            };
        y.set(Strided.BYTE, to + i, (byte) (holds ? 1 : 0));
      }
    }
  }
}
