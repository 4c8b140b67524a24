package io.octet.internal.pass;

import io.octet.graph.Graph;
import java.util.List;

/// `prepare`: makes the network that is calibrated, converted and compiled. Names and types of
/// inputs and outputs stay; every pass leaves alone a value that is an output of the graph or that
/// somebody else reads. A graph that carries QuantizeLinear nodes may be prepared too: weights
/// behind a DequantizeLinear are left as they are.
public final class Prepare {
  /// The passes, in the order in which they run: each relies on those before it.
  public static final List<Pass> PASSES =
      List.of(
          new Pass("refuse what is no number", (g, _) -> CheckConstants.checked(g.graph())),
          new Pass("drop identities", (g, _) -> DropIdentities.rewrite(g.graph())),
          new Pass("resolve shapes", (g, _) -> ResolveShapes.rewrite(g)),
          new Pass("drop unit batches", (g, _) -> DropUnitBatches.rewrite(g.graph(), g.values())),
          new Pass("fold constants", (g, budget) -> FoldConstants.rewrite(g.graph(), budget)),
          new Pass("fuse normalizations", FuseLayerNorm::rewrite),
          new Pass("fuse gelus", (g, _) -> FuseGelu.rewrite(g.graph())),
          new Pass("fuse hard swishes", (g, _) -> FuseHardSwish.rewrite(g.graph())),
          new Pass("read integer products", (g, _) -> IntegerProducts.rewrite(g)),
          new Pass("move integers", (g, budget) -> MoveDequantize.rewrite(g.graph(), budget)),
          new Pass("make weights signed", SignedWeights::rewrite),
          new Pass("write linears", (g, b) -> ToLinear.rewrite(g.graph(), g.values(), b)),
          new Pass("fold into weights", (g, b) -> FoldIntoWeights.rewrite(g.graph(), b)));

  private Prepare() {}

  /// Takes out Identity and Dropout, resolves shapes that are computed, folds constants, takes sums
  /// and products that are a LayerNormalization, Gelu or HardSwish for that, a batch of one matrix
  /// of weights for that matrix, and integer products that are scaled for layers of quantized
  /// values, moves quantized constants as integers, takes weights of u8 or with zero points for s8
  /// ones, writes every Linear as `Gemm` with weights [out, in], and folds BatchNormalization and
  /// constant sums into weights and biases.
  ///
  /// @throws io.octet.OctetException.InvalidModel if shapes or types contradict an operator, or a
  ///   weight or scale is no finite number: the message names it
  /// @throws io.octet.OctetException.Unsupported if the constants that are computed grow beyond all
  ///   proportion to those that are given
  public static Prepared prepare(Graph graph) {
    GrowthBudget budget = new GrowthBudget(graph);
    Inferred at = new Inferred(graph);
    for (Pass pass : PASSES) {
      at = pass.apply(at, budget);
    }
    return new Prepared(at);
  }
}
