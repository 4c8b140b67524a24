package io.octet.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.WeightsCache;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
  private int closedKernels;
  private int closedInvocations;

  /// A kernel that counts what is closed, and may fail to be bound.
  private final class Counting implements Kernel {
    private final boolean fails;

    Counting(boolean fails) {
      this.fails = fails;
    }

    @Override
    public String backend() {
      return "test";
    }

    @Override
    public String implementation() {
      return "counting";
    }

    @Override
    public Invocation bind(Buffers memory) {
      if (fails) {
        throw new IllegalStateException("no memory");
      }
      return new Invocation() {
        @Override
        public void run() {}

        @Override
        public void close() {
          closedInvocations++;
        }
      };
    }

    @Override
    public void close() {
      closedKernels++;
    }
  }

  private Plan plan(boolean secondFails) {
    List<Buffer> buffers =
        List.of(Buffer.input(Buffer.Kind.INPUT, 64), Buffer.value(64), Buffer.value(64));
    List<Step> steps =
        List.of(
            new Step("a", new Counting(false), List.of(0), 1),
            new Step("b", new Counting(secondFails), List.of(1), 2));
    return new Plan(List.of(), List.of(), buffers, steps, List.of(), new WeightsCache());
  }

  @Test
  void aRetiredPlanIsFreedWithItsLastWorkspace() {
    Plan plan = plan(false);
    Plan.Workspace one = plan.newWorkspace();
    Plan.Workspace two = plan.newWorkspace();
    plan.retire();
    assertTrue(plan.isRetired());
    one.run();
    one.close();
    assertEquals(0, closedKernels);
    two.close();
    assertEquals(2, closedKernels);
    assertEquals(4, closedInvocations);
    assertFalse(plan.retain());
    assertThrows(IllegalStateException.class, plan::newWorkspace);
  }

  @Test
  void aWorkspaceThatCannotBeMadeHoldsNothing() {
    Plan plan = plan(true);
    assertThrows(IllegalStateException.class, plan::newWorkspace);
    assertEquals(1, closedInvocations);
    plan.retire();
    assertEquals(2, closedKernels);
  }
}
