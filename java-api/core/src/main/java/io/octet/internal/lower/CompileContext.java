package io.octet.internal.lower;

import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.select.Registry;

/// What all plans of one graph are made with.
///
/// @param facts what follows from the whole graph
/// @param weights constants of the layers, in the form that kernels take
/// @param constants those of all plans
/// @param registry who is asked for kernels
/// @param kernels what kernels share
/// @param options what a compilation may do
/// @param choice which layers are offered to int8 kernels
public record CompileContext(
    GraphFacts facts,
    LayerWeights weights,
    ConstantStore constants,
    Registry registry,
    KernelContext kernels,
    CompileOptions options,
    LayerChoice choice) {

  public CompileContext choosing(LayerChoice other) {
    return new CompileContext(facts, weights, constants, registry, kernels, options, other);
  }

  /// The same with constants of its own, of which nothing is to stay.
  public CompileContext trial(WeightsCache packed, ConstantStore own) {
    KernelContext anew = new KernelContext(kernels.threads(), packed, kernels.exact());
    return new CompileContext(facts, weights.anew(own), own, registry, anew, options, choice);
  }
}
