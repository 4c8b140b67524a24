package io.octet.graph.op;

/// What a window takes together of each channel, or all spatial axes at once.
public sealed interface Pooling extends Op {
  /// Largest value under the window; padding never wins.
  record MaxPool(Window window, boolean ceilMode) implements Pooling {}

  /// Mean under the window; `countIncludePad` counts explicit padding as zeros.
  record AveragePool(Window window, boolean ceilMode, boolean countIncludePad) implements Pooling {}

  /// Mean over all spatial axes: [N,C,H,W] to [N,C,1,1].
  record GlobalAveragePool() implements Pooling {}
}
