package io.octet.internal.reference;

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
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What moves elements, bit for bit, whatever their type.
final class Movement {
  private Movement() {}

  static void evaluate(io.octet.graph.op.Movement op, List<Tensor> in, List<Tensor> out) {
    Tensor y = out.getFirst();
    Tensor x = in.getFirst();
    switch (op) {
      case Flatten _, Reshape _, Squeeze(), Unsqueeze() -> y.data().copyFrom(x.data());
      case Identity(), Dropout() -> y.data().copyFrom(x.data());
      case Expand() -> Walk.pick(x, 0, Walk.broadcastStrides(x.shape(), y.shape()), y);
      case Transpose(List<Integer> perm) -> transpose(x, perm, y);
      case Concat(int axis) -> concat(in, axis, y);
      case Tile() -> tile(x, in.get(1), y);
      case Pad pad -> pad(pad, in, y);
      case DepthToSpace(int block, boolean columnsFirst) -> toSpace(x, block, columnsFirst, y);
      case SpaceToDepth(int block) -> toDepth(x, block, y);
      case Split(int axis, int _) -> split(x, axis, out);
    }
  }

  static boolean isView(io.octet.graph.op.Movement op) {
    return switch (op) {
      case Flatten _, Reshape _, Squeeze(), Unsqueeze(), Identity(), Dropout() -> true;
      case Transpose _, Concat _, Expand(), Split _ -> false;
      case Tile(), Pad _, DepthToSpace _, SpaceToDepth _ -> false;
    };
  }

  private static void transpose(Tensor x, List<Integer> perm, Tensor y) {
    int rank = x.shape().rank();
    long[] from = Walk.strides(x.shape());
    long[] steps = new long[rank];
    for (int i = 0; i < rank; i++) {
      steps[i] = from[perm.isEmpty() ? rank - 1 - i : perm.get(i)];
    }
    Walk.pick(x, 0, steps, y);
  }

  private static void split(Tensor x, int axis, List<Tensor> out) {
    int at = x.shape().axis(axis).orElseThrow();
    long[] steps = Walk.strides(x.shape());
    long offset = 0;
    for (Tensor y : out) {
      Walk.pick(x, offset, steps, y);
      offset += y.shape().size(at) * steps[at];
    }
  }

  /// Each axis is two: how often, and what.
  private static void tile(Tensor x, Tensor repeats, Tensor y) {
    int rank = x.shape().rank();
    long[] own = Walk.strides(x.shape());
    long[] sizes = new long[2 * rank];
    long[] steps = new long[2 * rank];
    for (int i = 0; i < rank; i++) {
      sizes[2 * i] = repeats.getInteger(i);
      sizes[2 * i + 1] = x.shape().size(i);
      steps[2 * i + 1] = own[i];
    }
    Walk.pick(x, 0, steps, y.reshape(Shape.of(sizes)));
  }

  private static void pad(Pad op, List<Tensor> in, Tensor y) {
    Tensor x = in.getFirst();
    int rank = x.shape().rank();
    long[] begins = new long[rank];
    Tensor given = Reference.input(in, 3);
    long axes = given != null ? given.elements() : op.axes().isEmpty() ? rank : op.axes().size();
    for (int i = 0; i < axes; i++) {
      long counted = op.axes().isEmpty() ? i : op.axes().get(i);
      int axis = x.shape().axis(given != null ? given.getInteger(i) : counted).orElseThrow();
      begins[axis] = in.get(1).getInteger(i);
    }
    Tensor fill = Reference.input(in, 2);
    long[] own = Walk.strides(x.shape());
    long[] to = Walk.strides(y.shape());
    Cells cells = new Cells(y);
    for (long i = 0; i < y.elements(); i++) {
      long from = 0;
      for (int axis = 0; axis < rank && from >= 0; axis++) {
        long place = i / to[axis] % y.shape().size(axis) - begins[axis];
        long source = op.mode().source(place, x.shape().size(axis));
        from = source < 0 ? -1 : from + source * own[axis];
      }
      if (from >= 0) {
        Walk.copy(x, from, y.data(), i);
      } else if (fill != null) {
        Walk.copy(fill, 0, y.data(), i);
      } else {
        cells.put(i, (long) op.fill());
      }
    }
  }

  /// [N, C, H, b, W, b] of what is [N, b, b, C, H, W], or [N, C, b, b, H, W].
  private static void toSpace(Tensor x, int block, boolean columnsFirst, Tensor y) {
    long channels = y.shape().size(1);
    long height = x.shape().size(2);
    long width = x.shape().size(3);
    long image = height * width;
    long blocks = columnsFirst ? image : channels * image;
    long channel = columnsFirst ? (long) block * block * image : image;
    long batch = x.shape().size(1) * image;
    Shape split = Shape.of(x.shape().size(0), channels, height, block, width, block);
    long[] steps = {batch, channel, width, block * blocks, 1, blocks};
    Walk.pick(x, 0, steps, y.reshape(split));
  }

  /// [N, b, b, C, H, W] of what is [N, C, H, b, W, b].
  private static void toDepth(Tensor x, int block, Tensor y) {
    long channels = x.shape().size(1);
    long width = x.shape().size(3);
    long image = x.shape().size(2) * width;
    long height = y.shape().size(2);
    Shape split = Shape.of(x.shape().size(0), block, block, channels, height, y.shape().size(3));
    long[] steps = {channels * image, width, 1, image, block * width, block};
    Walk.pick(x, 0, steps, y.reshape(split));
  }

  private static void concat(List<Tensor> xs, int axis, Tensor y) {
    int at = y.shape().axis(axis).orElseThrow();
    long rows = 1;
    for (int i = 0; i < at; i++) {
      rows *= y.shape().size(i);
    }
    long offset = 0;
    for (long row = 0; row < rows; row++) {
      for (Tensor x : xs) {
        long chunk = x.data().byteSize() / rows;
        MemorySegment.copy(x.data(), row * chunk, y.data(), offset, chunk);
        offset += chunk;
      }
    }
  }
}
