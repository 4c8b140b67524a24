package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.Seeds;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Attention and RotaryEmbedding in all their forms are what ONNX Runtime makes of them. It has the
/// meaning that ONNX corrected after its release 1.18, whose own cases of values of three axes and
/// of shared heads say something else.
final class AttentionTest {
  private static final int CASES = 150;

  @Test
  void attentionIsWhatOnnxRuntimeMakesOfIt() throws Exception {
    for (long seed : Seeds.cases(CASES).toArray()) {
      attention(new SplittableRandom(seed), seed);
    }
  }

  private static void attention(RandomGenerator random, long seed) throws Exception {
    boolean flat = random.nextBoolean();
    long b = random.nextInt(1, 3);
    long shared = random.nextInt(1, 3);
    long heads = shared * random.nextInt(1, 4);
    long queries = random.nextInt(1, 6);
    long keys = random.nextInt(1, 6);
    long past = random.nextBoolean() ? random.nextInt(1, 4) : 0;
    long size = random.nextInt(1, 5);
    long valueSize = random.nextInt(1, 5);
    Map<String, Tensor> given = new LinkedHashMap<>();
    given.put("q", values(random, flat, b, heads, queries, size));
    given.put("k", values(random, flat, b, shared, keys, size));
    given.put("v", values(random, flat, b, shared, keys, valueSize));
    String mask = "_";
    if (random.nextBoolean()) {
      mask = "m";
      long[] sizes =
          random.nextBoolean()
              ? new long[] {queries, past + keys}
              : new long[] {b, random.nextBoolean() ? heads : 1, queries, past + keys};
      given.put("m", random.nextBoolean() ? truths(random, sizes) : floats(random, sizes));
    }
    String inputs = "q k v " + mask;
    if (past > 0) {
      inputs += " pk pv";
      given.put("pk", floats(random, b, shared, past, size));
      given.put("pv", floats(random, b, shared, past, valueSize));
    }
    List<AttributeProto> attributes = new ArrayList<>();
    if (flat) {
      attributes.add(attribute("q_num_heads", heads));
      attributes.add(attribute("kv_num_heads", shared));
    }
    // A single query it lets see all keys, which is right where it is the last of them.
    attributes.add(attribute("is_causal", queries == 1 ? 0 : random.nextInt(2)));
    if (random.nextBoolean()) {
      attributes.add(attribute("scale", 0.3f));
    }
    attributes.add(attribute("softcap", random.nextBoolean() ? 0.7f : 0f));
    int outputs = random.nextInt(past > 0 ? 3 : 1, 5); // it needs a place for what it joins
    if (outputs == 4) {
      attributes.add(attribute("qk_matmul_output_mode", random.nextInt(4)));
    }
    List<String> made = List.of("y", "key", "value", "scores").subList(0, outputs);
    OnnxModel model = model(23, given);
    model.node(
        "Attention", inputs, String.join(" ", made), attributes.toArray(AttributeProto[]::new));
    made.forEach(model::openOutput);
    assertAnswersAsOnnxRuntime(model, given, seed + " " + given + " " + attributes);
  }

  @Test
  void rotaryEmbeddingIsWhatOnnxRuntimeMakesOfIt() throws Exception {
    for (long seed : Seeds.cases(60).toArray()) {
      RandomGenerator random = new SplittableRandom(seed);
      boolean flat = random.nextBoolean();
      long b = random.nextInt(1, 3);
      long heads = random.nextInt(1, 4);
      long steps = random.nextInt(1, 5);
      long size = 8L * random.nextInt(1, 3);
      boolean part = random.nextBoolean();
      long pairs = part ? size / 4 : size / 2;
      boolean places = random.nextBoolean();
      Map<String, Tensor> given = new LinkedHashMap<>();
      given.put("x", values(random, flat, b, heads, steps, size));
      long[] table = places ? new long[] {9, pairs} : new long[] {b, steps, pairs};
      given.put("cos", floats(random, table));
      given.put("sin", floats(random, table));
      if (places) {
        long[] at = random.longs(b * steps, 0, 9).toArray();
        given.put("at", Tensor.of(at, b, steps));
      }
      List<AttributeProto> attributes = new ArrayList<>();
      attributes.add(attribute("interleaved", random.nextInt(2)));
      attributes.add(attribute("num_heads", heads));
      if (part) {
        attributes.add(attribute("rotary_embedding_dim", 2 * pairs));
      }
      OnnxModel model = model(23, given);
      model.node(
          "RotaryEmbedding",
          places ? "x cos sin at" : "x cos sin",
          "y",
          attributes.toArray(AttributeProto[]::new));
      model.openOutput("y");
      assertAnswersAsOnnxRuntime(model, given, seed + " " + attributes);
    }
  }

  static OnnxModel model(int opset, Map<String, Tensor> given) {
    OnnxModel model = new OnnxModel(opset);
    given.forEach((name, tensor) -> model.input(name, type(tensor.type()), dims(tensor)));
    return model;
  }

  private static Object[] dims(Tensor tensor) {
    return java.util.Arrays.stream(tensor.shape().sizes()).boxed().toArray();
  }

  private static TensorProto.DataType type(DataType type) {
    return switch (type) {
      case F32 -> TensorProto.DataType.FLOAT;
      case BOOL -> TensorProto.DataType.BOOL;
      case S32 -> TensorProto.DataType.INT32;
      case S64 -> TensorProto.DataType.INT64;
      case U8, S8, F16, BF16, F64 -> throw new IllegalArgumentException(type.toString());
    };
  }

  static void assertAnswersAsOnnxRuntime(OnnxModel model, Map<String, Tensor> given, String what)
      throws Exception {
    Map<String, Tensor> expected;
    try (OrtRunner ort = new OrtRunner(model.bytes())) {
      expected = ort.run(given);
    }
    try (Session session = Session.open(Onnx.read(model.bytes()));
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> actual = session.run(given, arena);
      expected.forEach(
          (name, e) -> {
            Tensor a = actual.get(name);
            assertEquals(e.shape(), a.shape(), what);
            for (long i = 0; i < e.elements(); i++) {
              double x = e.getReal(i);
              double y = a.getReal(i);
              boolean same = x == y || x < -1e30 && y < -1e30; // masks of one kind or another
              assertTrue(
                  same || Math.abs(x - y) <= 1e-5 * Math.max(1, Math.abs(x)),
                  () -> what + " " + name + ": " + x + ", but " + y);
            }
          });
    }
  }

  static Tensor values(
      RandomGenerator random, boolean flat, long batch, long heads, long steps, long size) {
    return flat
        ? floats(random, batch, steps, heads * size)
        : floats(random, batch, heads, steps, size);
  }

  static Tensor floats(RandomGenerator random, long... sizes) {
    float[] values = new float[(int) Shape.of(sizes).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return Tensor.of(values, sizes);
  }

  /// At least the first of each row holds: what has nothing to attend to is nobody's to define.
  private static Tensor truths(RandomGenerator random, long... sizes) {
    byte[] values = new byte[(int) Shape.of(sizes).elements()];
    long row = sizes[sizes.length - 1];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (i % row == 0 ? 1 : random.nextInt(2));
    }
    return Tensor.of(DataType.BOOL, values, sizes);
  }
}
