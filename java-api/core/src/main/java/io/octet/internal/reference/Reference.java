package io.octet.internal.reference;

import io.octet.graph.op.Op;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Objects;

/// What each operator means. Reals are computed in double and rounded once to the output's type;
/// integers are computed as 64 bits, and what a type does not hold wraps, as C's does, unless ONNX
/// says otherwise. NaN and infinities are what these computations make of them.
public final class Reference {
  private Reference() {}

  /// Computes an operator.
  ///
  /// @param inputs in ONNX's order; null, or left out at the end, where one is absent
  /// @param outputs written into: of the types and shapes that inference gives for these inputs,
  ///   and sharing no memory with them
  /// @throws IllegalArgumentException where a whole number is divided by 0, or an index is not
  ///   within its axis
  public static void evaluate(Op op, List<Tensor> inputs, List<Tensor> outputs) {
    Tensor y = outputs.getFirst();
    switch (op) {
      case io.octet.graph.op.Convolution o -> Convolution.evaluate(o, inputs, y);
      case io.octet.graph.op.Product o -> Product.evaluate(o, inputs, y);
      case io.octet.graph.op.Pooling o -> Pooling.evaluate(o, inputs.getFirst(), outputs);
      case io.octet.graph.op.Unary o -> Unary.evaluate(o, inputs.getFirst(), y);
      case io.octet.graph.op.Binary o -> Binary.evaluate(o, inputs, y);
      case io.octet.graph.op.Comparison o -> Comparison.evaluate(o, inputs, y);
      case io.octet.graph.op.Reduction o -> Reduction.evaluate(o, inputs, y);
      case io.octet.graph.op.Normalization o -> Normalization.evaluate(o, inputs, outputs);
      case io.octet.graph.op.Movement o -> Movement.evaluate(o, inputs, outputs);
      case io.octet.graph.op.Scanning o -> Scanning.evaluate(o, inputs, outputs);
      case io.octet.graph.op.Selection o -> Selection.evaluate(o, inputs, y);
      case io.octet.graph.op.Generation o -> Generation.evaluate(o, inputs, y);
      case io.octet.graph.op.Recurrence o -> Recurrence.evaluate(o, inputs, outputs);
      case io.octet.graph.op.Resampling o -> Resampling.evaluate(o, inputs, y);
      case io.octet.graph.op.Quantization o -> Quantization.evaluate(o, inputs, outputs);
    }
  }

  /// At most how many elements are read to compute an operator: of a few, far more than there are.
  ///
  /// @param inputs as {@link #evaluate}
  /// @param made how many elements the results have
  public static double reads(Op op, List<Tensor> inputs, double made) {
    double each =
        switch (op) {
          case io.octet.graph.op.Pooling o -> Pooling.taps(o, inputs.getFirst());
          case io.octet.graph.op.Product o -> Product.terms(o, inputs);
          case io.octet.graph.op.Normalization o -> Normalization.terms(o, inputs.getFirst());
          case io.octet.graph.op.Convolution _, io.octet.graph.op.Recurrence _ ->
              inputs.get(1).elements();
          case io.octet.graph.op.Unary _, io.octet.graph.op.Binary _ -> 1;
          case io.octet.graph.op.Comparison _, io.octet.graph.op.Quantization _ -> 1;
          case io.octet.graph.op.Movement _, io.octet.graph.op.Selection _ -> 1;
          case io.octet.graph.op.Generation _, io.octet.graph.op.Scanning _ -> 1;
          case io.octet.graph.op.Reduction _, io.octet.graph.op.Resampling _ -> 1;
        };
    long given = inputs.stream().filter(Objects::nonNull).mapToLong(Tensor::elements).sum();
    return given + made * each;
  }

  /// Whether the result is the first input's elements in their order, so that it may be that memory
  /// under another shape.
  public static boolean isView(Op op) {
    return op instanceof io.octet.graph.op.Movement o && Movement.isView(o);
  }

  /// Input `index`, or null where it is absent.
  static Tensor input(List<Tensor> inputs, int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }
}
