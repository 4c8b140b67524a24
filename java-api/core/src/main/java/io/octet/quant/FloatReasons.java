package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Recurrence;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Resampling;
import io.octet.graph.op.Scanning;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Traits;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.Interval;
import io.octet.tensor.Shape;
import java.util.Map;

/// Why a node stays FP32.
///
/// @param graph the graph that it stands in
/// @param values that graph's values
record FloatReasons(Graph graph, Map<String, ValueInfo> values) {
  String of(Node node) {
    return switch (node.op()) {
      case Convolution _ when node.op().traits().int8() -> layer(node);
      case Product.MatMulInteger _ -> "it computes on integers";
      case Product.Gemm gemm -> gemm.transA() ? "it transposes its data" : layer(node);
      case Product.MatMul _ -> product(node);
      case Binary.Add _ -> "a sum with a constant stays FP32";
      case Normalization.BatchNormalization _ -> "no layer stands before it that could take it in";
      case Unary _ when Interval.of(node.op()).isPresent() ->
          "no quantized operator stands before it";
      case Quantization _ -> "it is there to change types";
      case Binary _,
          Convolution _,
          Comparison _,
          Generation _,
          Movement _,
          Normalization _,
          Pooling _,
          Recurrence _,
          Product _,
          Reduction _,
          Resampling _,
          Scanning _,
          Selection _,
          Unary _ -> {
        Traits traits = node.op().traits();
        boolean carries = traits.int8() && traits.values() != Traits.Values.NEW;
        yield carries
            ? "no quantized operator stands before or behind it"
            : node.op().name() + " stays FP32";
      }
    };
  }

  private boolean isKnown(String value) {
    return Constants.isKnown(graph, value);
  }

  private String layer(Node node) {
    if (isKnown(node.input(0))) {
      return "its data is constant";
    }
    if (!isKnown(node.input(1))) {
      return "its weights are not constant";
    }
    boolean constant = isKnown(node.input(2));
    return constant ? "its bias is no vector" : "its bias is not constant";
  }

  private String product(Node node) {
    Shape weights = values.get(node.input(1)).shape();
    if (isKnown(node.input(0))) {
      return "its constant stands on the left, where a layer has its data";
    }
    if (!isKnown(node.input(1))) {
      return "a product of two activations stays FP32";
    }
    return "its weights are " + weights + ", a layer has one matrix";
  }
}
