package io.octet.cli.data;

/// One axis of an image brought to another size and cut around the middle: a triangle filter as
/// wide as the step between outputs, as Pillow's BILINEAR.
///
/// @param source pixels that there are
/// @param target pixels that all of them would become
/// @param first the first of these that is kept
record Resampling(int source, long target, long first) {
  /// @param kept pixels that are left, the middle ones
  /// @param scale outputs for each pixel that there is; they cover what is kept
  static Resampling of(int source, int kept, double scale) {
    long target = Math.max(kept, Math.round(source * scale));
    return new Resampling(source, target, (target - kept) / 2);
  }

  /// The first source pixel that output `i` is made of.
  int begin(int i) {
    return (int) Math.max(0, Math.floor(center(i) - support() + 0.5));
  }

  /// The pixel behind the last one that output `i` is made of.
  int end(int i) {
    return (int) Math.min(source, Math.floor(center(i) + support() + 0.5));
  }

  /// What source pixel `from` weighs in output `i`.
  double weight(int i, int from) {
    return Math.max(0, 1 - Math.abs((from + 0.5 - center(i)) / support()));
  }

  private double step() {
    return (double) source / target;
  }

  private double support() {
    return Math.max(1, step());
  }

  private double center(int i) {
    return (first + i + 0.5) * step();
  }
}
