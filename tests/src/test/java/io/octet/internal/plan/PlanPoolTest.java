package io.octet.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.Unsupported;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.MemoryBudget;
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
    return make(key, MemoryBudget.unlimited());
  }

  private Plan make(int key, MemoryBudget budget) {
    if (key > 9) {
      throw new IllegalArgumentException("no plan for " + key);
    }
    List<Buffer> buffers = List.of(Buffer.input(Buffer.Kind.INPUT, 64), Buffer.value(64));
    List<Step> steps = List.of(new Step("a", StubKernel.of(-1, _ -> bind()), List.of(0), 1));
    ConstantStore constants = new ConstantStore(new WeightsCache(budget));
    return new Plan(List.of(), List.of(), buffers, steps, List.of(), constants);
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

  /// Callers are given slots in any order: the memory that an idle one keeps is there for all.
  @Test
  void anIdleSlotGivesUpItsMemoryAndThePlanStays() {
    MemoryBudget budget = new MemoryBudget(make(1).workspaceBytes(), "");
    PlanPool<Integer> two = new PlanPool<>("pool", key -> make(key, budget), 1, 2, 1);
    budget.onShortage(two::reclaimWorkspaces);
    Slot first = two.take();
    Plan plan = two.workspace(first, 1).plan();
    Slot second = two.take();
    assertThrows(Unsupported.class, () -> two.workspace(second, 1), "a run is under way");
    first.close();
    assertSame(plan, two.workspace(second, 1).plan());
    assertFalse(plan.isRetired());
    assertEquals(0, first.size());
    second.close();
    two.close(() -> {});
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
