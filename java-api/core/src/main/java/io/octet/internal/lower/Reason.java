package io.octet.internal.lower;

import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.select.Registry;
import java.util.stream.Collectors;

/// Why a node runs in FP32.
///
/// @param code null where it does not
public record Reason(RefusalCode code, String detail) {
  static final Reason NONE = new Reason(null, "");
  static final Reason NOT_QUANTIZED =
      new Reason(RefusalCode.NOT_QUANTIZED, "the graph leaves this node in float");

  /// The refusals of an int8 kernel; the most telling one's code stands for all.
  static Reason of(Registry.Selection selection) {
    return new Reason(selection.telling().code(), refusals(selection));
  }

  /// What each backend answered, in the order in which they were asked.
  public static String refusals(Registry.Selection selection) {
    return selection.refusals().stream()
        .map(r -> r.backend() + ": " + r.detail())
        .collect(Collectors.joining("; "));
  }
}
