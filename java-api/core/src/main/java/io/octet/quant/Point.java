package io.octet.quant;

import io.octet.quant.observe.Range;
import java.util.List;

/// Values with the same parameters.
///
/// @param members in the graph's order
/// @param observed those whose elements the observer sees, in the graph's order
/// @param nonNegative whether none of them can be negative
/// @param known the range that they have whatever the data are, as behind a Sigmoid; null where
///   data decide
/// @param settings how they are observed and quantized
record Point(
    List<String> members,
    List<String> observed,
    boolean nonNegative,
    Range known,
    Settings settings) {
  /// The first member, which names the point.
  String value() {
    return members.getFirst();
  }

  /// By the name alone: hashing all members for each of them would cost their square.
  @Override
  public int hashCode() {
    return value().hashCode();
  }
}
