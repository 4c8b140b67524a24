package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Seeds;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionCloseTest {
  private static final int THREADS = 8;
  private static final Graph NET = SmallNets.int8(1);

  static LongStream seeds() {
    return Seeds.cases(60);
  }

  /// What became of one caller: right answers, and how it ended.
  private record Caller(int answers, IllegalStateException end) {}

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void closingUnderLoadCompletesWhatHasBegunAndRefusesTheRest(long seed) throws Exception {
    Random random = new Random(seed);
    SessionOptions options =
        SessionOptions.builder()
            .threads(t -> t.maxConcurrentRuns(1 + random.nextInt(THREADS)))
            .build();
    Session session = Session.open(NET, options);
    Expected expected = new Expected(session, 1, 2, 1);
    CountDownLatch running = new CountDownLatch(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Caller>> callers = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int first = t;
        callers.add(threads.submit(() -> call(session, expected, first, running)));
      }
      running.await();
      TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
      session.close();
      for (Future<Caller> caller : callers) {
        Caller ended = caller.get();
        assertTrue(ended.answers() > 0);
        assertEquals("this session is closed", ended.end().getMessage());
      }
    }
    session.close();
  }

  /// Runs until refused; a wrong answer, or any other exception, fails.
  private static Caller call(
      Session session, Expected expected, int first, CountDownLatch running) {
    for (int answers = 0; ; answers++) {
      float[] output;
      try {
        output = Expected.run(session, expected.input(first + answers));
      } catch (IllegalStateException e) {
        return new Caller(answers, e);
      }
      assertArrayEquals(expected.output(first + answers), output);
      if (answers == 0) {
        running.countDown();
      }
    }
  }

  @Test
  void severalMayCloseAtOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      Session session = Session.open(NET);
      Expected expected = new Expected(session, 1);
      CountDownLatch running = new CountDownLatch(1);
      try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
        Future<Caller> caller = threads.submit(() -> call(session, expected, 0, running));
        running.await();
        Future<?> other = threads.submit(session::close);
        Future<?> another = threads.submit(session::close);
        other.get();
        another.get();
        assertEquals("this session is closed", caller.get().end().getMessage());
      }
    }
  }

  @Test
  void aClosedSessionRefusesEveryUse() {
    Session session = Session.open(NET);
    Map<String, Tensor> inputs = Map.of("input", SmallNets.image(1, 1));
    try (Arena arena = Arena.ofConfined()) {
      Tensor output = Tensor.allocate(arena, DataType.F32, Shape.of(1, 10));
      Map<String, Tensor> outputs = Map.of("output", output);
      Binding binding = session.bind(inputs, outputs);
      session.run(binding);
      session.close();
      session.close();
      assertThrows(IllegalStateException.class, () -> session.run(binding));
      assertThrows(IllegalStateException.class, () -> session.run(inputs, arena));
      assertThrows(IllegalStateException.class, () -> session.bind(inputs, outputs));
      assertThrows(IllegalStateException.class, session::explain);
      assertThrows(IllegalStateException.class, () -> session.profile(inputs, 1));
    }
    assertEquals("input", session.inputs().getFirst().name());
    assertEquals("output", session.outputs().getFirst().name());
  }

  @Test
  void aSessionThatNeverRanClosesToo() {
    Session session = Session.open(NET);
    session.close();
    assertThrows(IllegalStateException.class, session::explain);
  }
}
