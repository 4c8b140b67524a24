package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SlotsTest {
  private final Slots slots = new Slots(2, "session");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    threads.close();
  }

  @Test
  void aCallerBeyondTheLastSlotWaitsForOne() throws Exception {
    Slot first = slots.take();
    Slot second = slots.take();
    Future<Slot> third = threads.submit(slots::take);
    assertWaits(third);
    slots.giveBack(first);
    assertEquals(first, third.get());
    slots.giveBack(second);
    slots.giveBack(first);
    assertTrue(slots.close());
  }

  @Test
  void neverMoreThanTheSlotsRunAtOnce() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Runnable run =
        () -> {
          for (int i = 0; i < 500; i++) {
            Slot slot = slots.take();
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            Thread.yield();
            running.decrementAndGet();
            slots.giveBack(slot);
          }
        };
    Future<?>[] callers = new Future<?>[20];
    for (int i = 0; i < callers.length; i++) {
      callers[i] = threads.submit(run);
    }
    for (Future<?> caller : callers) {
      caller.get();
    }
    assertTrue(most.get() <= 2, () -> most + " at once");
  }

  @Test
  void closingRefusesTheWaitingAndWaitsForTheRunning() throws Exception {
    Slot first = slots.take();
    Slot second = slots.take();
    Future<Slot> waiting = threads.submit(slots::take);
    assertWaits(waiting);
    Future<Boolean> closing = threads.submit(slots::close);
    ExecutionException refused = assertThrows(ExecutionException.class, waiting::get);
    assertEquals(IllegalStateException.class, refused.getCause().getClass());
    assertEquals("this session is closed", refused.getCause().getMessage());
    slots.giveBack(first);
    assertWaits(closing);
    slots.giveBack(second);
    assertTrue(closing.get());
    assertThrows(IllegalStateException.class, slots::take);
    assertFalse(slots.close());
  }

  @Test
  void anInterruptedCallerKeepsItsPlaceAndItsInterrupt() throws Exception {
    Slot first = slots.take();
    Slot second = slots.take();
    AtomicInteger interrupted = new AtomicInteger();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  slots.giveBack(slots.take());
                  interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 2);
                });
    caller.interrupt();
    assertFalse(caller.join(java.time.Duration.ofMillis(50)));
    slots.giveBack(first);
    caller.join();
    assertEquals(1, interrupted.get());
    slots.giveBack(second);
  }

  private static void assertWaits(Future<?> future) {
    assertThrows(TimeoutException.class, () -> future.get(50, TimeUnit.MILLISECONDS));
  }
}
