package io.octet.internal.kernel;

import java.util.Optional;

/// Whether a kernel that was just made computes what it should, on this machine.
@FunctionalInterface
public interface KernelCheck {
  /// Trusts every kernel.
  KernelCheck NONE = (spec, kernel, threads) -> Optional.empty();

  /// What is wrong with the kernel, in a sentence for people; empty where nothing is.
  ///
  /// @param kernel stays the caller's, and runs nowhere else yet; it may be run on this thread
  /// @param threads how many work inside it
  Optional<String> fault(KernelSpec spec, Kernel kernel, int threads);
}
