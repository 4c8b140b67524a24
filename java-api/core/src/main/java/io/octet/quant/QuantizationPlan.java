package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Group;
import io.octet.internal.pass.Prepared;
import io.octet.quant.CalibrationTable.FloatNode;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which values of a prepared graph are quantized, which of them share parameters, and which are
/// observed.
///
/// A group is always quantized. An operator that carries values through (pooling, reshaping,
/// Concat) is quantized where its input comes from a quantized operator, or its output goes into
/// one: then its output has its input's parameters. Values that a float operator or the caller
/// makes are quantized where a quantized operator reads them.
final class QuantizationPlan {
  /// Values with the same parameters.
  ///
  /// @param members in the graph's order
  /// @param observed those whose elements the observer sees, in the graph's order
  /// @param nonNegative whether none of them can be negative
  record Point(List<String> members, List<String> observed, boolean nonNegative) {
    /// The first member, which names the point.
    String value() {
      return members.getFirst();
    }

    /// By the name alone: hashing all members for each of them would cost their square.
    @Override
    public int hashCode() {
      return value().hashCode();
    }
  }

  private final Prepared prepared;
  private final QConfig qconfig;
  private final Map<String, ValueInfo> values;
  private final Set<String> quantized = new HashSet<>();
  private final Map<String, String> parents = new HashMap<>();
  private final Map<String, Point> points = new LinkedHashMap<>();

  private QuantizationPlan(Prepared prepared, QConfig qconfig) {
    this.prepared = prepared;
    this.qconfig = qconfig;
    this.values = ShapeInference.infer(prepared.graph());
  }

  static QuantizationPlan of(Prepared prepared, QConfig qconfig) {
    QuantizationPlan plan = new QuantizationPlan(prepared, qconfig);
    plan.markNodes();
    plan.findPoints();
    return plan;
  }

  Prepared prepared() {
    return prepared;
  }

  QConfig qconfig() {
    return qconfig;
  }

  Graph graph() {
    return prepared.graph();
  }

  /// All points, in the order of their first members.
  List<Point> points() {
    return List.copyOf(new LinkedHashSet<>(points.values()));
  }

  /// The point of `value`, or nothing where it stays float.
  Optional<Point> point(String value) {
    return Optional.ofNullable(points.get(value));
  }

  /// Whether `node` works on quantized values.
  boolean isQuantized(Node node) {
    return quantized.contains(node.name());
  }

  /// Whether `value` leaves a quantized operator, so that only its quantized form exists.
  boolean leavesQuantized(String value) {
    Node producer = graph().producer(value);
    return producer != null && isQuantized(producer);
  }

  /// The operators that stay FP32, in the graph's order.
  List<FloatNode> floatNodes() {
    return graph().nodes().stream()
        .filter(n -> !isQuantized(n))
        .map(n -> new FloatNode(n.name(), n.op().name(), reason(n)))
        .toList();
  }

  // ---- which nodes

  private void markNodes() {
    for (Group group : prepared.groups().all()) {
      group.nodes().forEach(n -> quantized.add(n.name()));
    }
    Deque<Node> open = new ArrayDeque<>(graph().nodes());
    Set<String> waiting = new HashSet<>();
    open.forEach(n -> waiting.add(n.name()));
    while (!open.isEmpty()) {
      Node node = open.remove();
      waiting.remove(node.name());
      if (!isQuantized(node) && wantsInt8(node)) {
        quantized.add(node.name());
        neighbours(node).stream().filter(n -> waiting.add(n.name())).forEach(open::add);
      }
    }
  }

  /// Nodes that a newly quantized one may persuade.
  private List<Node> neighbours(Node node) {
    List<Node> near = new ArrayList<>(graph().consumers(node.output()));
    for (String value : dataInputs(node)) {
      if (graph().producer(value) != null) {
        near.add(graph().producer(value));
      }
    }
    near.removeIf(n -> isQuantized(n) || !passes(n));
    return near;
  }

  private boolean wantsInt8(Node node) {
    List<String> data = dataInputs(node);
    if (!passes(node) || data.stream().anyMatch(v -> !isActivation(v))) {
      return false;
    }
    return data.stream().anyMatch(this::leavesQuantized)
        || !isLoneClamp(node) && isDemanded(node.output());
  }

  /// Whether a quantized operator reads `value` as data.
  private boolean isDemanded(String value) {
    return graph().consumers(value).stream()
        .anyMatch(n -> isQuantized(n) && entersQuantized(n, value));
  }

  private boolean entersQuantized(Node node, String value) {
    Optional<Group> group = prepared.groups().of(node);
    return group.isEmpty()
        ? node.op() instanceof Movement.Concat || node.input(0).equals(value)
        : group.get().core().equals(node) && group.get().dataInputs().contains(value);
  }

  private boolean isActivation(String value) {
    return graph().constant(value) == null && values.get(value).type() == DataType.F32;
  }

  /// Whether `node` can work on quantized values outside of a group.
  private boolean passes(Node node) {
    return carries(node) || node.op() instanceof Movement.Concat || isLoneClamp(node);
  }

