package io.octet.runtime;

import static io.octet.nn.Layers.adaptiveAvgPool2d;
import static io.octet.nn.Layers.batchNorm2d;
import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.residual;
import static io.octet.nn.Layers.sequential;

import io.octet.graph.Graph;
import io.octet.nn.Layer;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// Many callers of several networks for a long time, while their sessions are replaced under them:
/// the program that {@link SoakTest} runs in a process with limits.
final class Soak {
  private static final int CALLERS = 16;
  private static final int[] BATCHES = {1, 2, 3, 5, 8, 1};

  /// A network, and the session that serves it at the moment.
  private record Model(String name, Graph graph, AtomicReference<Session> session) {}

  /// What an answer depends on: in FP32 also on how many threads share out a sum.
  private record Question(String model, int threads, int input) {}

  private final Map<Question, float[]> answers = new ConcurrentHashMap<>();
  private final AtomicLong runs = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final List<Model> models;
  private final List<Tensor> inputs = new ArrayList<>();
  private volatile boolean over;

  private Soak(long seed) {
    Graph resnet = resnet(seed);
    models =
        List.of(
            model("tutorial int8", SmallNets.int8(seed)),
            model("tutorial fp32", SmallNets.fp32(seed)),
            model("resnet int8", SmallNets.int8(resnet, seed)),
            model("resnet fp32", resnet));
    for (int i = 0; i < BATCHES.length; i++) {
      inputs.add(SmallNets.image(BATCHES[i], seed + i));
    }
  }

  private static Model model(String name, Graph graph) {
    return new Model(name, graph, new AtomicReference<>());
  }

  private static Graph resnet(long seed) {
    return sequential(
            conv2d(3, 16, 3).padding(1),
            batchNorm2d(16),
            relu(),
            block(16, 16, 1),
            relu(),
            block(16, 32, 2),
            relu(),
            block(32, 64, 2),
            relu(),
            adaptiveAvgPool2d(1),
            flatten(),
            linear(64, 10))
        .seed(seed)
        .input(3, 12, 12);
  }

  private static Layer block(int in, int out, int stride) {
    Layer body =
        sequential(
            conv2d(in, out, 3).stride(stride).padding(1),
            batchNorm2d(out),
            relu(),
            conv2d(out, out, 3).padding(1),
            batchNorm2d(out));
    return in == out
        ? residual(body)
        : residual(body, sequential(conv2d(in, out, 1).stride(stride), batchNorm2d(out)));
  }

  /// @param arguments minutes, and the seed
  public static void main(String[] arguments) throws InterruptedException {
    Duration length = Duration.ofSeconds((long) (60 * Double.parseDouble(arguments[0])));
    long seed = Long.parseLong(arguments[1]);
    new Soak(seed).run(length, new Random(seed));
  }

  private void run(Duration length, Random random) throws InterruptedException {
    models.forEach(model -> replace(model, random));
    SoakGauge gauge = new SoakGauge(length);
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      long own = random.nextLong();
      Thread.Builder kind = i % 4 == 0 ? Thread.ofVirtual() : Thread.ofPlatform();
      callers.add(kind.name("caller").start(() -> call(new Random(own))));
    }
    long minute = 0;
    while (!gauge.isOver()) {
      Thread.sleep(100);
      replace(models.get(random.nextInt(models.size())), random);
      gauge.read();
      if (gauge.minutes() > minute) {
        minute = gauge.minutes();
        System.err.println("soak: minute " + minute + ": " + counts() + ", " + gauge.now());
      }
    }
    over = true;
    for (Thread caller : callers) {
      caller.join();
    }
    models.forEach(model -> model.session().get().close());
    System.out.println("soak: " + counts() + ", " + gauge.summary());
  }

  private String counts() {
    return "runs=%d refused=%d opened=%d wrong=%d failed=%d"
        .formatted(runs.get(), refused.get(), opened.get(), wrong.get(), failed.get());
  }

  /// Opens another session for the model and closes the one before, whoever runs it.
  private void replace(Model model, Random random) {
    SessionOptions options =
        SessionOptions.builder()
            .checks(c -> c.fallback(FallbackPolicy.ALLOW))
            .threads(t -> t.intraOp(1 + random.nextInt(2)).maxConcurrentRuns(1 + random.nextInt(3)))
            .memory(m -> m.maxPlans(1 + random.nextInt(4)))
            .build();
    Session next = Session.open(model.graph(), options);
    opened.incrementAndGet();
    Session before = model.session().getAndSet(next);
    if (before != null) {
      before.close();
    }
  }

  private void call(Random random) {
    while (!over) {
      Model model = models.get(random.nextInt(models.size()));
      Session session = model.session().get();
      int input = random.nextInt(inputs.size());
      try {
        float[] answer =
            random.nextBoolean() ? plain(session, input) : bound(session, input, random);
        check(new Question(model.name(), session.options().threads().intraOp(), input), answer);
        runs.incrementAndGet();
      } catch (IllegalStateException closed) {
        tellIfUnexpected(closed);
      } catch (Throwable t) {
        failed.incrementAndGet();
        t.printStackTrace();
      }
    }
  }

  private void tellIfUnexpected(IllegalStateException e) {
    if ("this session is closed".equals(e.getMessage())) {
      refused.incrementAndGet();
    } else {
      failed.incrementAndGet();
      e.printStackTrace();
    }
  }

  private float[] plain(Session session, int input) {
    return Expected.run(session, inputs.get(input));
  }

  private float[] bound(Session session, int input, Random random) {
    try (Arena arena = Arena.ofConfined()) {
      Shape shape = Shape.of(inputs.get(input).shape().size(0), 10);
      Tensor output = Tensor.allocate(arena, DataType.F32, shape);
      Binding binding = session.bind(Map.of("input", inputs.get(input)), Map.of("output", output));
      for (int i = random.nextInt(4); i >= 0; i--) {
        session.run(binding);
      }
      return output.toFloats();
    }
  }

  private void check(Question question, float[] answer) {
    float[] first = answers.putIfAbsent(question, answer);
    if (first != null && !Arrays.equals(first, answer)) {
      wrong.incrementAndGet();
      System.err.println("soak: WRONG " + question);
    }
  }
}
