package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;
import static io.octet.tensor.DataType.S64;
import static io.octet.tensor.DataType.S8;
import static io.octet.tensor.DataType.U8;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// What a window takes together of each channel, or all spatial axes at once.
public sealed interface Pooling extends Op {
  /// Largest value under the window; padding never wins. The second output, where it is wanted,
  /// says where each stands among all elements of the input: the first of several.
  ///
  /// @param columnMajor whether the pixels of an image are counted with the first spatial axis
  ///   innermost
  record MaxPool(Window window, boolean ceilMode, boolean columnMajor) implements Pooling {
    /// Pixels are counted as they lie.
    public MaxPool(Window window, boolean ceilMode) {
      this(window, ceilMode, false);
    }
  }

  /// Mean under the window; `countIncludePad` counts explicit padding as zeros.
  record AveragePool(Window window, boolean ceilMode, boolean countIncludePad) implements Pooling {}

  /// The `p`-norm of what is under the window: the root of the sum of powers of magnitudes.
  record LpPool(Window window, boolean ceilMode, int p) implements Pooling {
    /// Refuses norms below the first.
    public LpPool {
      requireNorm(p);
    }
  }

  /// Mean over all spatial axes: [N,C,H,W] to [N,C,1,1].
  record GlobalAveragePool() implements Pooling {}

  /// Largest over all spatial axes.
  record GlobalMaxPool() implements Pooling {}

  /// The `p`-norm over all spatial axes.
  record GlobalLpPool(int p) implements Pooling {
    /// Refuses norms below the first.
    public GlobalLpPool {
      requireNorm(p);
    }
  }

  private static void requireNorm(int p) {
    if (p < 1) {
      throw new IllegalArgumentException("p must be at least 1, but is " + p);
    }
  }

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        pool("MaxPool").alsoInt8().out("I", "Indices").where("T", F32, U8, S8).where("I", S64),
        pool("AveragePool").alsoInt8().where("T", F32),
        pool("LpPool").where("T", F32),
        pool("GlobalAveragePool").since(1).alsoInt8().where("T", F32),
        pool("GlobalMaxPool").since(1).alsoInt8().where("T", F32),
        pool("GlobalLpPool").where("T", F32));
  }

  private static Signature pool(String name) {
    return Signature.of(name).in("T", "X").out("T", "Y");
  }

  @Override
  default Traits traits() {
    return switch (this) {
      case MaxPool _, GlobalMaxPool _ -> Traits.of(Values.PICKED, Axes.SPATIAL, signature().int8());
      case AveragePool _, GlobalAveragePool _ ->
          Traits.of(Values.AVERAGED, Axes.SPATIAL, signature().int8());
      case LpPool _, GlobalLpPool _ -> Traits.of(Values.NEW, Axes.SPATIAL, signature().int8());
    };
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case MaxPool(Window window, boolean ceil, boolean _) -> {
        Shape y = slide(in, window, ceil);
        List<ValueInfo> results = new ArrayList<>(in.result(in.type(0), y));
        if (in.outputs() > 1) {
          results.addAll(in.result(S64, y));
        }
        yield results;
      }
      case AveragePool(Window window, boolean ceil, boolean _) ->
          in.result(in.type(0), slide(in, window, ceil));
      case LpPool(Window window, boolean ceil, int _) ->
          in.result(in.type(0), slide(in, window, ceil));
      case GlobalAveragePool _, GlobalMaxPool _, GlobalLpPool _ ->
          in.result(in.type(0), onePixel(in));
    };
  }

  private static Shape slide(Operands in, Window window, boolean ceil) {
    return window.slide(in, in.image(window.axes()), ceil);
  }

  private static Shape onePixel(Operands in) {
    Shape y = in.shape(0);
    if (y.rank() < 3) {
      throw in.invalid(
          "needs an image [N,C,...] of 3 axes or more, but input \""
              + in.get(0).name()
              + "\" is "
              + y);
    }
    for (int axis = 2; axis < y.rank(); axis++) {
      y = y.with(axis, new Dim.Fixed(1));
    }
    return y;
  }
}
