package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Selection.Compress;
import io.octet.graph.op.Selection.Gather;
import io.octet.graph.op.Selection.GatherElements;
import io.octet.graph.op.Selection.GatherND;
import io.octet.graph.op.Selection.NonZero;
import io.octet.graph.op.Selection.ReverseSequence;
import io.octet.graph.op.Selection.ScatterElements;
import io.octet.graph.op.Selection.ScatterND;
import io.octet.graph.op.Selection.Slice;
import io.octet.graph.op.Selection.Trilu;
import io.octet.graph.op.Selection.Where;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;

/// Kernels of what picks elements.
final class Selection {
  private Selection() {}

  /// What a kernel here is called, or null where there is none.
  static String implementation(io.octet.graph.op.Selection op) {
    return switch (op) {
      case Gather _ -> "gather-rows";
      case Slice _ -> "strided-copy";
      case Where _ -> "where-runs";
      case GatherND _, GatherElements _, ScatterND _, ScatterElements _ -> null;
      case Compress _, NonZero _, ReverseSequence _, Trilu _ -> null;
    };
  }

  static Runnable bind(io.octet.graph.op.Selection op, KernelSpec.Literal spec, Buffers buffers) {
    return switch (op) {
      case Gather(int axis) -> new PickedRows(axis, spec, buffers);
      case Slice _ -> new Slicing(spec, buffers);
      case Where _ -> new Choice(spec, buffers);
      case GatherND _, GatherElements _, ScatterND _, ScatterElements _ ->
          new LiteralEvaluation(spec, buffers);
      case Compress _, NonZero _, ReverseSequence _, Trilu _ ->
          new LiteralEvaluation(spec, buffers);
    };
  }
}
