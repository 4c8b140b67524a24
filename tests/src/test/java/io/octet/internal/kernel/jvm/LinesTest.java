package io.octet.internal.kernel.jvm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.Reduction;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.testkit.Case;
import io.octet.testkit.Literals;
import io.octet.testkit.Seeds;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.Values;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Normalizations and reductions, whose loops in Java are others than their definitions, over odd
/// sizes and any axes.
class LinesTest {
  private static final int CASES = 150;
  private static final double TOLERANCE = 1e-6;

  static Stream<Case> loopsFollowTheDefinition() {
    return Stream.concat(Case.random(CASES, Literals::normalization), reductions());
  }

  private static Stream<Case> reductions() {
    return Seeds.cases(CASES)
        .mapToObj(
            seed -> {
              RandomGenerator random = new SplittableRandom(seed);
              int rank = random.nextInt(1, 5);
              long[] sizes =
                  LongStream.range(0, rank)
                      .map(_ -> random.nextInt(4) == 0 ? 1 : size(random))
                      .toArray();
              long[] axes =
                  LongStream.range(0, rank)
                      .filter(_ -> random.nextBoolean())
                      .map(a -> random.nextBoolean() ? a : a - rank)
                      .toArray();
              KernelSpec spec = Literals.reduction(op(random), sizes, axes);
              Object[] inputs = {Values.of(spec.inputs().getFirst(), random), axes};
              return new Case(spec, inputs, Seeds.replay(seed));
            });
  }

  private static long size(RandomGenerator random) {
    return random.nextInt(8) == 0 ? random.nextInt(70, 90) : random.nextInt(1, 12);
  }

  private static Reduction op(RandomGenerator random) {
    boolean keeps = random.nextBoolean();
    boolean noop = random.nextBoolean();
    List<Reduction> all =
        List.of(
            new Reduction.ReduceMean(keeps, noop),
            new Reduction.ReduceSum(keeps, noop),
            new Reduction.ReduceProd(keeps, noop),
            new Reduction.ReduceMax(keeps, noop),
            new Reduction.ReduceMin(keeps, noop),
            new Reduction.ReduceL1(keeps, noop),
            new Reduction.ReduceL2(keeps, noop),
            new Reduction.ReduceLogSum(keeps, noop),
            new Reduction.ReduceLogSumExp(keeps, noop),
            new Reduction.ReduceSumSquare(keeps, noop));
    return all.get(random.nextInt(all.size()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void loopsFollowTheDefinition(Case c) {
    float[] expected = SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()).floats();
    float[] actual = SpecRunner.run(new JvmBackend(), c.spec(), c.inputs()).floats();
    assertClose(expected, actual, c);
  }

  private static void assertClose(float[] expected, float[] actual, Object what) {
    for (int i = 0; i < expected.length; i++) {
      double allowed = TOLERANCE * Math.max(1, Math.abs(expected[i]));
      boolean same = Float.compare(expected[i], actual[i]) == 0;
      int at = i;
      assertTrue(
          same || Math.abs(expected[i] - actual[i]) <= allowed,
          () -> at + ": expected " + expected[at] + ", but is " + actual[at] + " of " + what);
    }
  }

  /// The mean of a line far from 0 is no float: rounded to one, all values would be off.
  @Test
  void aLineFarFromZeroKeepsItsDigits() {
    float[] x = new float[7];
    for (int i = 0; i < x.length; i++) {
      x[i] = 1e6f + i % 3;
    }
    KernelSpec spec = Literals.normalization(x.length);
    float[] scale = {1, 1, 1, 1, 1, 1, 1};
    float[] expected = SpecRunner.run(new ReferenceBackend(), spec, x, scale).floats();
    assertClose(expected, SpecRunner.run(new JvmBackend(), spec, x, scale).floats(), spec);
  }

  @Test
  void theseAreTheLoops() {
    for (Case c : Case.random(CASES, Literals::normalization).toList()) {
      KernelSpec.Literal spec = (KernelSpec.Literal) c.spec();
      assertTrue(Normalization.serves(spec), spec::describe);
    }
  }
}
