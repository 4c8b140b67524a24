package io.octet.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Operands;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.FoldConstants;
import io.octet.internal.pass.GrowthBudget;
import io.octet.internal.pass.Names;
import io.octet.internal.pass.QuantizedMove;
import io.octet.onnx.op.ElementTypes;
import io.octet.onnx.op.NodeView;
import io.octet.onnx.op.SixteenBits;
import io.octet.onnx.op.Surroundings;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// What is known so far of the values of a model that is being read: constants, the nodes that are
/// left, and what these make. A node whose inputs are known is computed at once, for later ones may
/// want its result as an attribute. A constant behind DequantizeLinear is kept as integers, whose
/// node serves those who can take them, and is known as floats to whoever asks for the value.
final class FileValues implements Surroundings, QuantizedMove.Store {
  private static final Set<DataType> HALVES = EnumSet.of(DataType.F16, DataType.BF16);

  private final TensorReader tensors;
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final Map<String, Tensor> asFloat = new HashMap<>();
  private final Map<String, SixteenBits> sixteen = new HashMap<>();
  private final Map<String, Node> dequantized = new HashMap<>();
  private final Map<String, String> asFloats = new HashMap<>();
  private final Map<String, Node> makers = new HashMap<>();
  private final Map<String, ValueInfo> infos;
  private final Names names;
  private final List<Node> nodes = new ArrayList<>();
  private final GrowthBudget budget = new GrowthBudget();
  private final Predicate<String> reads;
  private boolean computeSizes;

  /// @param names every name that the file uses, for nodes and values alike
  /// @param reads whether somebody reads a value
  FileValues(
      List<ValueInfo> inputs, Set<String> names, Predicate<String> reads, TensorReader tensors) {
    this.reads = reads;
    this.tensors = tensors;
    this.names = new Names(names, 2);
    Graph graph = new Graph("", inputs, List.of(), Map.of(), List.of());
    infos = new HashMap<>(ShapeInference.infer(graph));
  }

  /// Remembers what the file says of an input's or a constant's element type.
  void note(String name, int code) {
    SixteenBits.of(code).ifPresent(type -> sixteen.put(name, type));
  }

  @Override
  public Optional<SixteenBits> sixteenBits(String name) {
    return Optional.ofNullable(sixteen.get(name));
  }

  /// A constant that the file itself holds.
  void give(TensorProto tensor) {
    note(tensor.getName(), tensor.getDataType());
    Tensor constant = read(tensor);
    budget.allow(constant);
    addConstant(tensor.getName(), constant);
  }

  @Override
  public void addConstant(String name, Tensor constant) {
    boolean taken = infos.containsKey(name) || dequantized.containsKey(name);
    if (taken || constants.put(name, constant) != null) {
      throw new InvalidModel("two values are called \"" + name + "\"");
    }
  }

  @Override
  public Tensor read(TensorProto tensor) {
    return tensors.read(tensor);
  }

  // ---- nodes

  /// A node that stands for `reader`: computed where its inputs are known, else kept.
  void add(Node node, NodeView reader) {
    if (dequantizes(node)) {
      keepDequantized(node, reader);
      return;
    }
    Optional<Node> moved = moved(node);
    if (moved.isPresent()) {
      keepDequantized(moved.get(), reader);
      return;
    }
    boolean known = node.inputs().stream().allMatch(this::isKnown);
    Optional<List<Tensor>> made = known ? evaluate(node) : Optional.empty();
    made.ifPresentOrElse(results -> addConstants(node, results), () -> keep(node, reader));
  }

  private Optional<List<Tensor>> evaluate(Node node) {
    Set<DataType> types = EnumSet.noneOf(DataType.class);
    node.inputs().forEach(i -> own(i).ifPresent(t -> types.add(t.type())));
    // What was dequantized by a scale in halves is f32 already.
    boolean wide = types.contains(DataType.F32);
    return FoldConstants.evaluate(
        node, name -> (wide ? constant(name) : own(name)).orElse(null), budget);
  }

  private void addConstants(Node node, List<Tensor> made) {
    for (int i = 0; i < made.size(); i++) {
      addConstant(node.outputs().get(i), made.get(i));
    }
  }

  private boolean dequantizes(Node node) {
    return node.op() instanceof DequantizeLinear
        && node.inputs().stream().allMatch(i -> i.isEmpty() || constants.containsKey(i));
  }

  private void keepDequantized(Node node, NodeView reader) {
    addInfos(node, infer(node, reader));
    nodes.add(node);
    dequantized.put(node.output(), node);
  }

  /// The DequantizeLinear that stands for `node`, where it moves a quantized constant.
  private Optional<Node> moved(Node node) {
    return Optional.ofNullable(dequantized.get(node.input(0)))
        .flatMap(dequantize -> QuantizedMove.rewrite(node, dequantize, this, budget));
  }

  @Override
  public Tensor get(String name) {
    return constants.get(name);
  }

  @Override
  public String add(String wanted, Tensor constant) {
    String name = fresh(wanted);
    addConstant(name, constant);
    return name;
  }

