package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Set;

/// What brings values to a common scale: by statistics that were learned, or along an axis.
public sealed interface Normalization extends Op {
  /// Inference-mode batch normalization over axis 1. Inputs: X, scale, B, mean, var (each `[C]`).
  record BatchNormalization(float epsilon) implements Normalization {}

  /// exp(x) / sum(exp(x)) along one axis (ONNX 13; the importer rewrites older forms).
  record Softmax(int axis) implements Normalization {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("BatchNormalization")
            .in("T", "X", "scale", "bias", "mean", "variance")
            .out("T", "Y")
            .where("T", F32),
        Signature.of("Softmax").in("T", "X").out("T", "Y").where("T", F32));
  }

  @Override
  default Traits traits() {
    return switch (this) {
      case BatchNormalization _ ->
          new Traits(Values.NEW, Axes.CHANNELS, signature().int8(), Set.of(1, 2, 3, 4));
      case Softmax _ -> Traits.of(Values.NEW, Axes.ORDERED, signature().int8());
    };
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    switch (this) {
      case BatchNormalization _ -> requireStatistics(in);
      case Softmax(int axis) -> in.axis(0, axis);
    }
    return in.result(in.type(0), in.shape(0));
  }

  private static void requireStatistics(Operands in) {
    Shape x = in.shape(0);
    if (x.rank() < 2) {
      throw in.invalid("needs a channel axis, but input is " + x);
    }
    String[] names = {"input", "scale", "bias", "mean", "variance"};
    for (int i = 1; i < names.length; i++) {
      in.requireVector(i, names[i], x.dim(1));
    }
  }
}
