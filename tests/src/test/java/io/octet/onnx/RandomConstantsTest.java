package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.graph.Graph;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Random expressions of constants: what Octet computes while it reads a model is what ONNX Runtime
/// computes when it runs it.
final class RandomConstantsTest {
  /// An expression that grows node by node.
  private static final class Expression {
    final OnnxModel model = new OnnxModel(17).input("x", "N", 1);
    final RandomGenerator random;
    final List<String> steps = new ArrayList<>();
    String value = "c0";
    List<Integer> shape = new ArrayList<>();
    int count;

    Expression(long seed) {
      random = new SplittableRandom(seed);
      int rank = random.nextInt(1, 4);
      for (int i = 0; i < rank; i++) {
        shape.add(random.nextInt(1, 5));
      }
      constant("c0", shape);
      for (int i = random.nextInt(1, 7); i > 0; i--) {
        grow();
      }
    }

    void constant(String name, List<Integer> sizes) {
      long[] dims = sizes.stream().mapToLong(Integer::longValue).toArray();
      float[] values = new float[(int) Shape.of(dims).elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(-20, 21) / 4f;
      }
      model.constant(name, dims, values);
    }

    String longs(long... values) {
      String name = "l" + count++;
      model.longs(name, values);
      return name;
    }

    void node(String type, String more, ai.onnx.proto.OnnxMl.AttributeProto... attributes) {
      String made = "v" + count++;
      model.node(type, more.isEmpty() ? value : value + " " + more, made, attributes);
      value = made;
      steps.add(type + shape);
    }

    int axis() {
      return random.nextInt(shape.size());
    }

    /// As it is, or counted from the end.
    int either(int axis, int rank) {
      return random.nextBoolean() ? axis : axis - rank;
    }

    void grow() {
      switch (random.nextInt(shape.isEmpty() ? 6 : 12)) {
        case 0 -> node(pick("Neg", "Abs", "Relu", "Floor", "Ceil", "Round", "Identity"), "");
        case 1 -> {
          String other = "k" + count++;
          List<Integer> sizes = new ArrayList<>(shape);
          sizes.replaceAll(n -> random.nextInt(3) == 0 ? 1 : n);
          constant(other, sizes.subList(random.nextInt(sizes.size() + 1), sizes.size()));
          node(pick("Add", "Sub", "Mul", "Min", "Max"), other);
        }
        case 2 -> {
          node("Cast", "", attribute("to", DataType.INT32_VALUE));
          node(pick("Neg", "Abs", "Identity"), "");
          node("Cast", "", attribute("to", DataType.FLOAT_VALUE));
        }
        case 3 -> {
          int at = random.nextInt(shape.size() + 1);
          if (shape.size() < 5) {
            String axes = longs(either(at, shape.size() + 1));
            shape.add(at, 1);
            node("Unsqueeze", axes);
          }
        }
        case 4 -> {
          List<Integer> larger = new ArrayList<>(shape);
          larger.replaceAll(n -> n == 1 ? random.nextInt(1, 4) : n);
          String target = longs(larger.stream().mapToLong(Integer::longValue).toArray());
          shape = larger;
          node("Expand", target);
        }
        case 5 -> {
          int all = shape.stream().reduce(1, (a, b) -> a * b);
          int rows = IntStream.rangeClosed(1, all).filter(n -> all % n == 0).max().orElse(1);
          rows = random.nextBoolean() ? rows : 1;
          String target = longs(random.nextBoolean() ? rows : -1, all / rows);
          shape = new ArrayList<>(List.of(rows, all / rows));
          node("Reshape", target);
        }
        case 6 -> slice();
        case 7 -> gather();
        case 8 -> transpose();
        case 9 -> concat();
        case 10 -> squeeze();
        default -> quantize();
      }
    }

    String pick(String... names) {
      return names[random.nextInt(names.length)];
    }

    void slice() {
      int axis = axis();
      int size = shape.get(axis);
      int step = random.nextBoolean() ? random.nextInt(1, 4) : -random.nextInt(1, 4);
      int from = random.nextInt(size);
      long to = step > 0 ? random.nextInt(from + 1, size + 1) : random.nextInt(-1, from);
      int count = (int) ((Math.abs(to - from) - 1) / Math.abs(step) + 1);
      // Beyond the end is the end; -1 as an end is the last element, so that the end is far away.
      to = to == -1 ? Long.MIN_VALUE + 1 : to == size && random.nextBoolean() ? 1000 : to;
      String range =
          "%s %s %s %s"
              .formatted(
                  longs(either(from, size)),
                  longs(to),
                  longs(either(axis, shape.size())),
                  longs(step));
      shape.set(axis, count);
      node("Slice", range);
    }

