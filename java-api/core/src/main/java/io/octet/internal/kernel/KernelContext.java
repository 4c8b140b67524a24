package io.octet.internal.kernel;

import java.util.function.Predicate;

/// What the kernels of one session share, and what is known of those that were made before.
///
/// @param threads how many threads work inside one kernel, at least 1
/// @param packed packed weights, one for each tensor and format
/// @param exact whether int8 kernels give the oracle's bits: a backend refuses what it rounds in a
///   way of its own, and layers are rounded by {@link LiteralRounding}
/// @param rejects whether an implementation is not to be made, by its {@link
///   Kernel#implementation()}: it failed here. A backend that has another one for the spec makes
///   that
public record KernelContext(
    int threads, WeightsCache packed, boolean exact, Predicate<String> rejects) {
  /// Kernels may round in ways of their own, at most one step from the oracle.
  public KernelContext(int threads, WeightsCache packed) {
    this(threads, packed, false);
  }

  /// Every implementation is welcome.
  public KernelContext(int threads, WeightsCache packed, boolean exact) {
    this(threads, packed, exact, implementation -> false);
  }

  /// The same but for the implementations that are rejected.
  public KernelContext rejecting(Predicate<String> implementations) {
    return new KernelContext(threads, packed, exact, implementations);
  }

  /// The same with another number of threads.
  public KernelContext withThreads(int other) {
    return new KernelContext(other, packed, exact, rejects);
  }
}
