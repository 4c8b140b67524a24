package io.octet.internal.lower;

import io.octet.internal.plan.Plan;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Which layers that int8 kernels take run in FP32 all the same.
public sealed interface LayerChoice {
  /// None: the same kernels on every run of the same machine.
  record Int8() implements LayerChoice {}

  /// Those named.
  ///
  /// @param inFp32 by the name of the layer, why, in words
  record Told(Map<String, String> inFp32) implements LayerChoice {
    /// Copies the map.
    public Told {
      inFp32 = Map.copyOf(inFp32);
    }
  }

  /// Those that lose a race, each for itself.
  ///
  /// @param layers which take part, by name; the others are int8's
  record Raced(Predicate<String> layers, Race race) implements LayerChoice {}

  /// Decides between two ways to do the same work.
  @FunctionalInterface
  interface Race {
    /// Why the work is to be done in FP32, in words; null where it is int8's. Either plan is made
    /// when it is asked for, and is the asker's then.
    String fasterInFp32(Supplier<Plan> int8, Supplier<Plan> fp32);
  }
}
