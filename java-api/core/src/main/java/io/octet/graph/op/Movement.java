package io.octet.graph.op;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// What moves elements, or says their shape anew, and computes nothing.
public sealed interface Movement extends Op {
  /// To two axes: those before `axis` multiplied, and the others. A negative axis counts from the
  /// end.
  record Flatten(int axis) implements Movement {}

  /// Inputs: data, shape (s64; 0 copies the axis unless `allowZero`, -1 is inferred).
  record Reshape(boolean allowZero) implements Movement {}

  /// Axis i of the output is axis `perm[i]` of the input; an empty list reverses all axes.
  record Transpose(List<Integer> perm) implements Movement {
    /// Copies the list.
    public Transpose {
      perm = List.copyOf(perm);
    }
  }

  /// Joins all inputs along `axis`.
  record Concat(int axis) implements Movement {}

  /// Pieces of data along `axis`, one after the other, as many as there are outputs. Inputs: data,
  /// and where `parts` is 0 the pieces' sizes (s64); else there are `parts` pieces of one size, of
  /// which the last may be smaller.
  record Split(int axis, int parts) implements Movement {}

  /// Data repeated along each axis. Inputs: data, how often along each axis (s64).
  record Tile() implements Movement {}

  /// Data with something in front of and behind it, or less of it where a number is negative.
  /// Inputs: data, pads (s64: what is in front of each of `axes`, then what is behind each), what a
  /// {@link PadMode#CONSTANT} one pads with, and the axes where only a run may know them.
  ///
  /// @param axes which axes are padded; an empty list is all, or those that the fourth input says
  /// @param fill what it pads with where no third input says; ONNX's is 0
  record Pad(PadMode mode, List<Integer> axes, int fill) implements Movement {
    /// Copies the list.
    public Pad {
      axes = List.copyOf(axes);
    }

    /// As ONNX has it.
    public Pad(PadMode mode, List<Integer> axes) {
      this(mode, axes, 0);
    }
  }

  /// What stands beside the data.
  enum PadMode {
    /// One number.
    CONSTANT,
    /// The data mirrored, its first and last element once.
    REFLECT,
    /// The first and the last element.
    EDGE,
    /// The data again.
    WRAP;

    /// Which of `size` elements along an axis stands at a place that may lie beside them; -1 for
    /// none.
    public long source(long place, long size) {
      if (place >= 0 && place < size) {
        return place;
      }
      return switch (this) {
        case CONSTANT -> -1;
        case EDGE -> place < 0 ? 0 : size - 1;
        case WRAP -> Math.floorMod(place, size);
        case REFLECT -> {
          long period = Math.max(1, 2 * (size - 1));
          long at = Math.floorMod(place, period);
          yield at < size ? at : period - at;
        }
      };
    }
  }

  /// Channels to blocks of pixels: [N, C*b*b, H, W] to [N, C, H*b, W*b].
  ///
  /// @param block b
  /// @param columnsFirst whether a channel's blocks are neighbours (CRD); else those of one place
  ///   in the block are (DCR)
  record DepthToSpace(int block, boolean columnsFirst) implements Movement {
    /// Checks the size.
    public DepthToSpace {
      requireBlock(block);
    }
  }

  /// Blocks of pixels to channels: [N, C, H*b, W*b] to [N, b*b*C, H, W].
  ///
  /// @param block b
  record SpaceToDepth(int block) implements Movement {
    /// Checks the size.
    public SpaceToDepth {
      requireBlock(block);
    }
  }

  private static void requireBlock(int block) {
    if (block < 1) {
      throw new IllegalArgumentException("blocks of " + block + " pixels");
    }
  }

  /// Without the axes that are named, which have one element; all such where none are named.
  /// Inputs: data, optional axes (s64).
  record Squeeze() implements Movement {}

  /// With axes of one element at those places of the output. Inputs: data, axes (s64).
  record Unsqueeze() implements Movement {}

  /// Broadcast together with a shape, in which 1 keeps an axis as it is. Inputs: data, shape (s64).
  record Expand() implements Movement {}

  /// Its input.
  record Identity() implements Movement {}

