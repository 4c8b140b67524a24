package io.octet.quant.observe;

import io.octet.tensor.Tensor;

/// Watches one value, batch after batch, in memory that does not grow, and says which range to
/// quantize. Observers of one kind can be merged.
public sealed interface Observer permits EndsObserver {

  /// Takes in a batch. Infinities are left out and counted; an empty batch changes nothing.
  ///
  /// @param name what errors call the tensor
  /// @param batch an F32 tensor of any shape
  /// @throws IllegalArgumentException if the batch holds NaN or is not F32; the message names it
  void accept(String name, Tensor batch);

  /// Takes in what another observer of the same kind has seen.
  ///
  /// @throws IllegalArgumentException if it is of another kind
  void merge(Observer other);

  /// Whether nothing was seen yet.
  boolean isEmpty();

  /// Smallest and largest value seen; for a moving average, its state.
  Range seen();

  /// The range to quantize.
  ///
  /// @throws IllegalStateException if nothing was seen
  Range range();

  /// How many infinities were left out.
  long infinities();

  /// Counts of what was seen, in equal bins from the smallest to the largest value; they may be
  /// fractions, since bins are split where the range grows. Empty where the observer counts
  /// nothing.
  float[] bins();

  /// How many infinities a batch holds that nobody observes.
  ///
  /// @throws IllegalArgumentException if it holds NaN or is not F32; the message names it
  static long countInfinities(String name, Tensor batch) {
    return Extent.of(name, batch).infinities();
  }

  /// A fresh observer: PyTorch's, to the last bit.
  static Observer of(ObserverKind kind) {
    return switch (kind) {
      case MIN_MAX -> new MinMaxObserver();
      case MOVING_AVERAGE -> new MovingAverageObserver();
      case HISTOGRAM -> new HistogramObserver();
    };
  }

  /// A fresh observer whose range does not hang on the unit of the data, from the smallest to the
  /// largest float: PyTorch's histogram is none.
  static Observer inAnyUnit(ObserverKind kind) {
    return switch (kind) {
      case MIN_MAX, MOVING_AVERAGE -> of(kind);
      case HISTOGRAM -> HistogramObserver.inAnyUnit();
    };
  }
}
