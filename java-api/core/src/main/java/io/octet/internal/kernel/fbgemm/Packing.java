package io.octet.internal.kernel.fbgemm;

import io.octet.internal.kernel.WeightsCache;

/// Weights that are not packed yet.
interface Packing {
  /// What would run on them.
  Algorithm algorithm();

  /// Packs them, once for a session.
  PackedForm share(WeightsCache packed);
}
