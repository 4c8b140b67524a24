package io.octet.runtime;

import io.octet.internal.plan.NodePlan;
import java.util.List;

/// What became of one node of a graph on this machine.
///
/// @param name the node's name; for a step that the graph does not name, the value it converts
/// @param op its ONNX operator, or "Reorder"
/// @param backend who runs it: onednn, jvm, reference, ...
/// @param kernel the implementation in the backend's words; "view" where no byte moves, "literal"
///   where the operator runs as it is defined
/// @param dtype "int8" or "fp32"
/// @param types types and shapes of inputs and output
/// @param fused names of the nodes that run inside the same kernel
/// @param elided names of Q and DQ nodes that fusion made superfluous, a deviation from the graph
///   as written; none with {@link SessionOptions.Kernels#exact()}
/// @param fallback why it runs in FP32; null where it runs in int8
/// @param fellBack whether that is a fallback: its operator has int8 kernels, and its data come out
///   of DequantizeLinear; false where the graph left it in float
/// @param refusals of the backends that were asked before the one that runs it: "name: code:
///   reason"
public record NodeReport(
    String name,
    String op,
    String backend,
    String kernel,
    String dtype,
    String types,
    List<String> fused,
    List<String> elided,
    Fallback fallback,
    boolean fellBack,
    List<String> refusals) {
  /// Why a node runs in FP32.
  ///
  /// @param code `not_quantized`, `missing_range`, `would_saturate`, `ref_kernel`,
  ///   `slower_than_fp32`, `failed_self_check`, ...
  /// @param text the reason in words, with every backend's refusal
  public record Fallback(String code, String text) {}

  static NodeReport of(NodePlan row) {
    return new NodeReport(
        row.name(),
        row.op(),
        row.backend(),
        row.kernel(),
        row.int8() ? "int8" : "fp32",
        row.types(),
        row.fused(),
        row.elided(),
        row.code() == null ? null : new Fallback(row.code().code(), row.detail()),
        row.fallback(),
        row.refusals());
  }
}
