package io.octet.nn;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Turns layers into nodes. A node is called as its module is in PyTorch ("layer1.0.conv1"), its
/// result bears the node's name, and its weights those of the state_dict.
final class LayerGraph {
  private static final String INPUT = "input";
  private static final String OUTPUT = "output";

  /// Layers within layers: far more than any network has, and few enough for any thread's stack.
  private static final int DEEPEST = 256;

  private final Random random;
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private int depth;

  LayerGraph(long seed) {
    random = new Random(seed);
  }

  Graph build(Layer.Sequential network, Shape input) {
    String last = append(network, "", INPUT);
    if (last.equals(INPUT)) {
      last = node("identity", new Movement.Identity(), INPUT);
    }
    Node end = nodes.removeLast();
    nodes.add(new Node(end.name(), end.op(), end.inputs(), OUTPUT));
    ValueInfo from = new ValueInfo(INPUT, DataType.F32, input);
    ValueInfo to = new ValueInfo(OUTPUT, DataType.F32, input);
    Graph untyped = new Graph("network", List.of(from), List.of(to), constants, nodes);
    return untyped.withOutputs(List.of(ShapeInference.infer(untyped).get(OUTPUT)));
  }

  /// Adds what `layer` computes from the value `x`, and returns the name of its result.
  private String append(Layer layer, String path, String x) {
    return switch (layer) {
      case Layer.Sequential(List<Layer> layers, long _) -> {
        String value = x;
        for (int i = 0; i < layers.size(); i++) {
          value = child(layers.get(i), path, Integer.toString(i), value);
        }
        yield value;
      }
      case Layer.Named(String _, Layer _) -> child(layer, path, "", x);
      case Layer.Residual(Layer body, Layer shortcut) -> {
        String a = child(body, path, "body", x);
        String b = child(shortcut, path, "shortcut", x);
        yield node(join(path, "add"), new Binary.Add(), a, b);
      }
      case Layer.Branches(List<Layer> branches) -> {
        String[] parts = new String[branches.size()];
        for (int i = 0; i < parts.length; i++) {
          parts[i] = child(branches.get(i), path, Integer.toString(i), x);
        }
        yield node(join(path, "concat"), new Movement.Concat(1), parts);
      }
      case Layer.Conv2d conv -> conv(conv, path, x);
      case Layer.Linear linear -> linear(linear, path, x);
      case Layer.BatchNorm2d norm -> batchNorm(norm, path, x);
      case Layer.MaxPool2d(Window window, boolean ceil) ->
          node(path, new Pooling.MaxPool(window, ceil), x);
      case Layer.AvgPool2d(Window window, boolean ceil, boolean includePad) ->
          node(path, new Pooling.AveragePool(window, ceil, includePad), x);
      case Layer.Operator(Op op) -> op instanceof Movement.Identity ? x : node(path, op, x);
    };
  }

  private String child(Layer layer, String path, String position, String x) {
    if (depth == DEEPEST) {
      throw new IllegalArgumentException(
          "layers stand within each other to a depth of more than " + DEEPEST);
    }
    depth++;
    String made =
        layer instanceof Layer.Named(String name, Layer inner)
            ? append(inner, join(path, name), x)
            : append(layer, join(path, position), x);
    depth--;
    return made;
  }

  private String conv(Layer.Conv2d conv, String path, String x) {
    Window window = conv.window();
    long[] shape = {conv.out(), conv.in() / conv.groups(), window.kernelH(), window.kernelW()};
    List<String> inputs = weighted(path, x, shape, conv.hasBias(), conv.parameters());
    return node(path, new Convolution.Conv(window, conv.groups()), inputs.toArray(String[]::new));
  }

  private String linear(Layer.Linear linear, String path, String x) {
    long[] shape = {linear.out(), linear.in()};
    List<String> inputs = weighted(path, x, shape, linear.hasBias(), linear.parameters());
    return node(path, new Product.Gemm(1, 1, false, true), inputs.toArray(String[]::new));
  }

  /// PyTorch's default: kaiming_uniform with a = sqrt(5), which is uniform within 1 / sqrt(fan-in),
  /// for weight and bias alike.
  private List<String> weighted(
      String path, String x, long[] shape, boolean hasBias, Layer.Parameters given) {
    long fanIn = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
    float bound = (float) (1 / Math.sqrt(fanIn));
    List<String> inputs = new ArrayList<>(List.of(x));
    inputs.add(constant(path, "weight", shape, given, bound));
    if (hasBias) {
      inputs.add(constant(path, "bias", new long[] {shape[0]}, given, bound));
    }
    return inputs;
  }

  private String batchNorm(Layer.BatchNorm2d norm, String path, String x) {
    long[] shape = {norm.channels()};
    Map<String, Float> fresh = new LinkedHashMap<>();
    fresh.put("weight", 1f);
    fresh.put("bias", 0f);
    fresh.put("running_mean", 0f);
    fresh.put("running_var", 1f);
    List<String> inputs = new ArrayList<>(List.of(x));
    fresh.forEach(
        (name, value) -> {
          float[] same = new float[norm.channels()];
          Arrays.fill(same, value);
          boolean has = norm.parameters().entries().stream().anyMatch(e -> e.name().equals(name));
          Layer.Parameters given = has ? norm.parameters() : norm.parameters().with(name, same);
          inputs.add(constant(path, name, shape, given, 0));
        });
    return node(
        path, new Normalization.BatchNormalization(norm.epsilon()), inputs.toArray(String[]::new));
  }

  private String constant(
      String path, String name, long[] shape, Layer.Parameters given, float bound) {
    int size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    float[] values =
        given.entries().stream()
            .filter(e -> e.name().equals(name))
            .findFirst()
            .map(Layer.Parameters.Entry::values)
            .orElseGet(() -> uniform(size, bound));
    String full = join(path, name);
    if (values.length != size) {
      throw new IllegalArgumentException(
          full
              + " has "
              + values.length
              + " values, expected "
              + size
              + " for shape "
              + Shape.of(shape));
    }
    if (constants.put(full, Tensor.of(values.clone(), shape)) != null) {
      throw new IllegalArgumentException("two layers are called \"" + path + "\"");
    }
    return full;
  }

  private float[] uniform(int size, float bound) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (2 * random.nextFloat() - 1) * bound;
    }
    return values;
  }

  private String node(String name, Op op, String... inputs) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException(op.name() + " needs a name, but stands under named(\"\")");
    }
    nodes.add(new Node(name, op, List.of(inputs), name));
    return name;
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : name.isEmpty() ? path : path + "." + name;
  }
}
