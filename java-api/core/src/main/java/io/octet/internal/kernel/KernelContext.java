package io.octet.internal.kernel;

/// What the kernels of one session share.
///
/// @param threads how many threads work inside one kernel, at least 1
/// @param packed packed weights, one for each tensor and format
/// @param exact whether int8 kernels give the oracle's bits: a backend refuses what it rounds in a
///   way of its own, and layers are rounded by {@link LiteralRounding}
public record KernelContext(int threads, WeightsCache packed, boolean exact) {
  /// Kernels may round in ways of their own, at most one step from the oracle.
  public KernelContext(int threads, WeightsCache packed) {
    this(threads, packed, false);
  }

  /// The same with another number of threads.
  public KernelContext withThreads(int other) {
    return new KernelContext(other, packed, exact);
  }
}
