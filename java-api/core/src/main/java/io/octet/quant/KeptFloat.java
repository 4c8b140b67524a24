package io.octet.quant;

import io.octet.graph.Node;
import io.octet.internal.pass.Group;
import io.octet.internal.pass.Prepared;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The nodes that stay FP32 because the configuration says so, with the reason: those that are told
/// so, and the sums, pools and moves before them, up to the layers that make their data. So they
/// read numbers that were never rounded: a node in FP32 that reads rounded ones would be one that
/// fell back.
final class KeptFloat {
  static final String TOLD = "told so by the qconfig";

  private final Prepared prepared;
  private final Told told;
  private final Map<String, String> reasons = new HashMap<>();

  private KeptFloat(Prepared prepared, Told told) {
    this.prepared = prepared;
    this.told = told;
  }

  /// By the node's name, why it stays FP32.
  static Map<String, String> reasons(Prepared prepared, Told told) {
    KeptFloat kept = new KeptFloat(prepared, told);
    for (Node node : prepared.graph().nodes().reversed()) {
      kept.visit(node);
    }
    return kept.reasons;
  }

  /// Whoever reads what `node` makes was visited before.
  private void visit(Node node) {
    if (told.isFp32(node)) {
      reasons.put(node.name(), TOLD);
    } else if (!isOfLayer(node)) {
      readers(node).stream()
          .filter(reader -> reasons.containsKey(reader.name()))
          .findFirst()
          .ifPresent(r -> reasons.put(node.name(), "\"" + r.name() + "\" reads it, in FP32"));
    }
  }

  private boolean isOfLayer(Node node) {
    Optional<Group> group = told.groups().of(node);
    return group.flatMap(Group::layer).isPresent();
  }

  private List<Node> readers(Node node) {
    return node.outputs().stream()
        .flatMap(value -> prepared.graph().consumers(value).stream())
        .toList();
  }
}
