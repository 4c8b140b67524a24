package io.octet.tensor;

/// How many scales a quantized tensor has.
public sealed interface Granularity {
  /// One scale and zero point for the whole tensor.
  record PerTensor() implements Granularity {}

  /// One scale and zero point for each index along `axis`.
  record PerChannel(int axis) implements Granularity {}
}
