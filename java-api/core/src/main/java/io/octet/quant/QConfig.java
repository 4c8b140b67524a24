package io.octet.quant;

import io.octet.graph.Node;
import io.octet.quant.observe.ObserverKind;
import io.octet.quant.observe.Range;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/// How ranges are observed and become scales, for a whole graph and for some of its nodes. There
/// are four presets; {@link #toBuilder()} changes one:
///
/// ```java
/// QConfig qconfig =
///     QConfig.fbgemm().toBuilder()
///         .observer(ObserverKind.MIN_MAX)
///         .node("layer4.conv1", NodeConfig.fp32())
///         .node(n -> n.op() instanceof Product, NodeConfig.int8().weights(PER_TENSOR))
///         .build();
/// ```
///
/// @param preset where it started
/// @param observer what watches activations
/// @param activations how their range becomes scale and zero point
/// @param weights how many scales the weights of a layer have
/// @param isFx whether observers are shared as PyTorch's FX flow shares them
/// @param rules what nodes are told, in order
public record QConfig(
    Preset preset,
    ObserverKind observer,
    Activations activations,
    WeightScales weights,
    boolean isFx,
    List<Rule> rules) {
  /// Copies the list.
  public QConfig {
    rules = List.copyOf(rules);
  }

  /// Where a configuration starts, with the arithmetic that it keeps. Those named after PyTorch's
  /// engines have its exact semantics (`torch.ao.quantization.get_default_qconfig`, 2.13).
  public enum Preset {
    /// Octet's own.
    AUTO(Activations.BY_SIGN, 127f, Float.MIN_NORMAL),
    /// PyTorch's "fbgemm".
    FBGEMM(Activations.AFFINE_REDUCED, 127.5f, QuantMath.TORCH_SMALLEST_SCALE),
    /// PyTorch's "x86".
    X86(Activations.AFFINE_REDUCED, 127.5f, QuantMath.TORCH_SMALLEST_SCALE),
    /// PyTorch's "onednn".
    ONEDNN(Activations.AFFINE, 127.5f, QuantMath.TORCH_SMALLEST_SCALE);

    private final Activations activations;
    private final float weightSteps;
    private final float smallestScale;

    Preset(Activations activations, float weightSteps, float smallestScale) {
      this.activations = activations;
      this.weightSteps = weightSteps;
      this.smallestScale = smallestScale;
    }

    /// This preset with nothing changed.
    public QConfig qconfig() {
      return new QConfig(
          this, ObserverKind.HISTOGRAM, activations, WeightScales.PER_CHANNEL, false, List.of());
    }

    /// Steps between 0 and the largest absolute weight: 127, or PyTorch's 127.5.
    public float weightSteps() {
      return weightSteps;
    }

    /// No range but that of zeros has a smaller scale: PyTorch's 2^-23, or the smallest normal
    /// float, under which quality does not hang on the unit of the data.
    public float smallestScale() {
      return smallestScale;
    }

    /// "fbgemm".
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// How a range of activations becomes scale and zero point.
  public enum Activations {
    /// u8 with zero point 0 behind Relu, Clip from 0 or above, and what carries such values
    /// through; s8, symmetric, absmax / 127 elsewhere.
    BY_SIGN,
    /// s8, symmetric, absmax / 127, wherever a value stands: what TensorRT takes.
    SYMMETRIC,
    /// u8, affine, the range on 0 to 255.
    AFFINE,
    /// u8, affine, the range on 0 to 127 (`reduce_range`); values beyond it still go up to 255.
    AFFINE_REDUCED
  }

  /// How many scales the weights of a layer have. They are symmetric s8 in either case.
  public enum WeightScales {
    /// One for each output channel.
    PER_CHANNEL,
    /// One for all.
    PER_TENSOR
  }

  /// What some nodes are told. Where several rules meet a node, {@link NodeConfig#then} says what
  /// holds. Nodes that are quantized as one (a layer with its Relu or Clip, a MatMul with the Add
  /// of its bias, a sum with its Relu or Clip) are told by the name of any of them.
  public sealed interface Rule {
    /// What is told.
    NodeConfig config();

    /// Tells one node.
    ///
    /// @param node its name in the graph that is calibrated
    /// @param config what it is told
    record Named(String node, NodeConfig config) implements Rule {}

    /// Tells all nodes of a kind.
    ///
    /// @param nodes asked for each node of the prepared graph: constants and BatchNormalization are
    ///   folded away, a matrix product with constant weights is a Gemm
    /// @param config what they are told
    record Where(Predicate<Node> nodes, NodeConfig config) implements Rule {}
  }

  /// The default: histogram observer, the full range of 8 bits, zero points that cost nothing.
  public static QConfig auto() {
    return Preset.AUTO.qconfig();
  }

  /// PyTorch's "fbgemm": histogram observer, activations on 0 to 127, weights absmax / 127.5.
  public static QConfig fbgemm() {
    return Preset.FBGEMM.qconfig();
  }

  /// PyTorch's "x86", its default engine: the same as "fbgemm".
  public static QConfig x86() {
    return Preset.X86.qconfig();
  }

  /// PyTorch's "onednn": histogram observer, activations on 0 to 255, weights absmax / 127.5.
  public static QConfig onednn() {
    return Preset.ONEDNN.qconfig();
  }

  /// The configuration of that name: a preset's word, with "-fx" behind it for {@link #isFx}, and
  /// "-min_max" or "-moving_average" for another observer. So are they called in old calibration
  /// tables.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists the presets
  public static QConfig named(String name) {
    return QConfigName.read(name);
  }

  /// A builder that starts from this.
  public Builder toBuilder() {
    return new Builder(this);
  }

  /// Scale and zero point of an activation, where its node is told nothing else.
  ///
  /// @param range what its observer chose
  /// @param nonNegative whether it stands behind Relu or Clip from 0
  public QuantParams params(Range range, boolean nonNegative) {
    return settings().params(range, nonNegative);
  }

  /// This with other rules.
  QConfig with(List<Rule> others) {
    return new QConfig(preset, observer, activations, weights, isFx, others);
  }

  /// What holds where a node is told nothing.
  Settings settings() {
    return new Settings(preset, observer, activations, weights);
  }

  /// "fbgemm", "fbgemm (fx, observer min_max, 2 rules for nodes)".
  @Override
  public String toString() {
    List<String> changes = new ArrayList<>();
    if (isFx) {
      changes.add("fx");
    }
    if (observer != ObserverKind.HISTOGRAM) {
      changes.add("observer " + observer.name().toLowerCase(Locale.ROOT));
    }
    if (activations != preset.activations) {
      changes.add("activations " + activations.name().toLowerCase(Locale.ROOT));
    }
    if (weights != WeightScales.PER_CHANNEL) {
      changes.add("weights " + weights.name().toLowerCase(Locale.ROOT));
    }
    if (!rules.isEmpty()) {
      changes.add(rules.size() + (rules.size() == 1 ? " rule" : " rules") + " for nodes");
    }
    return preset.word() + (changes.isEmpty() ? "" : " (" + String.join(", ", changes) + ")");
  }

  /// A configuration while it is made.
  public static final class Builder {
    private final Preset preset;
    private ObserverKind observer;
    private Activations activations;
    private WeightScales weights;
    private boolean isFx;
    private final List<Rule> rules;

    private Builder(QConfig from) {
      preset = from.preset;
      observer = from.observer;
      activations = from.activations;
      weights = from.weights;
      isFx = from.isFx;
      rules = new ArrayList<>(from.rules);
    }

    /// Another observer of activations.
    public Builder observer(ObserverKind kind) {
      observer = kind;
      return this;
    }

    /// Another way from a range of activations to scale and zero point.
    public Builder activations(Activations way) {
      activations = way;
      return this;
    }

    /// Another number of scales for the weights of a layer.
    public Builder weights(WeightScales scales) {
      weights = scales;
      return this;
    }

    /// Observers shared between the input and output of operators that preserve values, each of
    /// which feeds the shared one, as PyTorch's FX flow does.
    public Builder fx() {
      isFx = true;
      return this;
    }

    /// Tells one node. A name that the graph does not have is refused when it is calibrated.
    public Builder node(String name, NodeConfig config) {
      rules.add(new Rule.Named(name, config));
      return this;
    }

    /// Tells all nodes of the prepared graph that `nodes` picks, if any.
    public Builder node(Predicate<Node> nodes, NodeConfig config) {
      rules.add(new Rule.Where(nodes, config));
      return this;
    }

    /// The configuration.
    public QConfig build() {
      return new QConfig(preset, observer, activations, weights, isFx, rules);
    }
  }
}
