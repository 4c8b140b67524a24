package io.octet.graph;

import io.octet.tensor.DataType;
import java.util.List;

/// What a {@link Node} computes: an ONNX operator with its attributes. The inputs are the node's,
/// in ONNX's order; an optional input that is absent has the name "" or is left out at the end.
/// Images are NCHW. The set is sealed: a switch over it has no `default`, so that a new operator
/// breaks compilation wherever it matters.
public sealed interface Op {
  /// ONNX's name of the operator.
  default String name() {
    return getClass().getSimpleName();
  }

  /// 2-D convolution. Inputs: X [N,C,H,W], W [M,C/groups,kH,kW], optional B [M].
  record Conv(Window window, int groups) implements Op {
    /// Refuses fewer than one group.
    public Conv {
      if (groups < 1) {
        throw new IllegalArgumentException("groups must be at least 1, but is " + groups);
      }
    }
  }

  /// `alpha * A' * B' + beta * C`. Inputs: A [M,K], B [K,N], optional C, broadcast to [M,N];
  /// transposed first where `transA` or `transB` says so.
  record Gemm(float alpha, float beta, boolean transA, boolean transB) implements Op {}

  /// Matrix product with broadcast batch axes, as numpy.matmul. Inputs: A, B.
  record MatMul() implements Op {}

  /// Inference-mode batch normalization over axis 1. Inputs: X, scale, B, mean, var (each [C]).
  record BatchNormalization(float epsilon) implements Op {}

  /// max(x, 0).
  record Relu() implements Op {}

  /// min(max(x, min), max): ReLU6 is `new Clip(0, 6)`. Infinite bounds do not bound.
  record Clip(float min, float max) implements Op {
    /// Refuses NaN and an empty interval.
    public Clip {
      if (!(min <= max)) {
        throw new IllegalArgumentException("clip needs min <= max, but got " + min + " and " + max);
      }
    }
  }

  /// x where positive, else alpha * x.
  record LeakyRelu(float alpha) implements Op {}

  /// 1 / (1 + exp(-x)).
  record Sigmoid() implements Op {}

  /// max(0, min(1, alpha * x + beta)).
  record HardSigmoid(float alpha, float beta) implements Op {}

  /// x * max(0, min(1, x / 6 + 0.5)).
  record HardSwish() implements Op {}

  /// Hyperbolic tangent.
  record Tanh() implements Op {}

  /// Elementwise sum with numpy's broadcasting. Inputs: A, B.
  record Add() implements Op {}

  /// Elementwise product with numpy's broadcasting. Inputs: A, B.
  record Mul() implements Op {}

  /// Largest value under the window; padding never wins.
  record MaxPool(Window window, boolean ceilMode) implements Op {}

  /// Mean under the window; `countIncludePad` counts explicit padding as zeros.
  record AveragePool(Window window, boolean ceilMode, boolean countIncludePad) implements Op {}

  /// Mean over all spatial axes: [N,C,H,W] to [N,C,1,1].
  record GlobalAveragePool() implements Op {}

  /// To two axes: those before `axis` multiplied, and the others. A negative axis counts from the
  /// end.
  record Flatten(int axis) implements Op {}

  /// Inputs: data, shape (s64; 0 copies the axis unless `allowZero`, -1 is inferred).
  record Reshape(boolean allowZero) implements Op {}

  /// Axis i of the output is axis `perm[i]` of the input; an empty list reverses all axes.
  record Transpose(List<Integer> perm) implements Op {
    /// Copies the list.
    public Transpose {
      perm = List.copyOf(perm);
    }
  }

  /// Joins all inputs along `axis`.
  record Concat(int axis) implements Op {}

  /// exp(x) / sum(exp(x)) along one axis (ONNX 13; the importer rewrites older forms).
  record Softmax(int axis) implements Op {}

  /// Its input.
  record Identity() implements Op {}

  /// Its input: this is inference.
  record Dropout() implements Op {}

  /// saturate(round(x / scale) + zeroPoint). Inputs: x, scale, optional zero point of the output's
  /// type.
  ///
  /// @param axis the channel axis where the scale is a vector
  /// @param type the output's type: u8 or s8
  record QuantizeLinear(int axis, DataType type) implements Op {}

  /// (q - zeroPoint) * scale. Inputs: q, scale, optional zero point.
  ///
  /// @param axis the channel axis where the scale is a vector
  record DequantizeLinear(int axis) implements Op {}
}
