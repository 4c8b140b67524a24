package io.octet.internal.kernel.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.octet.graph.op.Unary;
import io.octet.graph.op.Unary.Gelu.Approximation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.testkit.Case;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.Specs;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A function that the scaling of sums takes in gives the bits that it gives as a step of its own.
class RowScalingTest {
  private static final JvmBackend JVM = new JvmBackend();

  static Stream<Case> aFunctionInsideIsTheFunctionBehind() {
    return Case.random(60, Specs::scaleSums)
        .filter(c -> ((KernelSpec.ScaleSums) c.spec()).post().ops().isEmpty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void aFunctionInsideIsTheFunctionBehind(Case c) {
    KernelSpec.ScaleSums bare = (KernelSpec.ScaleSums) c.spec();
    float[] sums = SpecRunner.run(JVM, bare, c.inputs()).floats();
    for (Unary function : new Unary[] {new Unary.Gelu(Approximation.NONE), new Unary.Neg()}) {
      float[] behind =
          SpecRunner.run(JVM, new KernelSpec.Unary(function, bare.y(), bare.y()), sums).floats();
      assertArrayEquals(
          behind, SpecRunner.run(JVM, with(bare, function), c.inputs()).floats(), c::toString);
    }
  }

  @Test
  void whatHasNoLoopStaysBehind() {
    Case c = aFunctionInsideIsTheFunctionBehind().findFirst().orElseThrow();
    KernelSpec spec = with((KernelSpec.ScaleSums) c.spec(), new Unary.Cosh());
    assertFalse(SpecRunner.tryRun(JVM, spec, c.inputs()).isPresent());
  }

  private static KernelSpec with(KernelSpec.ScaleSums s, Unary function) {
    PostOps post = PostOps.NONE.then(new PostOps.Apply(function));
    return new KernelSpec.ScaleSums(
        s.acc(), s.scale(), s.zero(), s.q(), s.y(), s.weights(), s.weightZeros(), post);
  }
}
