package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Set;

/// Sums of products over a window that slides along the spatial axes.
public sealed interface Convolution extends Op {
  /// 2-D convolution. Inputs: X [N,C,H,W], W [M,C/groups,kH,kW], optional B `[M]`.
  record Conv(Window window, int groups) implements Convolution {
    /// Refuses fewer than one group.
    public Conv {
      if (groups < 1) {
        throw new IllegalArgumentException("groups must be at least 1, but is " + groups);
      }
    }
  }

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("Conv")
            .in("T", "X", "W")
            .optional("T", "B")
            .out("T", "Y")
            .where("T", F32)
            .alsoInt8());
  }

  @Override
  default Traits traits() {
    return new Traits(Values.NEW, Axes.SPATIAL, signature().int8(), Set.of(1, 2));
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case Conv(Window window, int groups) -> in.result(in.type(0), conv(in, window, groups));
    };
  }

  private static Shape conv(Operands in, Window window, int groups) {
    Shape x = in.image();
    Shape w = in.shape(1);
    if (w.rank() != 4) {
      throw in.invalid("weights must have 4 axes (2-D convolution), but are " + w);
    }
    Dim expected = w.dim(1).times(Dim.of(groups));
    if (!x.dim(1).mayEqual(expected)) {
      throw in.invalid(
          "input has "
              + x.dim(1)
              + " channels, weights expect "
              + expected
              + (groups == 1 ? "" : " in " + groups + " groups")
              + (" (input " + x + ", weights " + w + ")"));
    }
    if (w.dim(0) instanceof Dim.Fixed(long m) && m % groups != 0) {
      throw in.invalid(m + " output channels do not divide into " + groups + " groups");
    }
    Shape kernel = Shape.of(window.kernelH(), window.kernelW());
    if (!w.dim(2).mayEqual(kernel.dim(0)) || !w.dim(3).mayEqual(kernel.dim(1))) {
      throw in.invalid("kernel is " + kernel + ", weights are " + w);
    }
    in.requireVector(2, "bias", w.dim(0));
    return window.slide(in, x, false).with(1, w.dim(0));
  }
}
