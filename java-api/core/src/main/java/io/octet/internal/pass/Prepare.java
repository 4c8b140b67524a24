package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;

/// `prepare`: makes the network that is calibrated, converted and compiled. Names and types of
/// inputs and outputs stay; every pass leaves alone a value that is an output of the graph or that
/// somebody else reads. A graph that carries QuantizeLinear nodes may be prepared too: weights
/// behind a DequantizeLinear are left as they are.
public final class Prepare {
  private Prepare() {}

  /// Takes out Identity and Dropout, folds constants, takes a batch of one matrix of weights for
  /// that matrix, moves quantized constants as integers, writes every Linear as `Gemm` with weights
  /// [out, in], folds BatchNormalization and constant sums into weights and biases, and marks the
  /// quantization groups.
  ///
  /// @throws io.octet.OctetException.InvalidModel if shapes or types contradict an operator, or a
  ///   weight or scale is no finite number: the message names it
  /// @throws io.octet.OctetException.Unsupported if the constants that are computed grow beyond all
  ///   proportion to those that are given
  public static Prepared prepare(Graph graph) {
    CheckConstants.check(graph);
    GrowthBudget budget = new GrowthBudget(graph);
    Graph plain = DropIdentities.rewrite(graph);
    Graph layers = DropUnitBatches.rewrite(plain, ShapeInference.infer(plain));
    Graph folded = FoldConstants.rewrite(layers, budget);
    Graph moved = MoveDequantize.rewrite(folded, budget);
    Graph linear = ToLinear.rewrite(moved, ShapeInference.infer(moved), budget);
    Graph result = FoldIntoWeights.rewrite(linear, budget);
    return new Prepared(result, Groups.of(new Inferred(result)));
  }
}
