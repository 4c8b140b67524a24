package io.octet.quant;

import io.octet.quant.observe.HistogramObserver;
import io.octet.quant.observe.Observer;
import io.octet.quant.observe.ObserverKind;
import io.octet.quant.observe.Range;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How ranges are observed and become scales. The presets named after PyTorch's engines have its
/// exact semantics (`torch.ao.quantization.get_default_qconfig`, 2.13).
///
/// @param preset "auto", "fbgemm", "x86" or "onednn"
/// @param observer what watches activations
/// @param activations how their range becomes scale and zero point
/// @param weightSteps steps between 0 and a channel's largest absolute weight: 127, or PyTorch's
///   127.5
/// @param smallestScale no range but that of zeros has a smaller scale: PyTorch's 2^-23, or the
///   smallest normal float, under which quality does not hang on the unit of the data
/// @param isFx whether observers are shared as PyTorch's FX flow shares them
public record QConfig(
    String preset,
    ObserverKind observer,
    Activations activations,
    float weightSteps,
    float smallestScale,
    boolean isFx) {

  /// How a range of activations becomes scale and zero point.
  public enum Activations {
    /// u8 with zero point 0 behind Relu, Clip from 0 or above, and what carries such values
    /// through; s8, symmetric, absmax / 127 elsewhere.
    BY_SIGN,
    /// u8, affine, the range on 0 to 255.
    AFFINE,
    /// u8, affine, the range on 0 to 127 (`reduce_range`); values beyond it still go up to 255.
    AFFINE_REDUCED
  }

  /// The default: histogram observer, the full range of 8 bits, zero points that cost nothing.
  public static QConfig auto() {
    return new QConfig(
        "auto", ObserverKind.HISTOGRAM, Activations.BY_SIGN, 127f, Float.MIN_NORMAL, false);
  }

  /// PyTorch's "fbgemm": histogram observer, activations on 0 to 127, weights absmax / 127.5.
  public static QConfig fbgemm() {
    return torch("fbgemm", Activations.AFFINE_REDUCED);
  }

  /// PyTorch's "x86", its default engine: the same as "fbgemm".
  public static QConfig x86() {
    return torch("x86", Activations.AFFINE_REDUCED);
  }

  /// PyTorch's "onednn": histogram observer, activations on 0 to 255, weights absmax / 127.5.
  public static QConfig onednn() {
    return torch("onednn", Activations.AFFINE);
  }

  private static QConfig torch(String name, Activations activations) {
    return new QConfig(
        name, ObserverKind.HISTOGRAM, activations, 127.5f, QuantMath.TORCH_SMALLEST_SCALE, false);
  }

  /// This configuration with observers shared between the input and output of operators that
  /// preserve values, each of which feeds the shared one, as PyTorch's FX flow does.
  public QConfig fx() {
    return new QConfig(preset, observer, activations, weightSteps, smallestScale, true);
  }

  /// This configuration with another observer of activations.
  public QConfig observer(ObserverKind kind) {
    return new QConfig(preset, kind, activations, weightSteps, smallestScale, isFx);
  }

  /// "auto", "fbgemm-fx", "onednn-min_max": {@link #named} reads it back.
  public String name() {
    String kind =
        observer == ObserverKind.HISTOGRAM ? "" : "-" + observer.name().toLowerCase(Locale.ROOT);
    return preset + (isFx ? "-fx" : "") + kind;
  }

  /// The configuration of that name.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists the presets
  public static QConfig named(String name) {
    for (QConfig preset : List.of(auto(), fbgemm(), x86(), onednn())) {
      List<QConfig> variants = new ArrayList<>();
      for (ObserverKind kind : ObserverKind.values()) {
        variants.add(preset.observer(kind));
        variants.add(preset.observer(kind).fx());
      }
      for (QConfig variant : variants) {
        if (variant.name().equals(name)) {
          return variant;
        }
      }
    }
    throw new IllegalArgumentException(
        "no qconfig is called \"" + name + "\"; there are auto, fbgemm, x86 and onednn");
  }

  /// A fresh observer of activations: PyTorch's in its presets, to the last bit; in `auto` one
  /// whose range does not hang on the unit of the data.
  Observer observe() {
    boolean anyUnit = smallestScale < QuantMath.TORCH_SMALLEST_SCALE;
    return anyUnit && observer == ObserverKind.HISTOGRAM
        ? HistogramObserver.inAnyUnit()
        : Observer.of(observer);
  }

  /// Scale and zero point of an activation.
  ///
  /// @param range what its observer chose
  /// @param nonNegative whether it stands behind Relu or Clip from 0
  public QuantParams params(Range range, boolean nonNegative) {
    return switch (activations) {
      case AFFINE -> grid(255).affineParams(range.low(), range.high());
      case AFFINE_REDUCED -> grid(127).affineParams(range.low(), range.high());
      case BY_SIGN ->
          nonNegative
              ? grid(255).affineParams(0, range.high())
              : QuantParams.perTensor(
                  DataType.S8, QuantMath.symmetricScale(range.absMax(), 127, smallestScale), 0);
    };
  }

  private QuantMath.Grid grid(int last) {
    return new QuantMath.Grid(DataType.U8, 0, last, smallestScale);
  }
}
