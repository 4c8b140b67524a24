package io.octet.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.WeightsCache;
import io.octet.testkit.StubKernel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which plans a pool keeps, and when it makes memory for them. A key above 9 cannot be compiled.
class PlanPoolTest {
  private int bound;
  private final PlanPool<Integer> pool = new PlanPool<>("pool", this::make, 2, 1, 1);
  private Slot slot;

  private Call bind() {
    bound++;
    return new Call.Java(() -> {});
  }

  private Plan make(int key) {
    if (key > 9) {
      throw new IllegalArgumentException("no plan for " + key);
    }
    List<Buffer> buffers = List.of(Buffer.input(Buffer.Kind.INPUT, 64), Buffer.value(64));
    List<Step> steps = List.of(new Step("a", StubKernel.of(-1, _ -> bind()), List.of(0), 1));
    return new Plan(
        List.of(), List.of(), buffers, steps, List.of(), new ConstantStore(new WeightsCache()));
  }

  @BeforeEach
  void take() {
    slot = pool.take();
  }

  @AfterEach
  void close() {
    slot.close();
    pool.close(() -> {});
  }

  @Test
  void aPlanThatIsOnlyReadHasNoMemory() {
    Plan plan = pool.plan(slot, 1);
    assertEquals(0, bound);
    assertEquals(0, slot.size());
    assertSame(plan, pool.workspace(slot, 1).plan());
    assertEquals(1, bound);
  }

  @Test
  void aPlanThatCannotBeMadeCostsNoOther() {
    Plan one = pool.plan(slot, 1);
    Plan two = pool.plan(slot, 2);
    for (int i = 10; i < 20; i++) {
      int key = i;
      assertThrows(IllegalArgumentException.class, () -> pool.plan(slot, key));
    }
    assertFalse(one.isRetired() || two.isRetired());
    assertSame(one, pool.plan(slot, 1));
    assertSame(two, pool.plan(slot, 2));
  }

  @Test
  void whatHasNotRunForTheLongestTimeGoesFirst() {
    Plan one = pool.plan(slot, 1);
    Plan two = pool.plan(slot, 2);
    do {
      pool.workspace(slot, 1).run();
    } while (one.lastUse() <= two.lastUse());
    Plan three = pool.plan(slot, 3);
    assertTrue(two.isRetired());
    assertFalse(one.isRetired() || three.isRetired());
    assertNotSame(two, pool.plan(slot, 2));
  }

  @Test
  void theNewestStaysHoweverBusyTheOthersAre() {
    Workspace[] busy = new Workspace[1];
    PlanPool<Integer> small = new PlanPool<>("pool", key -> makeWhile(busy[0], key), 1, 1, 1);
    Slot own = small.take();
    busy[0] = small.workspace(own, 4);
    Plan second = small.plan(own, 5);
    assertTrue(busy[0].plan().isRetired());
    assertFalse(second.isRetired());
    own.close();
    small.close(() -> {});
  }

  /// A plan that is older than the last run of `busy`.
  private Plan makeWhile(Workspace busy, int key) {
    Plan plan = make(key);
    while (busy != null && busy.plan().lastUse() <= plan.lastUse()) {
      busy.run();
    }
    return plan;
  }
}
