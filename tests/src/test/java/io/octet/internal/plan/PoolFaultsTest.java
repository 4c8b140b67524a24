package io.octet.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.WeightsCache;
import io.octet.testkit.StubKernel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// An error at every point where a pool calls a compiler or a kernel: whatever it is, the pool
/// keeps its slots, serves on, closes, and has freed what it made.
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PoolFaultsTest {
  private static final int SLOTS = 2;

  /// Calls until the one that throws.
  private int left;

  private Supplier<Throwable> fault;
  private Throwable thrown;
  private int kernels;
  private int invocations;

  static Stream<Arguments> faults() {
    Supplier<Throwable> overflow = StackOverflowError::new;
    Supplier<Throwable> memory = () -> new OutOfMemoryError("injected");
    Supplier<Throwable> failure = () -> new IllegalStateException("injected");
    return Stream.of(overflow, memory, failure)
        .flatMap(
            f ->
                Stream.of(1, 2)
                    .map(t -> Arguments.of(Named.of(f.get().getClass().getSimpleName(), f), t)));
  }

  private void point() {
    if (left-- == 0) {
      thrown = fault.get();
      switch (thrown) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new AssertionError(thrown);
      }
    }
  }

  private Kernel faulty() {
    kernels++;
    return new StubKernel(
        "test",
        "faulty",
        -1,
        _ -> {
          point();
          invocations++;
          return new Call.Java(
              this::point,
              () -> {
                invocations--;
                point();
              });
        },
        () -> {
          kernels--;
          point();
        });
  }

  private Plan make(int key) {
    point();
    List<Buffer> buffers =
        List.of(Buffer.input(Buffer.Kind.INPUT, 64), Buffer.value(64), Buffer.value(64));
    List<Step> steps =
        List.of(new Step("a", faulty(), List.of(0), 1), new Step("b", faulty(), List.of(1), 2));
    return new Plan(
        List.of(), List.of(), buffers, steps, List.of(), new ConstantStore(new WeightsCache()));
  }

  @ParameterizedTest(name = "{0}, {1} threads inside")
  @MethodSource("faults")
  void noErrorCostsASlotAPlanOrAWorkspace(Supplier<Throwable> kind, int threads) {
    fault = kind;
    int point = 0;
    do {
      left = point++;
      thrown = null;
      PlanPool<Integer> pool = new PlanPool<>("pool", this::make, 1, SLOTS, threads);
      for (int key : new int[] {1, 1, 2, 1, 3, 3}) {
        use(pool, key);
      }
      left = thrown == null ? left : -1;
      for (int i = 0; i < SLOTS; i++) {
        use(pool, 4);
      }
      close(pool);
      close(pool);
      String where = kind.get() + " at call " + (point - 1);
      assertEquals(0, kernels, where);
      assertEquals(0, invocations, where);
    } while (thrown != null);
    assertTrue(point > 20, point + " points");
  }

  /// Takes every slot there is, and runs on one of them; what was thrown is what was injected.
  private void use(PlanPool<Integer> pool, int key) {
    try (Slot other = pool.take();
        Slot slot = pool.take()) {
      assertFalse(other == slot);
      slot.run(pool.workspace(slot, key));
    } catch (RuntimeException | Error e) {
      assertSame(thrown, e);
    }
  }

  private void close(PlanPool<Integer> pool) {
    try {
      pool.close(() -> {});
    } catch (RuntimeException | Error e) {
      assertSame(thrown, e);
    }
  }

  @Test
  void aWorkspaceThatFailedHalfWayIsNotUsedAgain() {
    fault = StackOverflowError::new;
    PlanPool<Integer> pool = new PlanPool<>("pool", this::make, 1, 1, 1);
    left = -1;
    Workspace failed;
    try (Slot slot = pool.take()) {
      failed = pool.workspace(slot, 1);
      left = 1; // the second step's run
      assertSame(StackOverflowError.class, thrownBy(() -> slot.run(failed)).getClass());
      assertTrue(failed.isSpoilt());
    }
    assertEquals(0, invocations);
    try (Slot slot = pool.take()) {
      assertEquals(0, slot.size());
      Workspace next = pool.workspace(slot, 1);
      assertSame(failed.plan(), next.plan());
      slot.run(next);
      assertFalse(next.isSpoilt());
    }
    pool.close(() -> {});
    assertEquals(0, kernels);
  }

  private static Throwable thrownBy(Runnable call) {
    try {
      call.run();
      return null;
    } catch (Throwable t) {
      return t;
    }
  }
}
