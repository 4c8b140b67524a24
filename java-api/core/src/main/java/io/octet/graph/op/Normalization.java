package io.octet.graph.op;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// What brings values to a common scale: by statistics that were learned, or by those of the values
/// themselves.
public sealed interface Normalization extends Op {
  /// Inference-mode batch normalization over axis 1. Inputs: X, scale, B, mean, var (each `[C]`).
  record BatchNormalization(float epsilon) implements Normalization {}

  /// exp(x) / sum(exp(x)) along one axis (ONNX 13; the importer rewrites older forms).
  record Softmax(int axis) implements Normalization {}

  /// The logarithm of Softmax.
  record LogSoftmax(int axis) implements Normalization {}

  /// 1 where the first of the largest along one axis stands, and 0 elsewhere.
  record Hardmax(int axis) implements Normalization {}

  /// `(x - mean) / sqrt(variance + epsilon) * scale + B`, the statistics being those over the axes
  /// from `axis` on. Inputs: X, scale, optional B, which broadcast to these axes. Outputs: Y, and
  /// where they are wanted the means and `1 / sqrt(variance + epsilon)`, with axes of size 1. Ba,
  /// Kiros and Hinton, "Layer Normalization", 2016.
  record LayerNormalization(int axis, float epsilon) implements Normalization {}

  /// `x / sqrt(mean of squares + epsilon) * scale`, the mean being that over the axes from `axis`
  /// on. Inputs: X, scale, which broadcasts to these axes. Zhang and Sennrich, 2019.
  record RMSNormalization(int axis, float epsilon) implements Normalization {}

  /// As {@link LayerNormalization}, the statistics being those of each channel of each image.
  /// Inputs: X `[N,C,...]`, scale and B (each `[C]`).
  record InstanceNormalization(float epsilon) implements Normalization {}

  /// As {@link LayerNormalization}, the statistics being those of each image's channels of one
  /// group. Inputs: X `[N,C,...]`, scale and B (each `[C]`: ONNX 21; the importer rewrites older
  /// forms). Wu and He, 2018.
  record GroupNormalization(int groups, float epsilon) implements Normalization {
    /// Refuses less than one group.
    public GroupNormalization {
      if (groups < 1) {
        throw new IllegalArgumentException("num_groups is " + groups);
      }
    }
  }

  /// `x / (bias + alpha / size * sum of squares) ^ beta`, the sum being over the `size` channels
  /// around each, as far as there are some. Krizhevsky et al., 2012.
  record LRN(int size, float alpha, float beta, float bias) implements Normalization {
    /// Refuses less than one channel.
    public LRN {
      if (size < 1) {
        throw new IllegalArgumentException("size is " + size);
      }
    }
  }

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("BatchNormalization")
            .in("T", "X", "scale", "bias", "mean", "variance")
            .out("T", "Y")
            .where("T", Signature.FLOATS),
        plain("Softmax"),
        plain("LogSoftmax"),
        plain("Hardmax"),
        Signature.of("LayerNormalization") // Before ONNX 17 it is ONNX Runtime's own.
            .in("T", "X", "scale")
            .optional("T", "B")
            .out("T", "Y")
            .out("U", "Mean")
            .out("U", "InvStdDev")
            .where("T", Signature.FLOATS)
            .where("U", DataType.F32),
        Signature.of("RMSNormalization")
            .since(23)
            .in("T", "X", "scale")
            .out("T", "Y")
            .where("T", Signature.FLOATS),
        affine("InstanceNormalization").since(6),
        affine("GroupNormalization").since(18),
        plain("LRN"));
  }

  private static Signature plain(String name) {
    return Signature.of(name).in("T", "X").out("T", "Y").where("T", Signature.FLOATS);
  }

  private static Signature affine(String name) {
    return Signature.of(name).in("T", "X", "scale", "B").out("T", "Y").where("T", Signature.FLOATS);
  }

  @Override
  default Traits traits() {
    boolean int8 = signature().int8();
    return switch (this) {
      case BatchNormalization _ -> new Traits(Values.NEW, Axes.CHANNELS, int8, Set.of(1, 2, 3, 4));
      case Softmax _, LogSoftmax _, Hardmax _, LayerNormalization _, RMSNormalization _ ->
          Traits.of(Values.NEW, Axes.ORDERED, int8);
      case InstanceNormalization _, GroupNormalization _, LRN _ ->
          Traits.of(Values.NEW, Axes.ORDERED, int8);
    };
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    switch (this) {
      case BatchNormalization _ -> requireVectors(in, "scale", "bias", "mean", "variance");
      case InstanceNormalization _ -> requireVectors(in, "scale", "bias");
      case GroupNormalization(int groups, float _) -> requireGroups(in, groups);
      case LRN _ -> requireVectors(in);
      case Softmax(int axis) -> in.axis(0, axis);
      case LogSoftmax(int axis) -> in.axis(0, axis);
      case Hardmax(int axis) -> in.axis(0, axis);
      case LayerNormalization(int axis, float _) -> {
        return List.of(made(in, axis), statistics(in, axis), statistics(in, axis));
      }
      case RMSNormalization(int axis, float _) -> {
        return List.of(made(in, axis));
      }
    }
    return in.result(in.type(0), in.shape(0));
  }

  /// The result of what normalizes over the axes from `axis` on.
  private static ValueInfo made(Operands in, int axis) {
    Shape x = in.shape(0);
    Shape normalized = new Shape(x.dims().subList(in.axis(0, axis), x.rank()));
    in.requireBroadcast(1, "scale", normalized);
    in.requireBroadcast(2, "bias", normalized);
    return new ValueInfo("", in.type(0), x);
  }

  private static ValueInfo statistics(Operands in, int axis) {
    List<Dim> dims = new ArrayList<>(in.shape(0).dims());
    Collections.fill(dims.subList(in.axis(0, axis), dims.size()), Dim.of(1));
    return new ValueInfo("", DataType.F32, new Shape(dims));
  }

  private static void requireGroups(Operands in, int groups) {
    requireVectors(in, "scale", "bias");
    OptionalLong channels = in.shape(0).dim(1).number();
    if (channels.isPresent() && channels.getAsLong() % groups != 0) {
      throw in.invalid(channels.getAsLong() + " channels do not make " + groups + " groups");
    }
  }

  /// Checks for a channel axis, and that further inputs have a number for each channel.
  private static void requireVectors(Operands in, String... names) {
    Shape x = in.shape(0);
    if (x.rank() < 2) {
      throw in.invalid("needs a channel axis, but input is " + x);
    }
    for (int i = 0; i < names.length; i++) {
      in.requireVector(i + 1, names[i], x.dim(1));
    }
  }
}
