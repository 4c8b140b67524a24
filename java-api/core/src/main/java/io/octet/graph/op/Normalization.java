package io.octet.graph.op;

/// What brings values to a common scale: by statistics that were learned, or along an axis.
public sealed interface Normalization extends Op {
  /// Inference-mode batch normalization over axis 1. Inputs: X, scale, B, mean, var (each [C]).
  record BatchNormalization(float epsilon) implements Normalization {}

  /// exp(x) / sum(exp(x)) along one axis (ONNX 13; the importer rewrites older forms).
  record Softmax(int axis) implements Normalization {}
}
