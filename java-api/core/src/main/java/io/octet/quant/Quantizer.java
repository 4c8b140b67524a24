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

  private static QuantizationPlan plan(Graph graph, QConfig qconfig) {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Quantization) {
        throw new IllegalArgumentException("the graph is quantized already: it has " + node);
      }
    }
    Prepared prepared = Prepare.prepare(graph);
    return QuantizationPlan.of(prepared, Told.of(qconfig, graph, prepared));
  }
}
