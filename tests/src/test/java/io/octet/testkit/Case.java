package io.octet.testkit;

import io.octet.internal.kernel.KernelSpec;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// One spec with the values that it runs on.
///
/// @param inputs arrays in memory order, one for each of the spec's inputs
/// @param replay how to repeat it
public record Case(KernelSpec spec, Object[] inputs, String replay) {
  /// Makes one random spec.
  public interface Family {
    /// A spec of this family.
    KernelSpec spec(RandomGenerator random);
  }

  /// `count` random cases, each with a seed of its own.
  public static Stream<Case> random(int count, Family family) {
    return Seeds.cases(count)
        .mapToObj(
            seed -> {
              RandomGenerator random = new SplittableRandom(seed);
              KernelSpec spec = family.spec(random);
              return new Case(spec, Values.inputs(spec, random), Seeds.replay(seed));
            });
  }

  /// The name of a parameterized test.
  @Override
  public String toString() {
    return spec.describe() + " " + replay;
  }
}
