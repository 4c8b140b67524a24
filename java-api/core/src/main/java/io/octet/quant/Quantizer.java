package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.internal.pass.Prepare;
import io.octet.internal.pass.Prepared;
import io.octet.quant.CalibrationTable.FloatNode;
import java.util.List;

/// Post-training quantization in three steps: {@link #calibration} says what to observe, somebody
/// runs the float graph over samples, {@link #convert} writes the quantized graph. Nothing here
/// looks at the CPU: the same graph and table give the same bytes on every machine.
public final class Quantizer {
  private Quantizer() {}

  /// Prepares a float graph and makes the observers that it needs.
  ///
  /// @throws IllegalArgumentException if the graph is quantized already, or has no node that the
  ///   configuration names: the message says the nearest names
  /// @throws io.octet.OctetException.InvalidModel if the graph contradicts itself or holds weights
  ///   that are no numbers
  public static Calibration calibration(Graph graph, QConfig qconfig) {
    return new Calibration(plan(graph, qconfig));
  }

  /// The operators that stay FP32 in a conversion, with the reason.
  public static List<FloatNode> floatNodes(Graph graph, QConfig qconfig) {
    return plan(graph, qconfig).floatNodes();
  }

  /// The graph with explicit QuantizeLinear and DequantizeLinear nodes, under the configuration
  /// that the table holds, with what each node was told.
  ///
  /// @throws IllegalArgumentException as {@link #convert(Graph, CalibrationTable, QConfig)}
  public static Graph convert(Graph graph, CalibrationTable table) {
    return new QdqConversion(plan(graph, table.qconfig()), table).graph();
  }

  /// The graph with explicit QuantizeLinear and DequantizeLinear nodes over folded int8 weights and
  /// int32 biases. Inputs and outputs stay float and keep their names.
  ///
  /// @param graph the float graph that was calibrated, prepared or not
  /// @param table what calibration found
  /// @param qconfig the configuration that it was calibrated under
  /// @throws IllegalArgumentException if the table is of another configuration, or lacks a value of
  ///   the graph
  /// @throws io.octet.OctetException.InvalidModel if the graph contradicts itself or holds weights
  ///   that are no numbers
  public static Graph convert(Graph graph, CalibrationTable table, QConfig qconfig) {
    QuantizationPlan plan = plan(graph, qconfig);
    if (!table.qconfig().equals(plan.qconfig())) {
      throw new IllegalArgumentException(
          "the table was made under qconfig \""
              + table.qconfig()
              + "\", but \""
              + plan.qconfig()
              + "\" is asked for");
    }
    return new QdqConversion(plan, table).graph();
  }

  /// Dynamic quantization, which needs no data (PyTorch's `quantize_dynamic`): the weights of
  /// linear layers (MatMul and Gemm with known weights) become s8, and the range of their data is
  /// found in every run. Under {@link QConfig#auto()} each row, a token of a text, may have a range
  /// of its own where Octet runs the graph, which keeps more; PyTorch's presets, and other programs
  /// that read the file, take the range of all values, as ONNX's DynamicQuantizeLinear says.
  /// Everything else stays FP32. Under a static quantization convolutions run in int8, too, and
  /// layers wait for no range: this one is for transformers, whose activations have ranges that
  /// samples do not tell.
  ///
  /// @param graph the float graph, prepared or not
  /// @param qconfig how weights are quantized, and which nodes stay FP32; what it says of
  ///   activations is not looked at
  /// @return the graph with DynamicQuantizeLinear and MatMulInteger nodes, which bear the layers'
  ///   names; without any where there is no such layer
  /// @throws IllegalArgumentException if the graph is quantized already, or has no node that the
  ///   configuration names
  /// @throws io.octet.OctetException.InvalidModel if the graph contradicts itself or holds weights
  ///   that are no numbers
  public static Graph dynamic(Graph graph, QConfig qconfig) {
    requireFloat(graph);
    Prepared prepared = Prepare.prepare(graph);
    return new DynamicConversion(prepared, Told.of(qconfig, graph, prepared)).graph();
  }

  private static QuantizationPlan plan(Graph graph, QConfig qconfig) {
    requireFloat(graph);
    Prepared prepared = Prepare.prepare(graph);
    return QuantizationPlan.of(prepared, Told.of(qconfig, graph, prepared));
  }

  private static void requireFloat(Graph graph) {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Quantization) {
        throw new IllegalArgumentException("the graph is quantized already: it has " + node);
      }
    }
  }
}
