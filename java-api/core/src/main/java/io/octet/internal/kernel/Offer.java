package io.octet.internal.kernel;

/// A kernel that a backend could make: a value that holds nothing, and outlives the answer. Nothing
/// is compiled or packed before {@link #make}.
///
/// @param implementation what would run, in the backend's own words: {@link
///   Kernel#implementation()}
/// @param ordinal its place in the backend's order of preference, from 0
/// @param packedBytes what weights would take in the form that it reads, where no other kernel of
///   the session reads them so
/// @param maker makes it
public record Offer(String implementation, int ordinal, long packedBytes, Maker maker) {
  /// How a kernel is made.
  @FunctionalInterface
  public interface Maker {
    /// Makes it.
    Kernel make(KernelContext context);
  }

  /// Makes the kernel; whoever asked closes it.
  ///
  /// @param context the one for which it was offered, or another of as many threads
  public Kernel make(KernelContext context) {
    return maker.make(context);
  }

  /// The same offer, made in another way.
  public Offer by(Maker other) {
    return new Offer(implementation, ordinal, packedBytes, other);
  }

  /// The same offer at another place.
  Offer at(int place) {
    return new Offer(implementation, place, packedBytes, maker);
  }
}
