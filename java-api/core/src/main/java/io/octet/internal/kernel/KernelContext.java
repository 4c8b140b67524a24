package io.octet.internal.kernel;

/// What the kernels of one session share.
///
/// @param threads how many threads work inside one kernel, at least 1
/// @param packed packed weights, one for each tensor and format
/// @param exact whether int8 kernels give the oracle's bits: a backend refuses what it rounds in a
///   way of its own, and layers are rounded by {@link LiteralRounding}
public record KernelContext(int threads, PackedWeights packed, boolean exact) {
  /// Kernels may round in ways of their own, at most one step from the oracle.
  public KernelContext(int threads, PackedWeights packed) {
    this(threads, packed, false);
  }
}
