package io.octet.quant;

import io.octet.quant.QConfig.Activations;
import io.octet.quant.QConfig.WeightScales;
import io.octet.quant.observe.ObserverKind;
import java.util.Objects;
import java.util.Optional;

/// What a node is told by a {@link QConfig}, beside what holds for the whole graph.
public sealed interface NodeConfig {
  /// The node stays FP32: it reads numbers that were not rounded for its sake, and what it makes is
  /// rounded only where a quantized node reads it.
  record Fp32() implements NodeConfig {}

  /// The node is quantized where it can be. What is empty is as for the whole graph. A method with
  /// a component's name gives this with another value.
  ///
  /// @param observer what watches the value that the node makes, and those that share its
  ///   parameters
  /// @param activations how that value's range becomes scale and zero point
  /// @param weights how many scales the weights of a layer have
  record Int8(
      Optional<ObserverKind> observer,
      Optional<Activations> activations,
      Optional<WeightScales> weights)
      implements NodeConfig {
    /// Checks that nothing is null.
    public Int8 {
      Objects.requireNonNull(observer, "observer");
      Objects.requireNonNull(activations, "activations");
      Objects.requireNonNull(weights, "weights");
    }

    /// This with another observer.
    public Int8 observer(ObserverKind kind) {
      return new Int8(Optional.of(kind), activations, weights);
    }

    /// This with another way from a range to scale and zero point.
    public Int8 activations(Activations way) {
      return new Int8(observer, Optional.of(way), weights);
    }

    /// This with another number of scales for weights.
    public Int8 weights(WeightScales scales) {
      return new Int8(observer, activations, Optional.of(scales));
    }

    private Int8 over(Int8 before) {
      return new Int8(
          observer.or(before::observer),
          activations.or(before::activations),
          weights.or(before::weights));
    }
  }

  /// Stays FP32.
  static Fp32 fp32() {
    return new Fp32();
  }

  /// Quantized as the whole graph is, until told otherwise.
  static Int8 int8() {
    return new Int8(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// What a node is told by two rules: the later one holds, and where both quantize it, the earlier
  /// one for what the later leaves open.
  default NodeConfig then(NodeConfig later) {
    return switch (later) {
      case Fp32 fp32 -> fp32;
      case Int8 int8 -> this instanceof Int8 before ? int8.over(before) : int8;
    };
  }
}
