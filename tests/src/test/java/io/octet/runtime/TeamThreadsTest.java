package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.internal.ffi.OmpBindings;
import io.octet.kernel.KernelOptions;
import io.octet.kernel.QLinear;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import io.octet.testkit.ChildJvm;
import io.octet.testkit.Limits;
import io.octet.testkit.Machine;
import io.octet.testkit.OsThreads;
import io.octet.testkit.SmallNets;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Threads inside runs belong to the slots of a session, not to its callers.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TeamThreadsTest {
  private static final int CALLERS = 60;
  private static final Graph NET = SmallNets.int8(1);
  private static final List<String> SMALL_JVM =
      List.of(
          "-Xmx256m",
          "-XX:+UseSerialGC",
          "-XX:ReservedCodeCacheSize=64m",
          "-XX:CompressedClassSpaceSize=64m");

  @BeforeEach
  void needsOpenmp() {
    Machine.requireOnednn();
  }

  @Test
  void thereAreAsManyAsAllRunsTogetherWantWhoeverCalls() throws Exception {
    try (Session session = Session.open(NET, options(2, 8))) {
      assertEquals(16, OsThreads.named("octet session r"));
      callFromMany(session, 16);
    }
    awaitNone("octet session r");
  }

  @Test
  void oneThreadInsideARunIsTheCallersAndStartsNoOther() throws Exception {
    try (Session session = Session.open(NET, options(2, 1))) {
      callFromMany(session, 0);
    }
  }

  @Test
  void aCallerKeepsItsOwnTeam() {
    int before = OmpBindings.getMaxThreads();
    OmpBindings.setNumThreads(3);
    try (Session session = Session.open(NET, options(1, 1))) {
      new Expected(session, 1, 2).check(session, 0);
      assertEquals(3, OmpBindings.getMaxThreads());
    } finally {
      OmpBindings.setNumThreads(before);
    }
  }

  private static void callFromMany(Session session, int expected) throws Exception {
    Expected answers = new Expected(session, 1, 2);
    CountDownLatch running = new CountDownLatch(CALLERS);
    try (ExecutorService callers =
        Executors.newFixedThreadPool(CALLERS, Thread.ofPlatform().name("caller").factory())) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int index = i;
        done.add(
            callers.submit(
                () -> {
                  running.countDown();
                  running.await();
                  answers.check(session, index);
                  answers.check(session, index + 1);
                  return null;
                }));
      }
      for (Future<?> each : done) {
        each.get();
      }
      assertEquals(expected, OsThreads.named("octet session r"));
      assertEquals(CALLERS, OsThreads.named("caller")); // no team behind any of them
    }
  }

  @Test
  void aLayerByItselfHasAsManyAsItAskedFor() throws Exception {
    byte[] weights = new byte[64 * 64];
    KernelOptions options =
        KernelOptions.builder().threads(t -> t.intraOp(4).maxConcurrentRuns(2)).build();
    try (QLinear layer =
        QLinear.of(
                Tensor.of(DataType.S8, weights, 64, 64), QuantParams.perTensor(DataType.S8, 1, 0))
            .input(QuantParams.perTensor(DataType.U8, 1, 0))
            .output(QuantParams.perTensor(DataType.U8, 1, 0))
            .options(options)
            .pack(4)) {
      MemorySegment x = MemorySegment.ofArray(new byte[4 * 64]);
      MemorySegment y = MemorySegment.ofArray(new byte[4 * 64]);
      try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
        for (int i = 0; i < 8; i++) {
          callers.submit(() -> layer.run(x, 4, y)).get();
        }
      }
      assertEquals(8, OsThreads.named("octet linear la"));
    }
    awaitNone("octet linear la");
  }

  /// A thread's last moments are the system's.
  private static void awaitNone(String prefix) throws InterruptedException {
    while (OsThreads.named(prefix) > 0) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @ParameterizedTest(name = "{0} threads inside")
  @ValueSource(ints = {1, 2})
  void anInterruptedCallerGetsItsAnswerAndKeepsItsInterrupt(int threads) {
    try (Session session = Session.open(NET, options(1, threads))) {
      Expected expected = new Expected(session, 1);
      Thread.currentThread().interrupt();
      expected.check(session, 0);
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void virtualThreadsAreServedByTheSlotsThreads() throws Exception {
    try (Session session = Session.open(NET, options(2, 2));
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Expected expected = new Expected(session, 1, 3);
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int index = i;
        done.add(callers.submit(() -> expected.check(session, index)));
      }
      for (Future<?> each : done) {
        each.get();
      }
      assertEquals(4, OsThreads.named("octet session r"));
    }
  }

  @Test
  void aLackOfMemoryForThreadsIsSaidWhenTheSessionOpens() {
    assertRefused(
        ChildJvm.run(Limits.memory(3_000_000_000L), SMALL_JVM, OpenWithThreads.class, "64", "64"));
  }

  @Test
  void aLimitOnThreadsIsSaidWhenTheSessionOpens() {
    assertRefused(
        ChildJvm.run(
            Limits.memoryAndThreads(8_000_000_000L, 60),
            SMALL_JVM,
            OpenWithThreads.class,
            "64",
            "64"));
  }

  private static void assertRefused(ChildJvm.Outcome outcome) {
    List<String> said =
        outcome.expect(0).lines().filter(line -> !line.contains("[warning]")).toList();
    assertEquals(3, said.size(), outcome.out());
    for (String part : List.of("4096 threads", "64 runs", "lower maxConcurrentRuns")) {
      assertTrue(said.get(0).startsWith("refused: ") && said.get(0).contains(part), outcome.out());
    }
    assertEquals(said.get(0), said.get(1));
    assertEquals("served", said.get(2));
  }

  private static SessionOptions options(int runs, int threads) {
    return SessionOptions.builder()
        .threads(t -> t.intraOp(threads).maxConcurrentRuns(runs))
        .build();
  }
}
