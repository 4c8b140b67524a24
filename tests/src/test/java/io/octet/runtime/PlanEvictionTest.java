package io.octet.runtime;

import io.octet.graph.Graph;
import io.octet.testkit.SmallNets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Far more shapes than plans, from several threads: plans come and go under their users' hands.
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PlanEvictionTest {
  private static final int THREADS = 6;
  private static final Graph NET = SmallNets.int8(1);

  @ParameterizedTest(name = "at most {0} plans")
  @ValueSource(ints = {1, 2, 5})
  void everyAnswerIsRightWhilePlansAreEvicted(int maxPlans) throws Exception {
    int[] batches = {1, 2, 3, 4, 5, 6, 7, 8};
    Expected expected;
    try (Session roomy = Session.open(NET)) {
      expected = new Expected(roomy, batches);
    }
    SessionOptions options =
        SessionOptions.builder()
            .memory(m -> m.maxPlans(maxPlans))
            .threads(t -> t.maxConcurrentRuns(4))
            .build();
    try (Session session = Session.open(NET, options);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> callers = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int first = t;
        callers.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    expected.check(session, first * i + first);
                  }
                }));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
  }
}
