package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.MemoryLimits;
import io.octet.Verify;
import io.octet.kernel.KernelOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Options are made one way: a builder, a group at a time.
final class SessionOptionsTest {
  private static final SessionOptions DEFAULTS = SessionOptions.defaults();

  @Test
  void aBuilderStartsFromTheDefaults() {
    assertEquals(DEFAULTS, SessionOptions.builder().build());
    assertEquals(DEFAULTS, DEFAULTS.toBuilder().build());
    assertEquals(KernelOptions.defaults(), KernelOptions.builder().build());
    assertEquals(DEFAULTS.threads(), KernelOptions.defaults().threads());
    assertEquals(DEFAULTS.memory(), KernelOptions.defaults().memory());
  }

  @Test
  void eachMethodChangesItsGroupAlone() {
    SessionOptions some =
        SessionOptions.builder()
            .threads(t -> t.intraOp(3).maxConcurrentRuns(5))
            .kernels(k -> k.exact(true).backends("jvm", "reference"))
            .build();
    assertEquals(3, some.threads().intraOp());
    assertEquals(5, some.threads().maxConcurrentRuns());
    assertEquals(List.of("jvm", "reference"), some.kernels().backends());
    assertEquals(DEFAULTS.memory(), some.memory());
    assertEquals(DEFAULTS.checks(), some.checks());

    SessionOptions more =
        some.toBuilder()
            .kernels(k -> k.verify(Verify.OFF).measured(true))
            .memory(m -> m.limit(1 << 20).maxPlans(2))
            .checks(c -> c.refuseNan(false).fallback(FallbackPolicy.FAIL))
            .build();
    assertEquals(some.threads(), more.threads());
    assertEquals(
        new SessionOptions.Kernels(true, List.of("jvm", "reference"), Verify.OFF, true),
        more.kernels());
    assertEquals(new MemoryLimits(1 << 20, 2), more.memory());
    assertEquals(new SessionOptions.Checks(false, FallbackPolicy.FAIL), more.checks());
    assertEquals(DEFAULTS.kernels().verify(), some.kernels().verify());
  }

  @Test
  void theSystemPropertiesAreTheDefaults() {
    String before = System.setProperty("octet.exact", "true");
    try {
      assertTrue(SessionOptions.defaults().kernels().exact());
      assertTrue(SessionOptions.builder().build().kernels().exact());
    } finally {
      if (before == null) {
        System.clearProperty("octet.exact");
      } else {
        System.setProperty("octet.exact", before);
      }
    }
  }

  @Test
  void whatIsOutOfRangeIsRefusedWhereItIsSaid() {
    assertRefused(
        "intraOp must be at least 1, but is 0",
        () -> SessionOptions.builder().threads(t -> t.intraOp(0)));
    assertRefused(
        "maxConcurrentRuns must be at least 1, but is -1",
        () -> SessionOptions.builder().threads(t -> t.maxConcurrentRuns(-1)));
    assertRefused(
        "memory limit must be at least 1, but is 0",
        () -> SessionOptions.builder().memory(m -> m.limit(0)));
    assertRefused(
        "maxPlans must be at least 1, but is 0",
        () -> KernelOptions.builder().memory(m -> m.maxPlans(0)));
    NullPointerException e =
        assertThrows(
            NullPointerException.class, () -> SessionOptions.builder().checks(_ -> null).build());
    assertEquals("checks", e.getMessage());
  }

  private static void assertRefused(String message, Executable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
  }
}