  /// Sizes that are numbers are a constant.
  private void keep(Node node, NodeView reader) {
    boolean waits = node.inputs().stream().anyMatch(i -> !i.isEmpty() && !isThere(i));
    if (!waits) { // The graph refuses what waits.
      List<ValueInfo> made = infer(node, reader);
      List<Tensor> sizes = made.stream().flatMap(info -> info.constant().stream()).toList();
      if (sizes.size() == made.size()) {
        addConstants(node, sizes.subList(0, Math.min(sizes.size(), node.outputs().size())));
        return;
      }
      computeSizes |= made.stream().anyMatch(info -> info.values().isPresent());
      addInfos(node, made);
    }
    nodes.add(node);
    node.outputs().forEach(output -> makers.putIfAbsent(output, node));
  }

  private boolean isThere(String value) {
    return constants.containsKey(value) || infos.containsKey(value);
  }

  private List<ValueInfo> infer(Node node, NodeView reader) {
    List<ValueInfo> made = ShapeInference.infer(node.op(), operands(node, reader));
    if (made.size() < node.outputs().size()) {
      String further = node.outputs().get(made.size());
      throw reader.unsupported("its further output \"" + further + "\" is read");
    }
    for (int i = 0; i < made.size(); i++) {
      ElementTypes.data(made.get(i).type(), reader + ": its result");
    }
    return made;
  }

  private void addInfos(Node node, List<ValueInfo> made) {
    for (int i = 0; i < Math.min(made.size(), node.outputs().size()); i++) {
      String name = node.outputs().get(i);
      infos.putIfAbsent(name, made.get(i).named(name));
    }
  }

  /// As the graph will have them.
  private Operands operands(Node node, NodeView reader) {
    List<ValueInfo> known = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    for (String input : node.inputs()) {
      tensors.add(input.isEmpty() ? null : graphConstant(input));
      known.add(made(input).orElse(null));
    }
    return new Operands(reader.toString(), known, tensors, node.outputs().size());
  }

  // ---- what is known

  @Override
  public Optional<Tensor> constant(String name) {
    Optional<Tensor> own = own(name);
    return own.map(t -> HALVES.contains(t.type()) ? graphConstant(name) : t);
  }

  /// The constant in the file's own type.
  private Optional<Tensor> own(String name) {
    Node node = dequantized.get(name);
    return Optional.ofNullable(constants.get(node == null ? name : floats(name, node)));
  }

  private boolean isKnown(String name) {
    return name.isEmpty() || constants.containsKey(name) || dequantized.containsKey(name);
  }

  @Override
  public String asFloats(String name) {
    Node node = dequantized.get(name);
    return node == null ? name : floats(name, node);
  }

  private String floats(String name, Node node) {
    String made = asFloats.get(name);
    if (made == null) {
      made = add(name + "_value", FoldConstants.dequantize(node, this::graphConstant, budget));
      asFloats.put(name, made);
    }
    return made;
  }

  @Override
  public Node maker(String value) {
    return makers.get(value);
  }

  List<Node> nodes() {
    return nodes;
  }

  @Override
  public boolean reads(String value) {
    return reads.test(value);
  }

  @Override
  public String fresh(String base) {
    return names.fresh(base);
  }

  @Override
  public ValueInfo info(String name, NodeView reader) {
    Tensor constant = constants.get(name);
    ValueInfo known = constant == null ? infos.get(name) : ValueInfo.of(name, constant);
    if (known == null) {
      throw reader.invalid("reads \"" + name + "\", which no earlier node makes");
    }
    return known;
  }

  /// What the graph has under that name, if anything.
  Optional<ValueInfo> made(String name) {
    Tensor constant = graphConstant(name);
    return Optional.ofNullable(constant == null ? infos.get(name) : ValueInfo.of(name, constant));
  }

  /// Whether nodes that are kept make sizes that follow from free axes.
  boolean computeSizes() {
    return computeSizes;
  }

  /// The constants of the given names as a graph has them, in the order in which they became known.
  ///
  /// @throws io.octet.OctetException.Unsupported if one has a type that no graph holds
  Map<String, Tensor> constants(Set<String> wanted) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    for (String name : constants.keySet()) {
      if (wanted.contains(name)) {
        found.put(name, graphConstant(name));
      }
    }
    return found;
  }

  /// A constant as a graph has it, or null: halves are widened, doubles narrowed where they are no
  /// weights.
  private Tensor graphConstant(String name) {
    Tensor constant = constants.get(name);
    if (constant == null) {
      return null;
    }
    return switch (constant.type()) {
      case F16, BF16 -> asFloat.computeIfAbsent(name, _ -> toFloat(constant));
      case F64 -> {
        if (constant.shape().rank() > 1) {
          ElementTypes.data(constant.type(), "tensor \"" + name + "\"");
        }
        yield asFloat.computeIfAbsent(name, _ -> toFloat(constant));
      }
      case F32, U8, S8, S32, S64, BOOL -> constant;
    };
  }

  private static Tensor toFloat(Tensor reals) {
    float[] floats = new float[Math.toIntExact(reals.elements())];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) reals.getReal(i);
    }
    return Tensor.of(floats, reals.shape().sizes());
  }
}