    void gather() {
      int axis = axis();
      int size = shape.get(axis);
      int rank = shape.size();
      if (random.nextBoolean()) {
        String index = "l" + count++;
        model.scalar(index, random.nextInt(-size, size));
        shape.remove(axis);
        node("Gather", index, attribute("axis", either(axis, rank)));
      } else {
        long[] picked = random.ints(random.nextInt(1, 4), -size, size).asLongStream().toArray();
        shape.set(axis, picked.length);
        node("Gather", longs(picked), attribute("axis", either(axis, rank)));
      }
    }

    void transpose() {
      List<Integer> perm = new ArrayList<>(IntStream.range(0, shape.size()).boxed().toList());
      java.util.Collections.shuffle(perm, new java.util.Random(random.nextLong()));
      List<Integer> old = shape;
      shape = new ArrayList<>(perm.stream().map(old::get).toList());
      node(
          "Transpose",
          "",
          attribute("perm", perm.stream().mapToLong(Integer::longValue).toArray()));
    }

    void concat() {
      int axis = axis();
      List<Integer> other = new ArrayList<>(shape);
      other.set(axis, random.nextInt(1, 3));
      String name = "k" + count++;
      constant(name, other);
      shape.set(axis, shape.get(axis) + other.get(axis));
      node("Concat", name, attribute("axis", either(axis, shape.size())));
    }

    void squeeze() {
      int[] ones = IntStream.range(0, shape.size()).filter(i -> shape.get(i) == 1).toArray();
      if (ones.length > 0) {
        int axis = ones[random.nextInt(ones.length)];
        String axes = longs(either(axis, shape.size()));
        shape.remove(axis);
        node("Squeeze", axes);
      }
    }

    /// There and back, with a scale for each channel: what follows moves integers.
    void quantize() {
      int axis = axis();
      float[] scales = new float[shape.get(axis)];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = random.nextInt(1, 9) / 16f;
      }
      String scale = "k" + count++;
      model.constant(scale, new long[] {scales.length}, scales);
      var channel = attribute("axis", either(axis, shape.size()));
      node("QuantizeLinear", scale, channel);
      node("DequantizeLinear", scale, channel);
    }

    /// The expression's value as a row, added to x.
    byte[] bytes() {
      int all = shape.stream().reduce(1, (a, b) -> a * b);
      node("Reshape", longs(1, all));
      return model.node("Add", "x " + value, "y").openOutput("y").bytes();
    }
  }

  @Test
  void constantsAreComputedAsOnnxRuntimeComputesThem() throws Exception {
    for (long seed : Seeds.cases(300).toArray()) {
      Expression expression = new Expression(seed);
      byte[] model = expression.bytes();
      String replay = expression.steps + ", " + Seeds.replay(seed);
      try (OrtRunner ort = new OrtRunner(model)) {
        Map<String, Tensor> zero = Map.of("x", Tensor.of(new float[] {0}, 1, 1));
        Tensor expected = ort.run(zero).get("y");
        Graph graph = Onnx.read(model);
        Tensor computed = value(graph, expression.value);
        assertEquals(expected.toString(), computed.toString(), replay);
        assertEquals(0, Answers.relativeError(expected, computed), replay);
      } catch (RuntimeException e) {
        throw new AssertionError(replay, e);
      }
    }
  }

  /// A constant, as it is or behind DequantizeLinear.
  private static Tensor value(Graph graph, String name) {
    Tensor constant = graph.constant(name);
    if (constant != null) {
      return constant;
    }
    byte[] written = Onnx.toBytes(graph);
    try (OrtRunner ort = new OrtRunner(written)) {
      return ort.run(Map.of("x", Tensor.of(new float[] {0}, 1, 1))).get("y");
    } catch (ai.onnxruntime.OrtException e) {
      throw new IllegalStateException(Arrays.toString(written), e);
    }
  }
}
