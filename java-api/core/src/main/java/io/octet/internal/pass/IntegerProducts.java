package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Convolution.ConvInteger;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Product.MatMulInteger;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Unary.Cast;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Integer sums that become reals are layers. What quantizers of activations at run time write,
/// MatMulInteger or ConvInteger, Cast to float, Mul by both scales, becomes the product of what two
/// DequantizeLinear make: the scale of the data, and its zero point, arrive at run time, and those
/// of the weights are known.
final class IntegerProducts {
  private final Graph graph;
  private final Inferred at;
  private final FreshNames names;
  private final Map<String, Tensor> constants;
  private final Map<String, List<Node>> replaced = new HashMap<>();
  private final Set<String> removed = new HashSet<>();
  private final Map<List<String>, String> dequantized = new HashMap<>();

  /// The two scales of a product.
  ///
  /// @param data a value of one element
  /// @param weights one for all, or one for each output channel
  private record Scales(String data, Tensor weights) {}

  private IntegerProducts(Inferred at) {
    this.at = at;
    this.graph = at.graph();
    this.names = new FreshNames(graph);
    this.constants = new LinkedHashMap<>(graph.initializers());
  }

  static Graph rewrite(Inferred at) {
    boolean any = at.graph().nodes().stream().anyMatch(n -> real(n.op()).isPresent());
    return any ? new IntegerProducts(at).run() : at.graph();
  }

  /// What computes on reals as `op` does on integers.
  private static Optional<Op> real(Op op) {
    return switch (op) {
      case MatMulInteger _ -> Optional.of(new MatMul());
      case ConvInteger c -> Optional.of(new Conv(c.window(), c.groups()));
      case Op _ -> Optional.empty();
    };
  }

  private Graph run() {
    graph.nodes().forEach(node -> real(node.op()).ifPresent(op -> look(node, op)));
    if (replaced.isEmpty()) {
      return graph;
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!removed.contains(node.name())) {
        nodes.addAll(replaced.getOrDefault(node.name(), List.of(node)));
      }
    }
    return graph.with(constants, nodes);
  }

  private void look(Node product, Op op) {
    Node cast = graph.soleReader(product.output());
    boolean real = cast != null && cast.op() instanceof Cast(DataType to) && to == DataType.F32;
    Node mul = real ? graph.soleReader(cast.output()) : null;
    if (mul == null || !(mul.op() instanceof Binary.Mul) || mul.inputs().size() != 2) {
      return;
    }
    int other = mul.input(0).equals(cast.output()) ? 1 : 0;
    Tensor weights = graph.constant(product.input(1));
    boolean known = weights != null && hasKnownZero(product);
    if (!known || !at.shape(mul.output()).equals(at.shape(product.output()))) {
      return;
    }
    int axis = op instanceof Conv ? 0 : weights.shape().rank() - 1;
    scales(mul.input(other), weights.shape().size(axis), op instanceof Conv)
        .ifPresent(scales -> replace(product, op, axis, scales, List.of(cast, mul)));
  }

  /// The data have one zero point, and the weights' are known.
  private boolean hasKnownZero(Node product) {
    return (!product.hasInput(2) || isSingle(product.input(2)))
        && (!product.hasInput(3) || graph.constant(product.input(3)) != null)
        && at.shape(product.input(1)).rank() > 1;
  }

  private Optional<Scales> scales(String factor, long channels, boolean conv) {
    Tensor known = graph.constant(factor);
    if (known != null) {
      String one = constant("one", Tensor.scalar(1));
      return ofWeights(known, channels, conv).map(w -> new Scales(one, w));
    }
    Node maker = graph.producer(factor);
    if (maker != null && maker.op() instanceof Binary.Mul && maker.inputs().size() == 2) {
      for (int i = 0; i < 2; i++) {
        Tensor w = graph.constant(maker.input(1 - i));
        if (w != null && isSingle(maker.input(i))) {
          String data = maker.input(i);
          return ofWeights(w, channels, conv).map(vector -> new Scales(data, vector));
        }
      }
    }
    return isSingle(factor) ? Optional.of(new Scales(factor, Tensor.scalar(1))) : Optional.empty();
  }

  private boolean isSingle(String value) {
    ValueInfo info = at.values().get(value);
    return info != null && info.shape().isConcrete() && info.shape().elements() == 1;
  }

  /// Known scales as one number, or as one for each channel; nothing where they are something else.
  private static Optional<Tensor> ofWeights(Tensor scales, long channels, boolean conv) {
    if (scales.type() != DataType.F32 || !positive(scales)) {
      return Optional.empty();
    }
    if (scales.elements() == 1) {
      return Optional.of(Tensor.scalar(scales.getFloat(0)));
    }
    int place = scales.shape().rank() - (conv ? 3 : 1);
    boolean each =
        place >= 0 && scales.elements() == channels && scales.shape().size(place) == channels;
    return each ? Optional.of(scales.reshape(Shape.of(channels))) : Optional.empty();
  }

  private static boolean positive(Tensor scales) {
    for (float scale : scales.toFloats()) {
      if (!(scale > 0) || Float.isInfinite(scale)) {
        return false;
      }
    }
    return true;
  }

  private void replace(Node product, Op op, int axis, Scales scales, List<Node> behind) {
    List<Node> nodes = new ArrayList<>();
    String zero = product.hasInput(2) ? product.input(2) : "";
    List<String> data = new ArrayList<>(List.of(product.input(0), scales.data()));
    if (!zero.isEmpty()) {
      data.add(zero);
    }
    String x = dequantized.computeIfAbsent(data, d -> dequantize(d, 0, nodes));
    String w = dequantize(weights(product, scales.weights()), axis, nodes);
    Node last = behind.getLast();
    nodes.add(new Node(product.name(), op, List.of(x, w), last.outputs()));
    replaced.put(last.name(), nodes);
    removed.add(product.name());
    removed.add(behind.getFirst().name());
  }

  private String dequantize(List<String> inputs, int axis, List<Node> nodes) {
    String value = names.value(inputs.getFirst() + "_dq");
    nodes.add(new Node(names.node(value), new DequantizeLinear(axis), inputs, value));
    return value;
  }

  /// Weights, scale and zero point, as many of these as there are scales.
  private List<String> weights(Node product, Tensor scale) {
    String w = product.input(1);
    Tensor zero = product.hasInput(3) ? graph.constant(product.input(3)) : null;
    if (zero == null || isZero(zero)) {
      return List.of(w, constant(w + "_scale", scale));
    }
    int count = (int) Math.max(scale.elements(), zero.elements());
    float[] scales = Constants.spread(scale, count);
    byte[] zeros = zero.toBytes();
    if (zeros.length != count) {
      byte first = zeros[0];
      zeros = new byte[count];
      Arrays.fill(zeros, first);
    }
    long[] sizes = count == 1 ? new long[0] : new long[] {count};
    return List.of(
        w,
        constant(w + "_scale", Tensor.of(scales, sizes)),
        constant(w + "_zero", Tensor.of(zero.type(), zeros, sizes)));
  }

  private static boolean isZero(Tensor zero) {
    for (byte z : zero.toBytes()) {
      if (z != 0) {
        return false;
      }
    }
    return true;
  }

  private String constant(String wanted, Tensor value) {
    String name = names.value(wanted);
    constants.put(name, value);
    return name;
  }
}
