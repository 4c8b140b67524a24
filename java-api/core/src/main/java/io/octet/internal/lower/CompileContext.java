package io.octet.internal.lower;

import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.select.KernelCache;

/// What all plans of one graph are made with.
///
/// @param facts what follows from the whole graph
/// @param weights constants of the layers, in the form that kernels take
/// @param constants those of all plans
/// @param kernels those of all plans
/// @param options what a compilation may do
/// @param choice which layers are offered to int8 kernels
public record CompileContext(
    GraphFacts facts,
    LayerWeights weights,
    ConstantStore constants,
    KernelCache kernels,
    CompileOptions options,
    LayerChoice choice) {

  public CompileContext choosing(LayerChoice other) {
    return new CompileContext(facts, weights, constants, kernels, options, other);
  }

  /// The same with constants of its own, of which nothing is to stay.
  public CompileContext trial(WeightsCache packed, ConstantStore own) {
    return new CompileContext(facts, weights.anew(own), own, kernels.anew(packed), options, choice);
  }
}
