package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Selection.Gather;
import io.octet.internal.reference.Walk;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Kernels take weights as s8 with zero point 0. Others, u8 or with zero points, become such: less
/// their zero points, where that fits 8 bits; else in two parts whose sum they are (255 takes
/// three), which stand side by side as the weights of data that are given as often. The int32 sums
/// are the same either way, bit for bit.
final class SignedWeights {
  private final Graph graph;
  private final GrowthBudget budget;
  private final FreshNames names;
  private final Map<String, Tensor> constants;
  private final Map<String, Node> changed = new HashMap<>();
  private final Map<String, List<Node>> before = new HashMap<>();
  private final Map<List<Object>, String> made = new HashMap<>();

  private SignedWeights(Graph graph, GrowthBudget budget) {
    this.graph = graph;
    this.budget = budget;
    this.names = new FreshNames(graph);
    this.constants = new LinkedHashMap<>(graph.initializers());
  }

  static Graph rewrite(Inferred at, GrowthBudget budget) {
    return new SignedWeights(at.graph(), budget).run(at);
  }

  private Graph run(Inferred at) {
    for (Node node : graph.nodes()) {
      LayerNode.of(graph, node).ifPresent(layer -> look(layer, at));
    }
    if (changed.isEmpty()) {
      return graph;
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.addAll(before.getOrDefault(node.name(), List.of()));
      nodes.add(changed.getOrDefault(node.name(), node));
    }
    return withoutUnread(graph.with(constants, nodes));
  }

  private void look(LayerNode layer, Inferred at) {
    Constants.Quantized weights = Constants.quantized(graph, layer.weights()).orElse(null);
    boolean quantized =
        QdqNodes.isDequantize(graph.producer(layer.data()))
            && !Constants.isKnown(graph, layer.data());
    if (weights == null || !quantized || !weights.integers().type().isInt8()) {
      return;
    }
    if (isSigned(weights) || weights.axis().orElse(layer.channelAxis()) != layer.channelAxis()) {
      return;
    }
    int[] centred = centred(weights, layer.channelAxis());
    if (Arrays.stream(centred).allMatch(w -> w >= -128 && w <= 127)) {
      change(layer, layer.data(), whole(layer, weights, centred));
    } else if (QdqNodes.hasConstantParams(graph, graph.producer(layer.data()))) {
      split(layer, weights, centred, at);
    }
  }

  /// Whether kernels take the weights as they are.
  private static boolean isSigned(Constants.Quantized weights) {
    boolean u8 = weights.integers().type() == DataType.U8;
    return Arrays.stream(weights.params().zeroPoints()).allMatch(z -> z == (u8 ? 128 : 0));
  }

  /// The weights less their zero points: 9 bits.
  private static int[] centred(Constants.Quantized weights, int axis) {
    Tensor q = weights.integers();
    QuantParams params = weights.params();
    long inner = Walk.strides(q.shape())[axis];
    long channels = q.shape().size(axis);
    long[] whole = new long[Math.toIntExact(q.elements())];
    q.getIntegers(0, whole);
    int[] centred = new int[whole.length];
    for (int i = 0; i < centred.length; i++) {
      centred[i] = (int) whole[i] - params.zeroPoint((int) (i / inner % channels));
    }
    return centred;
  }

  private String whole(LayerNode layer, Constants.Quantized weights, int[] centred) {
    return made.computeIfAbsent(
        List.of(layer.weights(), layer.channelAxis()),
        _ -> {
          byte[] s8 = new byte[centred.length];
          for (int i = 0; i < s8.length; i++) {
            s8[i] = (byte) centred[i];
          }
          long[] sizes = weights.integers().shape().sizes();
          return dequantized(layer, Tensor.of(DataType.S8, s8, sizes));
        });
  }