  /// Whether the output of `node` has its input's parameters.
  private boolean carries(Node node) {
    return switch (node.op()) {
      case Pooling.MaxPool _, Pooling.AveragePool _, Pooling.GlobalAveragePool _ -> true;
      case Movement.Flatten _, Movement.Reshape _, Movement.Transpose _ -> true;
      case Unary.Relu _, Unary.Clip _ ->
          switch (qconfig.activations()) {
            case BY_SIGN -> false;
            case AFFINE, AFFINE_REDUCED -> true;
          };
      case Convolution.Conv _,
          Product.Gemm _,
          Product.MatMul _,
          Normalization.BatchNormalization _,
          Binary.Add _ ->
          false;
      case Binary.Mul _,
          Unary.LeakyRelu _,
          Unary.Sigmoid _,
          Unary.HardSigmoid _,
          Unary.HardSwish _ ->
          false;
      case Unary.Tanh _,
          Movement.Concat _,
          Normalization.Softmax _,
          Movement.Identity _,
          Movement.Dropout _ ->
          false;
      case Quantization.QuantizeLinear _, Quantization.DequantizeLinear _ -> false;
    };
  }

  /// A Relu or Clip that no layer takes in. PyTorch carries parameters through it; `auto` observes
  /// behind it, since a symmetric range wastes half of its steps there.
  private boolean isLoneClamp(Node node) {
    return !carries(node) && (node.op() instanceof Unary.Relu || node.op() instanceof Unary.Clip);
  }

  private static List<String> dataInputs(Node node) {
    return node.op() instanceof Movement.Concat ? node.inputs() : List.of(node.input(0));
  }

  // ---- which values

  private void findPoints() {
    List<String> members = new ArrayList<>();
    for (String value : values.keySet()) {
      if (isActivation(value) && (isBoundary(value) || isDemanded(value))) {
        members.add(value);
      }
    }
    joinCarried();
    Map<String, List<String>> classes = new LinkedHashMap<>();
    for (String value : members) {
      classes.computeIfAbsent(find(value), k -> new ArrayList<>()).add(value);
    }
    for (List<String> alike : classes.values()) {
      List<String> sources = alike.stream().filter(v -> !isCarried(v)).toList();
      boolean nonNegative = sources.stream().allMatch(this::isNonNegative);
      Point point = new Point(alike, qconfig.isFx() ? alike : sources, nonNegative);
      alike.forEach(v -> points.put(v, point));
    }
  }

  /// Whether `value` leaves a group, or an operator beside the groups that is quantized.
  private boolean isBoundary(String value) {
    Node producer = graph().producer(value);
    if (producer == null || !isQuantized(producer)) {
      return false;
    }
    return prepared.groups().of(producer).map(g -> g.output().equals(value)).orElse(true);
  }

  private void joinCarried() {
    for (Node node : graph().nodes()) {
      if (isQuantized(node)
          && prepared.groups().of(node).isEmpty()
          && (carries(node) || node.op() instanceof Movement.Concat)) {
        dataInputs(node).forEach(v -> parents.put(find(v), find(node.output())));
      }
    }
  }

  /// The name of a value's class. Every step on the way is shortened, so that long chains stay
  /// cheap.
  private String find(String value) {
    String at = value;
    String parent = parents.getOrDefault(at, at);
    while (!parent.equals(at)) {
      String beyond = parents.getOrDefault(parent, parent);
      parents.put(at, beyond);
      at = beyond;
      parent = parents.getOrDefault(at, at);
    }
    return at;
  }

  /// Whether the elements of `value` are those of other members.
  private boolean isCarried(String value) {
    Node producer = graph().producer(value);
    return producer != null
        && isQuantized(producer)
        && prepared.groups().of(producer).isEmpty()
        && !isLoneClamp(producer);
  }

  private boolean isNonNegative(String value) {
    Node producer = graph().producer(value);
    return producer != null
        && (producer.op() instanceof Unary.Relu
            || producer.op() instanceof Unary.Clip(float min, float _) && min >= 0);
  }

  // ---- why not

  private String reason(Node node) {
    return switch (node.op()) {
      case Convolution.Conv _ -> layer(node);
      case Product.Gemm gemm -> gemm.transA() ? "it transposes its data" : layer(node);
      case Product.MatMul _ -> product(node);
      case Binary.Add _ -> "a sum with a constant stays FP32";
      case Normalization.BatchNormalization _ -> "no layer stands before it that could take it in";
      case Binary.Mul _,
          Normalization.Softmax _,
          Unary.Sigmoid _,
          Unary.HardSigmoid _,
          Unary.HardSwish _ ->
          staysFloat(node);
      case Unary.Tanh _, Unary.LeakyRelu _, Movement.Identity _, Movement.Dropout _ ->
          staysFloat(node);
      case Unary.Relu _, Unary.Clip _ -> "no quantized operator stands before it";
      case Pooling.MaxPool _, Pooling.AveragePool _, Pooling.GlobalAveragePool _ -> betweenFloats();
      case Movement.Flatten _, Movement.Reshape _, Movement.Transpose _, Movement.Concat _ ->
          betweenFloats();
      case Quantization.QuantizeLinear _, Quantization.DequantizeLinear _ ->
          "it is there to change types";
    };
  }

  private String layer(Node node) {
    if (prepared.groups().isConstant(node.input(0))) {
      return "its data is constant";
    }
    if (!prepared.groups().isConstant(node.input(1))) {
      return "its weights are not constant";
    }
    boolean constant = prepared.groups().isConstant(node.input(2));
    return constant ? "its bias is no vector" : "its bias is not constant";
  }

  private String product(Node node) {
    Shape weights = values.get(node.input(1)).shape();
    if (prepared.groups().isConstant(node.input(0))) {
      return "its constant stands on the left, where a layer has its data";
    }
    if (!prepared.groups().isConstant(node.input(1))) {
      return "a product of two activations stays FP32";
    }
    return "its weights are " + weights + ", a layer has one matrix";
  }

  private static String staysFloat(Node node) {
    return node.op().name() + " stays FP32";
  }

  private static String betweenFloats() {
    return "no quantized operator stands before or behind it";
  }
}
