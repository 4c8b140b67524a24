package io.octet.internal.plan;

import io.octet.internal.kernel.RefusalCode;
import java.util.List;

/// What became of one node: the explanation of a plan, row by row.
///
/// @param name the node's name
/// @param op its operator
/// @param backend who runs it
/// @param kernel the implementation, in the backend's words; "view" where no byte moves, "literal"
///   where the operator runs as it is defined
/// @param int8 whether it computes on int8
/// @param types input and output types and shapes
/// @param fused names of the nodes that run inside its kernel
/// @param elided names of the Q and DQ nodes that a fusion made superfluous: a deviation from the
///   literal graph
/// @param code why it runs in FP32; null where it does not
/// @param detail the reason in words; empty where there is none
/// @param fallback whether it was forced back to FP32: its operator has int8 kernels, and its data
///   come out of DequantizeLinear
/// @param refusals of the backends that were asked before the one that runs it
public record NodePlan(
    String name,
    String op,
    String backend,
    String kernel,
    boolean int8,
    String types,
    List<String> fused,
    List<String> elided,
    RefusalCode code,
    String detail,
    boolean fallback,
    List<String> refusals) {
  /// Copies the lists.
  public NodePlan {
    fused = List.copyOf(fused);
    elided = List.copyOf(elided);
    refusals = List.copyOf(refusals);
  }
}