  /// Behind the first layer that reads them.
  private String dequantized(LayerNode layer, Tensor s8) {
    budget.take(layer.core(), s8.shape(), DataType.S8);
    Node old = graph.producer(layer.weights());
    String integers = names.value(old.input(0) + "_s8");
    constants.put(integers, s8);
    String value = names.value(layer.weights() + "_s8");
    DequantizeLinear op = (DequantizeLinear) old.op();
    List<String> inputs = List.of(integers, old.input(1));
    add(layer, new Node(names.node(value), op, inputs, value));
    return value;
  }

  private void add(LayerNode layer, Node node) {
    before.computeIfAbsent(layer.core().name(), _ -> new ArrayList<>()).add(node);
  }

  // ---- parts

  private void split(LayerNode layer, Constants.Quantized weights, int[] centred, Inferred at) {
    int groups = layer.core().op() instanceof Convolution conv ? conv.groups() : 1;
    int inputs = layer.isConv() ? 1 : 1 - layer.channelAxis();
    int count = Arrays.stream(centred).anyMatch(w -> w > 2 * Byte.MAX_VALUE) ? 3 : 2;
    String parts =
        made.computeIfAbsent(
            List.of(layer.weights(), layer.channelAxis(), "parts"),
            _ -> dequantized(layer, parts(weights.integers(), centred, inputs, count)));
    int axis = layer.isConv() ? 1 : at.shape(layer.data()).rank() - 1;
    String repeated =
        made.computeIfAbsent(
            List.of(layer.data(), groups, count, axis),
            _ -> repeated(layer, groups, count, axis, at));
    change(layer, repeated, parts);
  }

  /// What fits 8 bits, and the rest, side by side along the input channels.
  private static Tensor parts(Tensor q, int[] centred, int axis, int count) {
    long[] sizes = q.shape().sizes();
    int run = Math.toIntExact(Walk.strides(q.shape())[axis] * sizes[axis]);
    byte[] all = new byte[Math.multiplyExact(count, centred.length)];
    for (int i = 0; i < centred.length; i++) {
      int rest = centred[i];
      for (int part = 0; part < count; part++) {
        int here = Math.clamp(rest, Byte.MIN_VALUE, Byte.MAX_VALUE);
        all[(i / run * count + part) * run + i % run] = (byte) here;
        rest -= here;
      }
    }
    sizes[axis] *= count;
    return Tensor.of(DataType.S8, all, sizes);
  }

  /// Each group's channels as often as there are parts.
  private String repeated(LayerNode layer, int groups, int count, int axis, Inferred at) {
    String x = layer.data();
    String value = names.value(x + "_parts");
    String name = names.node(value);
    if (groups == 1) {
      add(layer, new Node(name, new Concat(axis), Collections.nCopies(count, x), value));
      return value;
    }
    int channels = Math.toIntExact(at.shape(x).size(1));
    int each = channels / groups;
    long[] places =
        IntStream.range(0, count * channels)
            .mapToLong(i -> (long) i / (count * each) * each + i % each)
            .toArray();
    String indices = names.value(x + "_channels");
    constants.put(indices, Tensor.of(places, places.length));
    add(layer, new Node(name, new Gather(1), List.of(x, indices), value));
    return value;
  }

  private void change(LayerNode layer, String data, String weights) {
    Node core = layer.core();
    List<String> inputs = new ArrayList<>(core.inputs());
    inputs.set(0, data);
    inputs.set(1, weights);
    changed.put(core.name(), new Node(core.name(), core.op(), inputs, core.outputs()));
  }

  /// Without the nodes and constants of the weights as they were.
  private Graph withoutUnread(Graph all) {
    List<Node> read =
        all.nodes().stream()
            .filter(
                n ->
                    !Constants.isQuantized(all, n.output())
                        || all.isOutput(n.output())
                        || !all.consumers(n.output()).isEmpty())
            .toList();
    Graph kept = all.with(constants, read);
    constants
        .keySet()
        .removeIf(c -> kept.consumers(c).isEmpty() && !kept.isOutput(c) && isStale(c));
    return all.with(constants, read);
  }

  private boolean isStale(String constant) {
    return !graph.consumers(constant).isEmpty();
  }
}
