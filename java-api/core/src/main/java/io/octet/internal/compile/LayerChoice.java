package io.octet.internal.compile;

import io.octet.graph.Node;
import io.octet.internal.compile.PlanBuilder.Reason;
import io.octet.internal.kernel.RefusalCode;

/// Whether a layer that int8 kernels may take is offered to them.
@FunctionalInterface
interface LayerChoice {
  /// int8 wherever a backend runs it: the same kernels on every run of the same machine.
  LayerChoice INT8 = (plan, node) -> null;

  /// FP32, whatever int8 could do.
  LayerChoice FP32 = (plan, node) -> new Reason(RefusalCode.SLOWER_THAN_FP32, "");

  /// Why `node`, a layer whose input has been lowered, is to run in FP32; null where int8 is to be
  /// tried first.
  Reason againstInt8(PlanBuilder plan, Node node);
}
