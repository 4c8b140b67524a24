package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Callers whose stack ends at any point of a run. Each may catch the StackOverflowError and go on;
/// the session must serve the next caller as if nothing had happened.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EndOfStackTest {
  private static final int STACK = 512 * 1024;

  /// A call that may overflow the stack.
  private interface Call {
    void run() throws Exception;
  }

  /// How often a call succeeded, and how often it met the end of the stack.
  private static final class Count {
    private int done;
    private int overflown;
  }

  @Test
  void aSessionServesOnAfterRunsAtTheEndOfTheStack() throws Exception {
    try (Session session = Session.open(SmallNets.int8(1), oneAtOnce())) {
      Expected expected = new Expected(session, 1);
      assertMet(atEveryDepth(() -> expected.check(session, 0)));
      expected.check(session, 0);
    }
  }

  @Test
  void aBindingToo() throws Exception {
    try (Session session = Session.open(SmallNets.int8(1), oneAtOnce());
        Arena arena = Arena.ofShared()) {
      Expected expected = new Expected(session, 1);
      Tensor output = Tensor.allocate(arena, DataType.F32, Shape.of(1, 10));
      Binding binding = session.bind(Map.of("input", expected.input(0)), Map.of("output", output));
      assertMet(atEveryDepth(() -> session.run(binding)));
      session.run(binding);
      assertArrayEquals(expected.output(0), output.toFloats());
    }
  }

  @Test
  void plansAreMadeAndEvictedAtTheEndOfTheStackToo() throws Exception {
    try (Session session =
        Session.open(
            SmallNets.int8(1), oneAtOnce().toBuilder().memory(m -> m.maxPlans(1)).build())) {
      Expected expected = new Expected(session, 1, 2);
      int[] turn = new int[1];
      assertMet(atEveryDepth(() -> expected.check(session, turn[0]++)));
      expected.check(session, 0);
      expected.check(session, 1);
    }
  }

  private static SessionOptions oneAtOnce() {
    return SessionOptions.builder().threads(t -> t.maxConcurrentRuns(1)).build();
  }

  private static void assertMet(Count count) {
    assertTrue(count.done > 0, () -> count.overflown + " overflown, none done");
    assertTrue(count.overflown > 10, () -> count.overflown + " overflown");
  }

  /// Makes the call at the end of a stack of its own, then one frame earlier, and so on back to
  /// where it works every time.
  private static Count atEveryDepth(Call call) throws Exception {
    Count count = new Count();
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                descend(call, count);
              } catch (Throwable t) {
                failed.set(t);
              }
            },
            "end of stack",
            STACK);
    thread.start();
    thread.join();
    if (failed.get() != null) {
      throw new AssertionError("something else than an overflow", failed.get());
    }
    return count;
  }

  /// True once the call has worked 20 times in a row.
  private static boolean descend(Call call, Count count) throws Exception {
    boolean enough = false;
    try {
      enough = descend(call, count);
    } catch (StackOverflowError end) {
      count.overflown++;
    }
    if (!enough) {
      try {
        call.run();
        count.done++;
      } catch (StackOverflowError end) {
        count.overflown++;
        count.done = 0;
      }
    }
    return count.done >= 20;
  }
}
