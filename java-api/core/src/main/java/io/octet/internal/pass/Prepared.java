package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import java.util.Map;

/// A folded network, with the same inputs and outputs as before. What follows from it is found when
/// somebody asks: whoever runs it needs no groups. Not for several threads.
public final class Prepared {
  private final Inferred inferred;
  private Groups groups;
  private Groups torchs;

  Prepared(Inferred inferred) {
    this.inferred = inferred;
  }

  /// The network.
  public Graph graph() {
    return inferred.graph();
  }

  /// Type and shape of each of its values, in its order.
  public Map<String, ValueInfo> values() {
    return inferred.values();
  }

  /// Its quantization groups.
  public Groups groups() {
    if (groups == null) {
      groups = Groups.of(inferred, false);
    }
    return groups;
  }

  /// Its quantization groups, as far as PyTorch's flow has them.
  public Groups torchsGroups() {
    if (torchs == null) {
      torchs = Groups.of(inferred, true);
    }
    return torchs;
  }
}
