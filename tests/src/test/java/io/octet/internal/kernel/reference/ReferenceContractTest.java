package io.octet.internal.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.octet.testkit.Case;
import io.octet.testkit.Corners;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.Specs;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReferenceContractTest {
  static Stream<Case> everyFamily() {
    return Specs.everyKind().flatMap(family -> Case.random(20, family));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void everyFamily(Case c) {
    byte[] once = SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()).raw();
    byte[] twice = SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()).raw();
    assertArrayEquals(once, twice);
  }

  static Stream<Case> constantCorners() {
    return Stream.concat(Corners.linears(), Corners.convs());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void constantCorners(Case c) {
    int[] sums = SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()).ints();
    int[] expected = new int[sums.length];
    Arrays.fill(expected, Corners.expectedSum(c));
    assertArrayEquals(expected, sums);
  }
}
