package io.octet.internal.kernel.jvm;

/// Which pixels of the input the taps of a window meet, for each pixel of the output: along one
/// axis, or along several that are counted as one.
interface Reach {
  /// How many taps there are.
  int count();

  /// Where tap `tap` of output `out` lies.
  int at(int out, int tap);

  /// Whether that is a pixel of the input.
  boolean inside(int position);
}
