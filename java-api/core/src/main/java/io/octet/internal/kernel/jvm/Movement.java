package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.DepthToSpace;
import io.octet.graph.op.Movement.Dropout;
import io.octet.graph.op.Movement.Expand;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Movement.Pad;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.SpaceToDepth;
import io.octet.graph.op.Movement.Split;
import io.octet.graph.op.Movement.Squeeze;
import io.octet.graph.op.Movement.Tile;
import io.octet.graph.op.Movement.Transpose;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import java.lang.foreign.MemorySegment;

/// Kernels of what moves elements: copies at strides that are known when it is bound.
final class Movement {
  private Movement() {}

  /// What a kernel here is called, or null where there is none.
  static String implementation(io.octet.graph.op.Movement op, KernelSpec.Literal spec) {
    return switch (op) {
      case Split _, Expand _, Tile _, DepthToSpace _, SpaceToDepth _ -> "strided-copy";
      case Pad pad -> pad.fill() == 0 || spec.y().type().bytes() == 1 ? "pad-runs" : null;
      case Flatten _, Reshape _, Squeeze _, Unsqueeze _, Identity _, Dropout _ -> null;
      case Transpose _, Concat _ -> null;
    };
  }

  static Runnable bind(io.octet.graph.op.Movement op, KernelSpec.Literal spec, Buffers buffers) {
    TensorDesc x = spec.operands().getFirst();
    return switch (op) {
      case Split(int axis, int _) -> split(spec, axis, buffers);
      case Expand _ -> expand(x, spec.y(), buffers);
      case Tile _ -> tile(x, spec.y(), buffers);
      case DepthToSpace(int block, boolean columnsFirst) ->
          toSpace(x, spec.y(), block, columnsFirst, buffers);
      case SpaceToDepth(int block) -> toDepth(x, spec.y(), block, buffers);
      case Pad pad -> new Padding(pad, spec, buffers);
      case Flatten _, Reshape _, Squeeze _, Unsqueeze _, Identity _, Dropout _ ->
          new LiteralEvaluation(spec, buffers);
      case Transpose _, Concat _ -> new LiteralEvaluation(spec, buffers);
    };
  }

  private static Runnable split(KernelSpec.Literal spec, int axis, Buffers buffers) {
    TensorDesc x = spec.operands().getFirst();
    long[] own = Strides.dense(x.shape().sizes());
    int at = axis < 0 ? axis + own.length : axis;
    Runnable[] pieces = new Runnable[spec.outputs().size()];
    long offset = 0;
    for (int i = 0; i < pieces.length; i++) {
      long[] sizes = spec.outputs().get(i).shape().sizes();
      Strided copy = strided(sizes, own, x.type().bytes());
      MemorySegment y = buffers.outputs().get(i);
      long from = offset;
      pieces[i] = () -> copy.copy(buffers.inputs().getFirst(), from, y, 0);
      offset += sizes[at] * own[at];
    }
    return () -> {
      for (Runnable piece : pieces) {
        piece.run();
      }
    };
  }

  /// What lies dense afterwards.
  private static Strided strided(long[] sizes, long[] stepsX, int width) {
    Strided copy = new Strided(sizes.length, width);
    long[] stepsY = Strides.dense(sizes);
    for (int i = 0; i < sizes.length; i++) {
      copy.axis(sizes[i], stepsX[i], stepsY[i]);
    }
    return copy;
  }

  private static Runnable whole(Strided copy, Buffers buffers) {
    MemorySegment x = buffers.inputs().getFirst();
    MemorySegment y = buffers.output();
    return () -> copy.copy(x, 0, y, 0);
  }

  private static Runnable expand(TensorDesc x, TensorDesc y, Buffers buffers) {
    long[] steps = Strides.broadcast(x.shape().sizes(), y.shape().rank());
    return whole(strided(y.shape().sizes(), steps, x.type().bytes()), buffers);
  }

  /// Each axis is two: how often, and what.
  private static Runnable tile(TensorDesc x, TensorDesc y, Buffers buffers) {
    int rank = x.shape().rank();
    long[] own = Strides.dense(x.shape().sizes());
    long[] sizes = new long[2 * rank];
    long[] steps = new long[2 * rank];
    for (int i = 0; i < rank; i++) {
      long size = x.shape().size(i);
      sizes[2 * i] = size == 0 ? 0 : y.shape().size(i) / size;
      sizes[2 * i + 1] = size;
      steps[2 * i + 1] = own[i];
    }
    return whole(strided(sizes, steps, x.type().bytes()), buffers);
  }

  /// To [N, C, H, b, W, b], of what is [N, b, b, C, H, W] or [N, C, b, b, H, W].
  private static Runnable toSpace(
      TensorDesc x, TensorDesc y, int block, boolean columnsFirst, Buffers buffers) {
    long c = y.shape().size(1);
    long h = x.shape().size(2);
    long w = x.shape().size(3);
    long[] apart =
        columnsFirst
            ? Strides.dense(new long[] {1, c, block, block, h, w})
            : Strides.dense(new long[] {1, block, block, c, h, w});
    long channel = apart[columnsFirst ? 1 : 3];
    long row = apart[columnsFirst ? 2 : 1];
    long column = apart[columnsFirst ? 3 : 2];
    long[] sizes = {x.shape().size(0), c, h, block, w, block};
    long[] steps = {apart[0], channel, w, row, 1, column};
    return whole(strided(sizes, steps, x.type().bytes()), buffers);
  }

  /// To [N, b, b, C, H, W], of what is [N, C, H, b, W, b].
  private static Runnable toDepth(TensorDesc x, TensorDesc y, int block, Buffers buffers) {
    long c = x.shape().size(1);
    long h = y.shape().size(2);
    long w = y.shape().size(3);
    long[] apart = Strides.dense(new long[] {1, c, h, block, w, block});
    long[] sizes = {x.shape().size(0), block, block, c, h, w};
    long[] steps = {apart[0], apart[3], apart[5], apart[1], apart[2], apart[4]};
    return whole(strided(sizes, steps, x.type().bytes()), buffers);
  }
}
