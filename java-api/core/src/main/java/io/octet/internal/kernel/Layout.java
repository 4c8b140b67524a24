package io.octet.internal.kernel;

/// In which order the elements of an activation lie in memory. Shapes are logical everywhere: an
/// image is [N,C,H,W] in either layout.
public enum Layout {
  /// Outermost axis first, as the shape says.
  ROW_MAJOR,
  /// Four axes with the channels innermost: N, H, W, C.
  CHANNELS_LAST
}
