package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.octet.OctetException;
import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.runtime.Session;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxCase;
import io.octet.testkit.ReportedModels;
import io.octet.testkit.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Damaged models: bytes changed, cut out, doubled, put elsewhere. Whatever becomes of them, they
/// are read, or refused by an {@link OctetException}.
final class OnnxFuzzTest {
  private static final int MOST_CHANGES = 4;

  @Test
  void damagedModelsAreReadOrRefused() throws IOException {
    damage(Seeds.cases(5_000));
  }

  @Test
  @Tag("long")
  void aMillionDamagedModelsAreReadOrRefused() throws IOException {
    damage(Seeds.cases(1_000_000));
  }

  @Test
  void damagedModelsThatAreReadRunOrAreRefused() throws IOException {
    List<byte[]> models = models();
    Seeds.cases(3_000)
        .forEach(
            seed -> {
              try {
                run(Onnx.read(damaged(models, seed)));
              } catch (OctetException _) {
                // The clear refusal that is due.
              } catch (RuntimeException | Error e) {
                throw new AssertionError(e + " for a damaged model, " + Seeds.replay(seed), e);
              }
            });
  }

  /// On zeros, with every free axis 1, unless that takes much memory.
  private static void run(Graph graph) {
    Map<String, Shape> shapes = new HashMap<>();
    Map<String, Tensor> zeros = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      Shape shape =
          new Shape(
              input.shape().dims().stream()
                  .map(d -> d instanceof Dim.Symbol ? new Dim.Fixed(1) : d)
                  .toList());
      if (shape.dims().stream().anyMatch(d -> ((Dim.Fixed) d).size() > 1000)) {
        return;
      }
      byte[] bytes = new byte[Math.toIntExact(shape.elements() * input.type().bytes())];
      shapes.put(input.name(), shape);
      zeros.put(input.name(), Tensor.wrap(input.type(), shape, MemorySegment.ofArray(bytes)));
    }
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      session.run(zeros, arena);
    } catch (IllegalArgumentException e) {
      // The network may not fit into these sizes: then the shapes say so, too.
      assertThrows(
          IllegalArgumentException.class, () -> ShapeInference.infer(graph, shapes), e::toString);
    }
  }

  @Test
  void randomBytesAreRefused() {
    Seeds.cases(2_000)
        .forEach(
            seed -> {
              RandomGenerator random = new SplittableRandom(seed);
              byte[] bytes = new byte[random.nextInt(200)];
              random.nextBytes(bytes);
              readOrRefuse(bytes, seed);
            });
  }

  private static void damage(LongStream seeds) throws IOException {
    List<byte[]> models = models();
    seeds.forEach(seed -> readOrRefuse(damaged(models, seed), seed));
  }

  private static List<byte[]> models() throws IOException {
    List<Path> files = new ArrayList<>(OnnxCase.all().map(OnnxCase::model).toList());
    files.addAll(ReportedModels.all("folded_constants"));
    files.addAll(ReportedModels.all("torch_exports"));
    return files.stream().map(OnnxFuzzTest::bytes).toList();
  }

  private static byte[] damaged(List<byte[]> models, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    byte[] model = models.get(random.nextInt(models.size()));
    for (int i = random.nextInt(MOST_CHANGES); i >= 0 && model.length > 0; i--) {
      model = change(model, models, random);
    }
    return model;
  }

  private static byte[] bytes(Path model) {
    try {
      return Files.readAllBytes(model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] change(byte[] model, List<byte[]> others, RandomGenerator random) {
    byte[] changed = model.clone();
    int at = random.nextInt(model.length);
    int length = Math.min(model.length - at, random.nextInt(1, 17));
    return switch (random.nextInt(8)) {
      case 0 -> {
        changed[at] ^= (byte) (1 << random.nextInt(8));
        yield changed;
      }
      case 1 -> {
        changed[at] = (byte) random.nextInt();
        yield changed;
      }
      // The ends of a varint's range: sizes, axes and types become huge or negative.
      case 2 -> {
        Arrays.fill(changed, at, at + length, (byte) 0xff);
        changed[at + length - 1] = (byte) random.nextInt(2, 128);
        yield changed;
      }
      case 3 -> {
        Arrays.fill(changed, at, at + length, (byte) 0);
        yield changed;
      }
      case 4 -> Arrays.copyOf(model, at);
      case 5 -> splice(model, at, length, new byte[0]);
      case 6 -> splice(model, at, 0, Arrays.copyOfRange(model, at, at + length));
      default -> {
        byte[] other = others.get(random.nextInt(others.size()));
        int from = random.nextInt(other.length);
        int to = Math.min(other.length, from + length);
        yield splice(model, at, length, Arrays.copyOfRange(other, from, to));
      }
    };
  }

  private static byte[] splice(byte[] model, int at, int removed, byte[] added) {
    byte[] changed = new byte[model.length - removed + added.length];
    System.arraycopy(model, 0, changed, 0, at);
    System.arraycopy(added, 0, changed, at, added.length);
    int rest = model.length - at - removed;
    System.arraycopy(model, at + removed, changed, at + added.length, rest);
    return changed;
  }

  private static void readOrRefuse(byte[] model, long seed) {
    try {
      // What is read can be written, and read again.
      Onnx.read(Onnx.toBytes(Onnx.read(model)));
    } catch (OctetException _) {
      // The clear refusal that is due.
    } catch (RuntimeException | Error e) {
      throw new AssertionError(e + " for a damaged model, " + Seeds.replay(seed), e);
    }
  }
}
