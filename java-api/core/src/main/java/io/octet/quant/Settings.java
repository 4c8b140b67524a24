package io.octet.quant;

import io.octet.quant.QConfig.Activations;
import io.octet.quant.QConfig.Preset;
import io.octet.quant.QConfig.WeightScales;
import io.octet.quant.observe.Observer;
import io.octet.quant.observe.ObserverKind;
import io.octet.quant.observe.Range;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;

/// How one value is observed and quantized, and the weights of one layer: the whole graph's
/// configuration with what the node is told.
record Settings(
    Preset preset, ObserverKind observer, Activations activations, WeightScales weights) {

  /// These for a node that is told `told`.
  Settings with(NodeConfig.Int8 told) {
    return new Settings(
        preset,
        told.observer().orElse(observer),
        told.activations().orElse(activations),
        told.weights().orElse(weights));
  }

  /// A fresh observer of activations: PyTorch's in its presets, to the last bit; in `auto` one
  /// whose range does not hang on the unit of the data.
  Observer observe() {
    boolean anyUnit = preset.smallestScale() < QuantMath.TORCH_SMALLEST_SCALE;
    return anyUnit ? Observer.inAnyUnit(observer) : Observer.of(observer);
  }

  /// Scale and zero point of an activation.
  ///
  /// @param range what its observer chose
  /// @param nonNegative whether it stands behind Relu or Clip from 0
  QuantParams params(Range range, boolean nonNegative) {
    return switch (activations) {
      case AFFINE -> grid(255).affineParams(range.low(), range.high());
      case AFFINE_REDUCED -> grid(127).affineParams(range.low(), range.high());
      case SYMMETRIC -> symmetric(range);
      case BY_SIGN -> nonNegative ? grid(255).affineParams(0, range.high()) : symmetric(range);
    };
  }

  private QuantParams symmetric(Range range) {
    float scale = QuantMath.symmetricScale(range.absMax(), 127, preset.smallestScale());
    return QuantParams.perTensor(DataType.S8, scale, 0);
  }

  private QuantMath.Grid grid(int last) {
    return new QuantMath.Grid(DataType.U8, 0, last, preset.smallestScale());
  }

  /// The scale of weights with that largest absolute value, where nothing raises it.
  float weightScale(float absMax) {
    return QuantMath.symmetricScale(absMax, preset.weightSteps(), preset.smallestScale());
  }

  /// Whether that scale is the smallest one instead of what the weights ask for.
  boolean isFloored(float absMax) {
    return absMax > 0 && weightScale(absMax) > absMax / preset.weightSteps();
  }
}
