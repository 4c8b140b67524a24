package io.octet.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SlotsTest {
  private final Slots slots = new Slots("session", new Crew[2]);
  private final AtomicInteger frees = new AtomicInteger();
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
    first.close();
    assertEquals(first, third.get());
    second.close();
    first.close();
    slots.close(frees::incrementAndGet);
    assertEquals(1, frees.get());
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
            slot.close();
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
    Future<?> closing = threads.submit(() -> slots.close(frees::incrementAndGet));
    ExecutionException refused = assertThrows(ExecutionException.class, waiting::get);
    assertEquals(IllegalStateException.class, refused.getCause().getClass());
    assertEquals("this session is closed", refused.getCause().getMessage());
    first.close();
    assertWaits(closing);
    second.close();
    closing.get();
    assertEquals(1, frees.get());
    assertThrows(IllegalStateException.class, slots::take);
    slots.close(frees::incrementAndGet);
    assertEquals(1, frees.get());
  }

  @Test
  void whoWaitsIsServedInTheOrderOfComing() throws Exception {
    Slot first = slots.take();
    Slot second = slots.take();
    List<Integer> served = Collections.synchronizedList(new ArrayList<>());
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int index = i;
      Thread caller =
          Thread.ofPlatform()
              .start(
                  () -> {
                    Slot slot = slots.take();
                    served.add(index);
                    slot.close();
                  });
      awaitParked(caller);
      waiting.add(caller);
    }
    first.close(); // one slot goes from hand to hand; the other stays taken
    for (Thread caller : waiting) {
      caller.join();
    }
    assertEquals(IntStream.range(0, 20).boxed().toList(), served);
    second.close();
  }

  @Test
  void aNewcomerDoesNotOvertakeWhoWaits() throws Exception {
    Slot first = slots.take();
    Slot second = slots.take();
    Future<Slot> waiting = threads.submit(slots::take);
    assertWaits(waiting);
    first.close(); // belongs to the waiting one from here on, before that one has run at all
    Future<Slot> newcomer = threads.submit(slots::take);
    assertEquals(first, waiting.get());
    assertWaits(newcomer);
    second.close();
    assertEquals(second, newcomer.get());
  }

  @Test
  void theSecondOfTwoClosersReturnsOnlyWhenTheRunsHaveEndedAndAllIsFreed() throws Exception {
    Slot first = slots.take();
    CountDownLatch freeing = new CountDownLatch(1);
    Runnable slow =
        () -> {
          await(freeing);
          frees.incrementAndGet();
        };
    Future<?> one = threads.submit(() -> slots.close(slow));
    Future<?> other = threads.submit(() -> slots.close(slow));
    assertWaits(one);
    assertWaits(other);
    first.close();
    assertWaits(one);
    assertWaits(other);
    freeing.countDown();
    one.get();
    other.get();
    assertEquals(1, frees.get());
  }

  @Test
  void whatCouldNotBeFreedIsTriedAgainByTheNextToClose() {
    Runnable fails =
        () -> {
          throw new OutOfMemoryError("injected");
        };
    assertThrows(OutOfMemoryError.class, () -> slots.close(fails));
    slots.close(frees::incrementAndGet);
    assertEquals(1, frees.get());
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
                  slots.take().close();
                  interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 2);
                });
    caller.interrupt();
    assertFalse(caller.join(java.time.Duration.ofMillis(50)));
    first.close();
    caller.join();
    assertEquals(1, interrupted.get());
    second.close();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  private static void assertWaits(Future<?> future) {
    assertThrows(TimeoutException.class, () -> future.get(50, TimeUnit.MILLISECONDS));
  }
}
