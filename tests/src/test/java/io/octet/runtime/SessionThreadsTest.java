package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import io.octet.graph.Graph;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionThreadsTest {
  private static final int THREADS = 8;
  private static final int RUNS = 10_000;
  private static final ThreadMXBean BYTES = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// A network, how many of the eight callers run at once, and how many threads work inside a run.
  record Setting(String name, Graph graph, int maxConcurrentRuns, int intraOpThreads) {
    @Override
    public String toString() {
      return name + ", " + maxConcurrentRuns + " at once, " + intraOpThreads + " inside";
    }
  }

  static Stream<Setting> settings() {
    Graph int8 = SmallNets.int8(1);
    return Stream.of(
        new Setting("int8", int8, THREADS, 1),
        new Setting("int8", int8, 2, 1),
        new Setting("int8", int8, 1, 1),
        new Setting("int8", int8, 2, 2),
        new Setting("fp32", SmallNets.fp32(1), THREADS, 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settings")
  void eightThreadsGetTheAnswersOfOne(Setting setting) throws Exception {
    SessionOptions options =
        SessionOptions.builder()
            .threads(
                t ->
                    t.intraOp(setting.intraOpThreads())
                        .maxConcurrentRuns(setting.maxConcurrentRuns()))
            .build();
    try (Session session = Session.open(setting.graph(), options)) {
      Expected expected = new Expected(session, 1, 1, 2, 1, 3, 1);
      try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
        runAll(threads, THREADS, i -> expected.check(session, i));
      }
    }
  }

  @Test
  void twoHundredVirtualThreadsDoToo() throws Exception {
    try (Session session = Session.open(SmallNets.int8(2))) {
      Expected expected = new Expected(session, 1, 2, 1);
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        runAll(threads, 200, i -> expected.check(session, i));
      }
    }
  }

  @Test
  void eachThreadWithABindingOfItsOwnDoesToo() throws Exception {
    try (Session session = Session.open(SmallNets.int8(3));
        Arena arena = Arena.ofShared();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      Expected expected = new Expected(session, 1, 2, 1, 1);
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int index = t;
        Tensor input = expected.input(index);
        Shape shape = Shape.of(input.shape().size(0), 10);
        Tensor output = Tensor.allocate(arena, DataType.F32, shape);
        Binding binding = session.bind(Map.of("input", input), Map.of("output", output));
        tasks.add(
            () -> {
              for (int run = 0; run < RUNS / THREADS; run++) {
                output.data().fill((byte) -1);
                session.run(binding);
                assertArrayEquals(expected.output(index), output.toFloats());
              }
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }

  @Test
  void twoThreadsInsideARunGiveTheSameInInt8() {
    Graph graph = SmallNets.int8(4);
    try (Session one = Session.open(graph);
        Session two =
            Session.open(graph, SessionOptions.builder().threads(t -> t.intraOp(2)).build())) {
      Expected expected = new Expected(one, 1, 4);
      for (int i = 0; i < 200; i++) {
        expected.check(two, i);
        expected.check(one, i);
      }
    }
  }

  @Test
  void moreThreadsInsideARunLeaveRoomForFewerRuns() {
    int processors = Runtime.getRuntime().availableProcessors();
    SessionOptions options = SessionOptions.defaults();
    assertEquals(processors, options.threads().maxConcurrentRuns());
    assertEquals(
        Math.max(1, processors / 2),
        options.toBuilder().threads(t -> t.intraOp(2)).build().threads().maxConcurrentRuns());
    assertEquals(
        1,
        options.toBuilder()
            .threads(t -> t.intraOp(processors + 1))
            .build()
            .threads()
            .maxConcurrentRuns());
  }

  /// Waiting included: eight callers on two slots. What a thread allocates once, such as its place
  /// in the queue, is no part of a run; the least of several rounds is free of what Java's
  /// compilers do.
  @ParameterizedTest(name = "{0} inside")
  @ValueSource(ints = {1, 2})
  void aRunThatWaitsAllocatesNothing(int inside) throws Exception {
    SessionOptions options =
        SessionOptions.builder().threads(t -> t.intraOp(inside).maxConcurrentRuns(2)).build();
    try (Session session = Session.open(SmallNets.int8(5), options);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 10 && least > 0; round++) {
        List<Future<Long>> callers = new ArrayList<>();
        CountDownLatch begin = new CountDownLatch(THREADS);
        for (int t = 0; t < THREADS; t++) {
          callers.add(threads.submit(() -> allocated(session, begin)));
        }
        long bytes = 0;
        for (Future<Long> caller : callers) {
          bytes += caller.get();
        }
        least = Math.min(least, bytes);
      }
      assertEquals(0, least);
    }
  }

  /// Bytes that 500 runs allocated on this thread.
  private static long allocated(Session session, CountDownLatch begin) throws InterruptedException {
    Tensor output = Tensor.of(new float[10], 1, 10);
    Binding binding =
        session.bind(Map.of("input", SmallNets.image(1, 1)), Map.of("output", output));
    session.run(binding);
    begin.countDown();
    begin.await();
    long before = BYTES.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 500; i++) {
      session.run(binding);
    }
    return BYTES.getCurrentThreadAllocatedBytes() - before;
  }

  private interface Task {
    void run(int index);
  }

  /// {@link #RUNS} runs, split among `count` tasks.
  private static void runAll(ExecutorService threads, int count, Task task) throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      int first = t;
      tasks.add(
          () -> {
            for (int i = first; i < RUNS; i += count) {
              task.run(i);
            }
            return null;
          });
    }
    for (Future<Void> done : threads.invokeAll(tasks)) {
      done.get();
    }
  }
}
