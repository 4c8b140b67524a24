package io.octet.kernel;

import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.Objects;

/// What quantized layers have in common before they are packed. Every method changes this builder
/// and returns it.
///
/// @param <B> the layer's own builder
public abstract sealed class LayerBuilder<B extends LayerBuilder<B>>
    permits QLinear.Builder, QConv2d.Builder {
  private final String name;
  private final Tensor weight;
  private final QuantParams weightParams;
  private float[] bias = new float[0];
  private QuantParams input;
  private QuantParams output;
  private boolean floatOutput;
  private QuantParams residual;
  private boolean relu;
  private KernelOptions options = KernelOptions.defaults();

  LayerBuilder(String name, Tensor weight, QuantParams weightParams, int rank) {
    this.name = name;
    this.weightParams = weightParams;
    requireWeight(weight, rank);
    requireSymmetric(weight);
    this.weight = Tensor.of(DataType.S8, weight.toBytes(), weight.shape().sizes());
  }

  /// A bias in real units, one value for each output channel; without it there is none. It stays
  /// float: nothing rounds it.
  ///
  /// @throws IllegalArgumentException if the count differs, or a value is not finite
  public B bias(float... values) {
    long channels = weight.shape().size(0);
    if (values.length != channels) {
      throw new IllegalArgumentException(
          name + ": bias has " + values.length + " values for " + channels + " output channels");
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            name + ": bias " + i + " must be finite, but is " + values[i]);
      }
    }
    bias = values.clone();
    return self();
  }

  /// What the input's bytes stand for: u8 or s8, per tensor. It must be given.
  public B input(QuantParams params) {
    input = activation("input", params);
    return self();
  }

  /// What the output's bytes stand for: u8 or s8, per tensor. Either this or {@link #floatOutput()}
  /// must be given.
  public B output(QuantParams params) {
    output = activation("output", params);
    floatOutput = false;
    return self();
  }

  /// An output of 32-bit floats, in real units.
  public B floatOutput() {
    output = null;
    floatOutput = true;
    return self();
  }

  /// A ReLU behind bias and residual.
  public B relu() {
    relu = true;
    return self();
  }

  /// A value of the output's shape that each run adds before the ReLU: u8 or s8, per tensor, of its
  /// own parameters.
  public B residual(QuantParams params) {
    residual = activation("residual", params);
    return self();
  }

  /// Threads, shapes that are kept, and preferred backends.
  public B options(KernelOptions value) {
    options = Objects.requireNonNull(value, "options");
    return self();
  }

  abstract B self();

  final Tensor weight() {
    return weight;
  }

  final KernelOptions options() {
    return options;
  }

  /// Everything that was said.
  ///
  /// @throws IllegalStateException if input or output was left out
  final QuantizedLayer layer() {
    if (input == null) {
      throw new IllegalStateException(name + ": input(QuantParams) is missing");
    }
    if (output == null && !floatOutput) {
      throw new IllegalStateException(name + ": output(QuantParams) or floatOutput() is missing");
    }
    Weights weights = new Weights(weight, weightParams.scales(), bias);
    return new QuantizedLayer(name, weights, input, output, residual, relu);
  }

  private void requireWeight(Tensor given, int rank) {
    String wanted = rank == 2 ? "[out, in]" : "[out, in / groups, height, width]";
    if (given.type() != DataType.S8 || given.shape().rank() != rank || given.elements() == 0) {
      throw new IllegalArgumentException(
          name + ": weights must be a non-empty s8" + wanted + ", but are " + given);
    }
  }

  private void requireSymmetric(Tensor given) {
    boolean perChannel = weightParams.granularity() instanceof Granularity.PerChannel;
    boolean fits =
        !perChannel
            || weightParams.granularity().equals(new Granularity.PerChannel(0))
                && weightParams.scales().length == given.shape().size(0);
    if (weightParams.type() != DataType.S8 || !weightParams.isSymmetric() || !fits) {
      throw new IllegalArgumentException(
          name
              + ": weights "
              + given
              + " need s8 parameters with zero point 0, one scale or one for each output channel"
              + " (axis 0), but got "
              + weightParams
              + " "
              + weightParams.granularity());
    }
  }

  private QuantParams activation(String what, QuantParams params) {
    if (!params.type().isInt8() || !params.isPerTensor()) {
      throw new IllegalArgumentException(
          name + ": " + what + " must be u8 or s8 per tensor, but is " + params);
    }
    return params;
  }
}
