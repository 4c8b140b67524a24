package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.Shape;
import io.octet.testkit.AwkwardSpecs;
import io.octet.testkit.Case;
import io.octet.testkit.Machine;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What every backend owes whoever asks it for a kernel: a refusal with a reason, or a kernel that
/// is bound, runs and is right. It never throws, and it never accepts what it cannot do.
class BackendContractTest {
  private static final ReferenceBackend ORACLE = new ReferenceBackend();
  private static final List<Backend> BACKENDS =
      List.of(ORACLE, new JvmBackend(), new OnednnBackend(), new FbgemmBackend());

  static Stream<Case> awkwardSpecs() {
    return AwkwardSpecs.families().flatMap(family -> Case.random(50, family));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("awkwardSpecs")
  void whatIsNotRefusedRunsAndIsRight(Case c) {
    for (Backend backend : BACKENDS) {
      if (isServed(backend, c.spec())) {
        SpecRunner.Output actual = SpecRunner.run(backend, c.spec(), c.inputs());
        Parity.assertMatches(c, SpecRunner.run(ORACLE, c.spec(), c.inputs()), actual);
      }
    }
  }

  @Test
  void everyRecordIsAmongThem() {
    Set<Class<?>> asked = awkwardSpecs().map(c -> c.spec().getClass()).collect(Collectors.toSet());
    assertEquals(Set.of(KernelSpec.class.getPermittedSubclasses()), asked);
  }

  @Test
  void theOracleRefusesNoneOfThemAndJavaRefusesLittle() {
    List<Case> all = awkwardSpecs().toList();
    all.forEach(c -> assertTrue(isServed(ORACLE, c.spec()), c::toString));
    long refused =
        all.stream()
            .filter(c -> !isServed(new JvmBackend(), c.spec()))
            .filter(c -> !(c.spec() instanceof KernelSpec.Conv s && s.isInt8()))
            .filter(c -> !(c.spec() instanceof KernelSpec.Linear s && s.isInt8()))
            .count();
    assertTrue(refused * 10 < all.size(), () -> refused + " of " + all.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 513})
  void asManyValuesAsOnednnJoinsAreJoinedByItAndMoreAreRefused(int count) {
    Machine.requireOnednn();
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 2));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 2L * count));
    KernelSpec spec = new KernelSpec.Concat(Collections.nCopies(count, x), y, 1);
    assertEquals(count <= 512, isServed(new OnednnBackend(), spec));
  }

  @Test
  void aScalarWithItsNoAxesExchangedIsItself() {
    TensorDesc scalar = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of());
    KernelSpec spec = new KernelSpec.Transpose(scalar, scalar, List.of());
    for (Backend backend : List.of(ORACLE, new JvmBackend(), new OnednnBackend())) {
      if (isServed(backend, spec)) {
        float[] values = SpecRunner.run(backend, spec, new float[] {3}).floats();
        assertArrayEquals(new float[] {3}, values, backend.name());
      }
    }
  }

  @Test
  void aKernelOfHundredsOfInputsIsDescribedInOneLine() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(700));
    String text = new KernelSpec.Concat(Collections.nCopies(700, x), y, 0).describe();
    assertTrue(text.endsWith(" and 692 more -> f32[700]") && text.length() < 200, text);
  }

  private static boolean isServed(Backend backend, KernelSpec spec) {
    try (WeightsCache packed = new WeightsCache()) {
      KernelContext context = new KernelContext(1, packed);
      try (Answer answer = backend.offers(spec, context)) {
        return switch (answer) {
          case Answer.Refused(RefusalCode code, String detail) -> {
            assertNotNull(code);
            assertFalse(detail.isBlank(), () -> backend.name() + " gives no reason");
            yield false;
          }
          case Answer.Offers offers -> {
            assertEquals(0, packed.size(), "nothing is packed before a kernel is made");
            assertOffersAreWhatIsMade(offers, context);
            yield true;
          }
        };
      }
    }
  }

  /// Each has its place and a name of its own, which the kernel has, too.
  private static void assertOffersAreWhatIsMade(Answer.Offers offers, KernelContext context) {
    List<Offer> all = offers.all();
    assertEquals(offers.first().implementation(), all.getFirst().implementation());
    for (int i = 0; i < all.size(); i++) {
      assertEquals(i, all.get(i).ordinal(), all::toString);
      try (Kernel kernel = all.get(i).make(context)) {
        assertEquals(all.get(i).implementation(), kernel.implementation());
      }
    }
    offers.close();
    try (Kernel again = offers.first().make(context)) {
      assertEquals(offers.first().implementation(), again.implementation());
    }
    assertEquals(all.size(), all.stream().map(Offer::implementation).distinct().count());
  }
}
