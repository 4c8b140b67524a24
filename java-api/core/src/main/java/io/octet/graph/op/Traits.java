package io.octet.graph.op;

import java.util.Set;

/// Facts of an operator that do not depend on a node: what whoever looks at one asks instead of
/// naming operators. Nothing here says how an operator is executed.
///
/// @param values where the elements of the result come from
/// @param axes what the operator makes of its axes
/// @param int8 whether it has an int8 form, as its signature says: in FP32 between quantized
///   operators it is a fallback
/// @param weights places of the inputs that are weights where they are constant
public record Traits(Values values, Axes axes, boolean int8, Set<Integer> weights) {
  /// Where the elements of a result come from. Data are the inputs that {@link Signature#isData}
  /// names.
  public enum Values {
    /// They are computed.
    NEW,
    /// Each is an element of the data.
    PICKED,
    /// Each is a mean of elements of the data.
    AVERAGED
  }

  /// What an operator makes of its axes.
  public enum Axes {
    /// Each element stands for itself: any order of the axes in memory serves.
    ELEMENTWISE,
    /// One axis is another than the rest; any order in memory serves still.
    CHANNELS,
    /// Axis 0 counts images, axis 1 channels, and the others are the image.
    SPATIAL,
    /// The order of the axes is what it is about.
    ORDERED
  }

  /// Copies the set.
  public Traits {
    weights = Set.copyOf(weights);
  }

  /// Facts of an operator without weights.
  static Traits of(Values values, Axes axes, boolean int8) {
    return new Traits(values, axes, int8, Set.of());
  }
}
