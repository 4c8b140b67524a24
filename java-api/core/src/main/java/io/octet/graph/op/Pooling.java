package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;
import static io.octet.tensor.DataType.S64;
import static io.octet.tensor.DataType.S8;
import static io.octet.tensor.DataType.U8;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.List;

/// What a window takes together of each channel, or all spatial axes at once.
public sealed interface Pooling extends Op {
  /// Largest value under the window; padding never wins.
  record MaxPool(Window window, boolean ceilMode) implements Pooling {}

  /// Mean under the window; `countIncludePad` counts explicit padding as zeros.
  record AveragePool(Window window, boolean ceilMode, boolean countIncludePad) implements Pooling {}

  /// Mean over all spatial axes: [N,C,H,W] to [N,C,1,1].
  record GlobalAveragePool() implements Pooling {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        pool("MaxPool").out("I", "Indices").where("T", F32, U8, S8).where("I", S64),
        pool("AveragePool").where("T", F32),
        pool("GlobalAveragePool").where("T", F32));
  }

  private static Signature pool(String name) {
    return Signature.of(name).in("T", "X").out("T", "Y").alsoInt8();
  }

  @Override
  default Traits traits() {
    return switch (this) {
      case MaxPool _ -> Traits.of(Values.PICKED, Axes.SPATIAL, signature().int8());
      case AveragePool _, GlobalAveragePool _ ->
          Traits.of(Values.AVERAGED, Axes.SPATIAL, signature().int8());
    };
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    Shape x = in.image();
    Shape y =
        switch (this) {
          case MaxPool(Window window, boolean ceil) -> window.slide(in, x, ceil);
          case AveragePool(Window window, boolean ceil, boolean _) -> window.slide(in, x, ceil);
          case GlobalAveragePool _ -> x.with(2, new Dim.Fixed(1)).with(3, new Dim.Fixed(1));
        };
    return in.result(in.type(0), y);
  }
}
