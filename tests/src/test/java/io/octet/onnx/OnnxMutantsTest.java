package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.octet.OctetException;
import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.ModelMutant;
import io.octet.testkit.OnnxCase;
import io.octet.testkit.OnnxNodeCase;
import io.octet.testkit.ReportedModels;
import io.octet.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Models that are well-formed files and mean anything or nothing: they run on random input, or are
/// refused by an {@link OctetException} or an {@link IllegalArgumentException}, whatever stands in
/// them. What they may hold is bounded.
final class OnnxMutantsTest {
  /// Bytes that a session may hold, and elements that it is given.
  private static final long MEMORY = 1L << 28;

  private static final long ELEMENTS = 1 << 20;

  private static final SessionOptions OPTIONS =
      SessionOptions.builder()
          .memory(m -> m.limit(MEMORY))
          .checks(k -> k.refuseNan(false))
          .threads(t -> t.intraOp(1).maxConcurrentRuns(1))
          .build();

  @Test
  void mutantsRunOrAreRefused() throws IOException {
    run(Seeds.cases(2_000));
  }

  @Test
  @Tag("long")
  void aHundredThousandMutantsRunOrAreRefused() throws IOException {
    run(Seeds.cases(100_000));
  }

  private static void run(LongStream seeds) throws IOException {
    List<ModelProto> models = models();
    Map<String, Integer> outcomes = new TreeMap<>();
    Map<String, String> wrong = new TreeMap<>();
    seeds.forEach(
        seed -> {
          try {
            outcomes.merge(outcome(models, seed), 1, Integer::sum);
          } catch (RuntimeException | Error e) {
            if (wrong.putIfAbsent(place(e), e + ", " + Seeds.replay(seed)) == null) {
              System.out.println("mutant: " + place(e) + ": " + e + ", " + Seeds.replay(seed));
            }
          }
        });
    System.out.println("mutants: " + outcomes);
    assertEquals(Map.of(), wrong, "one of each place");
  }

  /// Where it was thrown: one fault of many mutants counts once.
  private static String place(Throwable thrown) {
    return Arrays.stream(thrown.getStackTrace())
        .filter(f -> f.getClassName().startsWith("io.octet"))
        .findFirst()
        .map(Object::toString)
        .orElse("nowhere");
  }

  private static List<ModelProto> models() throws IOException {
    List<ModelProto> models = new ArrayList<>();
    for (Path file : OnnxCase.all().map(OnnxCase::model).toList()) {
      models.add(ModelProto.parseFrom(Files.readAllBytes(file)));
    }
    for (String folder : List.of("folded_constants", "torch_exports")) {
      for (Path file : ReportedModels.all(folder)) {
        models.add(ModelProto.parseFrom(Files.readAllBytes(file)));
      }
    }
    for (OnnxNodeCase node : OnnxNodeCase.all("1.18")) {
      models.add(ModelProto.parseFrom(node.model()));
    }
    return models;
  }

  private static String outcome(List<ModelProto> models, long seed) {
    byte[] mutant = ModelMutant.of(models, seed);
    long start = System.nanoTime();
    try {
      Graph graph;
      try {
        graph = Onnx.read(mutant);
      } catch (OctetException _) {
        return "refused to read";
      }
      return run(graph, new SplittableRandom(seed));
    } finally {
      long seconds = (System.nanoTime() - start) / 1_000_000_000;
      if (seconds > 5) {
        System.out.println("a mutant took " + seconds + " s, " + Seeds.replay(seed));
      }
    }
  }

  /// On random numbers, with free axes of 1 to 3.
  private static String run(Graph graph, RandomGenerator random) {
    Map<String, Long> sizes = new HashMap<>();
    Map<String, Tensor> inputs = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      long[] shape = new long[input.shape().rank()];
      double elements = 1;
      for (int i = 0; i < shape.length; i++) {
        shape[i] =
            switch (input.shape().dim(i)) {
              case Dim.Fixed(long size) -> size;
              case Dim free -> sizes.computeIfAbsent(free.toString(), _ -> random.nextLong(1, 4));
            };
        elements *= shape[i];
      }
      if (elements > ELEMENTS) {
        return "too large to try";
      }
      inputs.put(input.name(), tensor(input, shape, random));
    }
    try (Session session = Session.open(graph, OPTIONS);
        Arena arena = Arena.ofConfined()) {
      session.run(inputs, arena);
      return "ran";
    } catch (OctetException | IllegalArgumentException _) {
      return "refused to run";
    }
  }

  private static Tensor tensor(ValueInfo input, long[] shape, RandomGenerator random) {
    int elements = Math.toIntExact(Shape.of(shape).elements());
    Tensor tensor =
        Tensor.wrap(
            input.type(),
            Shape.of(shape),
            MemorySegment.ofArray(new long[Math.ceilDiv(elements * input.type().bytes(), 8)])
                .asSlice(0, (long) elements * input.type().bytes()));
    for (int i = 0; i < elements; i++) {
      if (input.type().isFloat()) {
        tensor.setReal(i, random.nextGaussian());
      } else {
        tensor.setInteger(i, random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(-2, 4));
      }
    }
    return tensor;
  }
}
