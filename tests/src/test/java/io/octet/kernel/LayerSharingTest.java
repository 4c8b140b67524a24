package io.octet.kernel;

import static io.octet.kernel.Examples.conv;
import static io.octet.kernel.Examples.input;
import static io.octet.kernel.Examples.linear;
import static io.octet.kernel.Examples.output;
import static io.octet.kernel.Examples.served;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.testkit.Allocated;
import io.octet.testkit.Machine;
import io.octet.testkit.NativeMemory;
import io.octet.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// One layer and many callers: the same answers, bounded memory, and a close that harms nobody.
class LayerSharingTest {
  private static final int CALLERS = 8;

  /// A leak shows in every round; what Java's own compilers hold comes and goes.
  private static final int ROUNDS = 5;

  /// Less than 300 of the smallest objects of oneDNN.
  private static final long LEAK = 150_000;

  private static byte[] run(QConv2d conv, long batch, long size) {
    byte[] y = new byte[(int) (batch * conv.outputHeight(size) * conv.outputWidth(size) * 8)];
    conv.run(input(batch * size * size * 6), batch, size, size, MemorySegment.ofArray(y));
    return y;
  }

  private static void inThreads(Callable<?> work) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < CALLERS; t++) {
        all.add(threads.submit(work));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  @Test
  void eightThreadsOnOneLayerGetTheAnswersOfOne() throws Exception {
    KernelOptions few =
        served().toBuilder()
            .threads(t -> t.maxConcurrentRuns(3))
            .memory(m -> m.maxPlans(4))
            .build();
    long seed = Seeds.cases(1).findFirst().getAsLong();
    AtomicLong next = new AtomicLong(seed);
    try (QConv2d conv = conv().options(few).pack()) {
      byte[][] expected = new byte[9][];
      for (int size = 1; size < expected.length; size++) {
        expected[size] = run(conv, size % 3 + 1, size);
      }
      inThreads(
          () -> {
            SplittableRandom random = new SplittableRandom(next.getAndIncrement());
            for (int i = 0; i < 500; i++) {
              // Some sizes often, all of them at times: kernels come and go meanwhile.
              int size = random.nextInt(4) > 0 ? random.nextInt(1, 4) : random.nextInt(1, 9);
              assertArrayEquals(
                  expected[size], run(conv, size % 3 + 1, size), () -> Seeds.replay(seed));
            }
            return null;
          });
    }
  }

  @Test
  void twoThreadsInsideARunGiveTheSameAnswer() {
    KernelOptions two = served().toBuilder().threads(t -> t.intraOp(2)).build();
    try (QConv2d one = conv().pack();
        QConv2d both = conv().options(two).pack()) {
      assertArrayEquals(run(one, 2, 31), run(both, 2, 31));
    }
  }

  @Test
  void closingUnderLoadCompletesWhatHasBegunAndRefusesTheRest() throws Exception {
    for (int round = 0; round < 20; round++) {
      QConv2d conv =
          conv()
              .options(served().toBuilder().threads(t -> t.maxConcurrentRuns(2)).build())
              .pack(1, 9, 9);
      byte[] expected = run(conv, 1, 9);
      CountDownLatch running = new CountDownLatch(CALLERS);
      AtomicLong refused = new AtomicLong();
      Thread closer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    awaitUninterrupted(running);
                    conv.close();
                  });
      inThreads(
          () -> {
            try {
              while (true) {
                assertArrayEquals(expected, run(conv, 1, 9));
                running.countDown();
              }
            } catch (IllegalStateException closed) {
              assertTrue(closed.getMessage().contains("closed"), closed::getMessage);
              return refused.incrementAndGet();
            }
          });
      closer.join();
      assertEquals(CALLERS, refused.get());
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void closingACallersSegmentDuringItsRunIsAnExceptionAndNoCrash() throws Exception {
    try (QConv2d conv = conv().pack(1, 64, 64)) {
      for (int round = 0; round < 50; round++) {
        Arena arena = Arena.ofShared();
        MemorySegment x = arena.allocate(64 * 64 * 6);
        MemorySegment y = arena.allocate(32 * 32 * 8);
        CountDownLatch running = new CountDownLatch(1);
        Thread caller =
            Thread.ofPlatform()
                .start(
                    () ->
                        assertThrows(
                            IllegalStateException.class,
                            () -> {
                              while (true) {
                                conv.run(x, 1, 64, 64, y);
                                running.countDown();
                              }
                            }));
        running.await();
        arena.close();
        caller.join();
      }
      run(conv, 1, 64);
    }
  }

  @Test
  void batchesOfAllSizesShareThePackedWeights() {
    Machine.requireInt8(); // of native kernels
    try (QConv2d conv = conv().pack()) {
      for (int batch = 1; batch <= 40; batch++) {
        run(conv, batch, 7);
      }
      assertTrue(conv.packedForms() <= 3, () -> conv.packedForms() + " packed forms");
    }
  }

  @Test
  void anInterruptedCallerStillGetsItsAnswerAndStaysInterrupted() {
    try (QConv2d conv = conv().pack()) {
      byte[] expected = run(conv, 1, 5);
      Thread.currentThread().interrupt();
      assertArrayEquals(expected, run(conv, 1, 5));
      run(conv, 1, 6);
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void aRunWhoseSizeHasRunBeforeAllocatesNothing() {
    Machine.requireInt8(); // of native kernels
    try (Arena arena = Arena.ofConfined();
        QLinear layer = linear().residual(Examples.OUTPUT).relu().pack();
        QConv2d conv = conv().pack()) {
      MemorySegment row = arena.allocate(24);
      MemorySegment result = arena.allocate(10);
      MemorySegment image = input(2 * 36 * 6);
      MemorySegment map = output(2 * 9 * 8);
      MemorySegment other = input(25 * 6);
      MemorySegment otherMap = output(9 * 8);
      assertEquals(0, Allocated.least(2000, () -> layer.run(row, 1, result, result)));
      assertEquals(
          0,
          Allocated.least(
              2000,
              () -> {
                conv.run(image, 2, 6, 6, map);
                conv.run(other, 1, 5, 5, otherMap);
              }));
    }
  }

  @Test
  void layersThatComeAndGoLeaveMemoryFlat() {
    comeAndGo();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least >= LEAK; round++) {
      long before = NativeMemory.inUse();
      comeAndGo();
      least = Math.min(least, NativeMemory.inUse() - before);
    }
    long grown = least;
    assertTrue(grown < LEAK, () -> "native memory grew by " + grown + " bytes");
  }

  private static void comeAndGo() {
    for (int i = 0; i < 300; i++) {
      try (QConv2d conv =
          conv().options(served().toBuilder().memory(m -> m.maxPlans(1)).build()).pack()) {
        run(conv, 1, 5);
        run(conv, 1, 6); // retires the kernel for 5
      }
    }
  }

  @Test
  void resultsLandInFloatsToo() {
    try (QLinear ints = linear().pack();
        QLinear floats = linear().floatOutput().pack()) {
      MemorySegment y = MemorySegment.ofArray(new float[10]);
      byte[] quantized = new byte[10];
      floats.run(input(24), 1, y);
      ints.run(input(24), 1, MemorySegment.ofArray(quantized));
      byte[] again = new byte[10];
      Quantize.of(Examples.OUTPUT).run(y, MemorySegment.ofArray(again));
      for (int i = 0; i < again.length; i++) {
        assertEquals(quantized[i], again[i], 1, y.getAtIndex(ValueLayout.JAVA_FLOAT, i) + "");
      }
    }
  }
}