  /// Its input: this is inference.
  record Dropout() implements Movement {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        any("Flatten").alsoInt8().in("T", "data"),
        any("Reshape").alsoInt8().in("T", "data").in("I", "shape").where("I", DataType.S64),
        any("Transpose").alsoInt8().in("T", "data"),
        any("Concat").alsoInt8().variadic("T", "inputs"),
        Signature.of("Split")
            .alsoInt8()
            .in("T", "data")
            .optional("I", "split")
            .outs("T", "outputs")
            .where("T", Signature.ANY)
            .where("I", DataType.S64),
        any("Tile").alsoInt8().in("T", "data").in("I", "repeats").where("I", DataType.S64),
        any("Pad")
            .alsoInt8()
            .in("T", "data")
            .in("I", "pads")
            .optional("T", "constant")
            .optional("J", "axes")
            .where("I", DataType.S64)
            .where("J", DataType.S32, DataType.S64),
        any("DepthToSpace").alsoInt8().in("T", "data"),
        any("SpaceToDepth").alsoInt8().in("T", "data"),
        any("Squeeze").alsoInt8().in("T", "data").optional("I", "axes").where("I", DataType.S64),
        any("Unsqueeze").alsoInt8().in("T", "data").in("I", "axes").where("I", DataType.S64),
        any("Expand").since(8).alsoInt8().in("T", "data").in("I", "shape").where("I", DataType.S64),
        any("Identity").alsoInt8().in("T", "input"),
        any("Dropout").alsoInt8().in("T", "data"));
  }

  private static Signature any(String name) {
    return Signature.of(name).out("T", "output").where("T", Signature.ANY);
  }

  @Override
  default Traits traits() {
    Axes axes =
        switch (this) {
          case Flatten _, Reshape _, Transpose _, Squeeze _, Unsqueeze _ -> Axes.ORDERED;
          case Expand _, Split _, Tile _, Pad _, DepthToSpace _, SpaceToDepth _ -> Axes.ORDERED;
          case Concat _ -> Axes.CHANNELS;
          case Identity _, Dropout _ -> Axes.ELEMENTWISE;
        };
    return Traits.of(Values.PICKED, axes, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    if (this instanceof Split(int axis, int parts)) {
      return Pieces.split(in, in.axis(0, axis), parts);
    }
    Shape y = shape(in);
    return in.result(in.type(0), y, values(in, y));
  }

  /// The shape of the only result; of several, that of the first.
  private Shape shape(Operands in) {
    return switch (this) {
      case Split _ -> in.shape(0);
      case Tile _ -> tile(in);
      case Pad p -> pad(in, p);
      case DepthToSpace(int block, boolean _) -> {
        Shape x = in.image(2);
        Dim squared = Dim.of((long) block * block);
        Dim channels = divided(in, x.dim(1), squared);
        Dim b = Dim.of(block);
        yield new Shape(List.of(x.dim(0), channels, x.dim(2).times(b), x.dim(3).times(b)));
      }
      case SpaceToDepth(int block) -> {
        Shape x = in.image(2);
        Dim channels = x.dim(1).times(Dim.of((long) block * block));
        Dim b = Dim.of(block);
        yield new Shape(
            List.of(x.dim(0), channels, divided(in, x.dim(2), b), divided(in, x.dim(3), b)));
      }
      case Flatten(int axis) -> Reshaped.flatten(in, axis);
      case Reshape(boolean allowZero) -> Reshaped.reshape(in, allowZero);
      case Transpose(List<Integer> perm) -> transpose(in, perm);
      case Concat(int axis) -> concat(in, axis);
      case Squeeze _ -> Reshaped.squeeze(in);
      case Unsqueeze _ -> Reshaped.unsqueeze(in);
      case Expand _ -> in.broadcast(in.shape(0), new Shape(in.sizes(1, "shape")));
      case Identity _, Dropout _ -> in.shape(0);
    };
  }

  /// The elements of the result, in their order.
  private Optional<List<Dim>> values(Operands in, Shape y) {
    return switch (this) {
      case Flatten _, Reshape _, Transpose _, Squeeze _, Unsqueeze _, Identity _, Dropout _ ->
          in.values(0);
      case Concat _ -> {
        boolean known = IntStream.range(0, in.count()).allMatch(i -> in.values(i).isPresent());
        yield known
            ? Optional.of(
                in.infos().stream().flatMap(i -> i.values().orElseThrow().stream()).toList())
            : Optional.empty();
      }
      case Split _ -> Optional.empty(); // Each piece has its own.
      case Pad _, DepthToSpace _, SpaceToDepth _ -> Optional.empty();
      case Tile _ -> {
        long all = y.rank() == 1 ? y.dim(0).number().orElse(Long.MAX_VALUE) : Long.MAX_VALUE;
        yield in.values(0)
            .filter(list -> all <= ValueInfo.MOST_VALUES && !list.isEmpty())
            .map(
                list ->
                    Collections.nCopies((int) all / list.size(), list).stream()
                        .flatMap(List::stream)
                        .toList());
      }
      case Expand _ -> {
        boolean few = y.isConcrete() && y.elements() <= ValueInfo.MOST_VALUES;
        yield in.values(0)
            .filter(_ -> few)
            .map(
                list ->
                    list.size() == 1
                        ? Collections.nCopies((int) y.elements(), list.getFirst())
                        : list);
      }
    };
  }

  private static Dim divided(Operands in, Dim dim, Dim by) {
    if (dim.number().orElse(0) % by.number().orElse(1) != 0) {
      throw in.invalid(dim + " of input " + in.shape(0) + " is no multiple of " + by);
    }
    return dim.dividedBy(by);
  }

  private static Shape tile(Operands in) {
    Shape x = in.shape(0);
    in.requireVector(1, "repeats", Dim.of(x.rank()));
    Optional<List<Dim>> repeats = in.numbers(1);
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      Dim times = repeats.isPresent() ? repeats.get().get(i) : Dim.of(1);
      if (times.number().orElse(0) < 0) {
        throw in.invalid("repeats axis " + i + " " + times + " times");
      }
      dims.add(repeats.isPresent() ? x.dim(i).times(times) : new Dim.Unknown("repeats not known"));
    }
    return new Shape(dims);
  }

  private static Shape pad(Operands in, Pad pad) {
    Shape x = in.shape(0);
    Optional<List<Dim>> pads = in.numbers(1);
    Optional<List<Integer>> known = padded(in, pad);
    if (known.isEmpty()) {
      return Operands.open(x.rank(), "axes that are not known");
    }
    List<Integer> axes = known.get();
    in.requireVector(1, "pads", Dim.of(2L * axes.size()));
    Shape y = x;
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      Dim size = x.dim(axis);
      Dim padded =
          pads.isPresent()
              ? size.plus(pads.get().get(i)).plus(pads.get().get(axes.size() + i))
              : new Dim.Unknown("pads that are not known");
      if (padded.number().orElse(0) < 0) {
        throw in.invalid("takes " + pads.get() + " off input " + x);
      }
      boolean fromNothing = size.equals(Dim.of(0)) && padded.number().orElse(0) > 0;
      if (fromNothing && pad.mode() != PadMode.CONSTANT) {
        throw in.invalid("axis " + axis + " of input " + x + " has nothing to repeat");
      }
      y = y.with(axis, padded);
    }
    return y;
  }

  /// The axes that `pad` pads, counted from the front; nothing where only a run knows them.
  private static Optional<List<Integer>> padded(Operands in, Pad pad) {
    List<Integer> axes;
    if (in.has(3)) {
      if (!pad.axes().isEmpty() || in.shape(3).rank() != 1) {
        throw in.invalid("its axes are " + pad.axes() + " and an input " + in.shape(3));
      }
      Optional<List<Dim>> given = in.numbers(3);
      if (given.isEmpty() || Operands.isOpen(given.get())) {
        return Optional.empty();
      }
      axes = given.get().stream().map(axis -> in.axis(0, axis.number().orElseThrow())).toList();
    } else if (pad.axes().isEmpty()) {
      axes = IntStream.range(0, in.shape(0).rank()).boxed().toList();
    } else {
      axes = pad.axes().stream().map(axis -> in.axis(0, axis)).toList();
    }
    if (Set.copyOf(axes).size() != axes.size()) {
      throw in.invalid("pads one of axes " + axes + " twice");
    }
    return Optional.of(axes);
  }

  private static Shape transpose(Operands in, List<Integer> perm) {
    Shape x = in.shape(0);
    if (perm.isEmpty()) {
      return new Shape(x.dims().reversed());
    }
    Set<Integer> axes = new HashSet<>(perm);
    if (perm.size() != x.rank()
        || axes.size() != x.rank()
        || !perm.stream().allMatch(i -> i >= 0 && i < x.rank())) {
      throw in.invalid("perm " + perm + " does not order the axes of " + x);
    }
    return new Shape(perm.stream().map(x::dim).toList());
  }

  private static Shape concat(Operands in, int axis) {
    Shape y = in.shape(0);
    int at = in.axis(0, axis);
    for (int i = 1; i < in.count(); i++) {
      Shape x = in.shape(i);
      if (x.rank() != y.rank()) {
        throw in.invalid("joins " + y + " with " + x + " of another rank");
      }
      for (int j = 0; j < y.rank(); j++) {
        if (j != at && !x.dim(j).mayEqual(y.dim(j))) {
          throw in.invalid(
              "input " + i + " is " + x + ", which does not join " + y + " along axis " + at);
        }
        y = y.with(j, j == at ? y.dim(j).plus(x.dim(j)) : y.dim(j).known(x.dim(j)));
      }
      in.requireShort(y.dims()); // Here, because each term copies those before it.
    }
    return y;
  }
}
