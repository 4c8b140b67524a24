package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.lower.PlanBuilder.Reason;

/// Whether a layer that int8 kernels may take is offered to them.
@FunctionalInterface
public interface LayerChoice {
  /// int8 wherever a backend runs it: the same kernels on every run of the same machine.
  LayerChoice INT8 = (plan, node) -> null;

  /// FP32, whatever int8 could do.
  LayerChoice FP32 = (plan, node) -> new Reason(RefusalCode.SLOWER_THAN_FP32, "");

  /// Why `node`, a layer whose input has been lowered, is to run in FP32; null where int8 is to be
  /// tried first.
  Reason againstInt8(PlanBuilder plan, Node node);
}
