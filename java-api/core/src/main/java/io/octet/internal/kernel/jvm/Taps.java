package io.octet.internal.kernel.jvm;

/// The taps of a sliding window along one axis.
///
/// @param count taps of the window
/// @param stride step from one output to the next
/// @param dilation step from one tap to the next
/// @param before padding before the image
/// @param size size of the image
record Taps(int count, int stride, int dilation, int before, int size) {
  /// Where tap `tap` of output `out` lies; outside the image where below 0 or at least its size.
  int at(int out, int tap) {
    return out * stride - before + tap * dilation;
  }

  /// Whether that is in the image.
  boolean inside(int position) {
    return position >= 0 && position < size;
  }

  /// How many taps of output `out` lie at `from` or behind it, and before `end`.
  int between(int out, int from, int end) {
    int found = 0;
    for (int tap = 0; tap < count; tap++) {
      int at = at(out, tap);
      found += at >= from && at < end ? 1 : 0;
    }
    return found;
  }
}
