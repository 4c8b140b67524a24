package io.octet.internal.kernel.jvm;

/// The taps of a sliding window along one axis.
///
/// @param count taps of the window
/// @param stride step from one output to the next
/// @param dilation step from one tap to the next
/// @param before padding before the image
/// @param size size of the image
record Taps(int count, int stride, int dilation, int before, int size) implements Reach {
  /// Where tap `tap` of output `out` lies; outside the image where below 0 or at least its size.
  @Override
  public int at(int out, int tap) {
    return out * stride - before + tap * dilation;
  }

  /// Whether that is in the image.
  @Override
  public boolean inside(int position) {
    return position >= 0 && position < size;
  }

  /// The first tap of output `out` that lies at `from` or behind it; {@link #count} where none
  /// does.
  int first(int out, int from) {
    long room = (long) from - at(out, 0);
    return Math.clamp(Math.ceilDiv(room, dilation), 0, count);
  }

  /// The first tap of output `out` that may lie in the image: only those up to {@link #end} do.
  int begin(int out) {
    return first(out, 0);
  }

  /// The tap behind the last one of output `out` that lies in the image.
  int end(int out) {
    return first(out, size);
  }

  /// How many taps of output `out` lie at `from` or behind it, and before `end`.
  int between(int out, int from, int end) {
    return Math.max(0, first(out, end) - first(out, from));
  }
}
