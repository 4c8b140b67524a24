package io.octet.quant.observe;

/// What watches activations.
public enum ObserverKind {
  /// Smallest and largest value of all batches.
  MIN_MAX,
  /// Their exponential moving average over batches, constant 0.01.
  MOVING_AVERAGE,
  /// PyTorch's histogram observer, 2048 bins.
  HISTOGRAM
}
