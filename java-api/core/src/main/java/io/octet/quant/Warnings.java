package io.octet.quant;

import io.octet.quant.CalibrationTable.Entry;

/// What calibration says to its caller.
final class Warnings {
  private Warnings() {}

  static String infinitiesIn(String value) {
    return "infinities in \"" + value + "\" were left out of its range";
  }

  static IllegalArgumentException nothingFinite(String value, long infinities) {
    return new IllegalArgumentException(
        "calibration saw no finite number in \""
            + value
            + "\": "
            + infinities
            + " values were infinite, which no range can hold; give samples of the kind that the"
            + " network meets");
  }

  static String flooredValue(Entry entry) {
    return "\"%s\" lies in [%s, %s]: %s"
        .formatted(entry.value(), entry.low(), entry.high(), floor(entry.params().scale()));
  }

  static String flooredWeights(IntegerLayer layer, float smallest) {
    String channels =
        layer.isPerTensor()
            ? "all channels"
            : layer.floored() + " of " + layer.scales().length + " channels";
    return "weights \"%s\" of \"%s\", %s: %s"
        .formatted(layer.source().name(), layer.source().node(), channels, floor(smallest));
  }

  private static String floor(float scale) {
    return "too small for 8 bits of the smallest scale, "
        + scale
        + ", so that steps are lost; "
        + (scale > Float.MIN_NORMAL
            ? "the qconfig auto has no such floor"
            : "no float is smaller: give the data another unit");
  }
}
