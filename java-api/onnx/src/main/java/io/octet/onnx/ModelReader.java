package io.octet.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Signature;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Names;
import io.octet.internal.pass.ResolveShapes;
import io.octet.onnx.op.Families;
import io.octet.onnx.op.NodeView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One ONNX model on its way to a {@link Graph}: inputs, constants, then node after node, of those
/// that somebody reads. What follows from constants alone is computed on the way, functions and
/// branches stand where they are called and taken. An initializer that also stands among the inputs
/// (as before IR version 4) is a constant.
final class ModelReader {
  private static final int OLDEST_OPSET = Signature.OLDEST_OPSET;
  private static final int NEWEST_OPSET = Signature.NEWEST_OPSET;

  private final ModelProto model;
  private final GraphProto graph;
  private final Functions functions;
  private final List<NodeProto> nodes;
  private final LiveNodes live = new LiveNodes();
  private final MetadataReader metadata = new MetadataReader();
  private final Set<String> nodeNames = new HashSet<>();
  private final List<ValueInfo> inputs;
  private final FileValues values;

  /// @param sizes of free axes of the inputs, by their names
  ModelReader(ModelProto model, ExternalData external, Map<String, Long> sizes) {
    this.model = model;
    graph = model.getGraph();
    functions = new Functions(model);
    opset(functions.imports(NodeProto.getDefaultInstance()), graph.getNodeList());
    Set<String> names = usedNames();
    nodes = functions.inline(graph.getNodeList(), new Names(names, 2)::fresh);
    nodes.forEach(node -> addNames(node, names));
    inputs = FreeAxes.bound(inputs(), sizes);
    values = new FileValues(inputs, names, live::reads, new TensorReader(external));
    graph
        .getInputList()
        .forEach(i -> values.note(i.getName(), i.getType().getTensorType().getElemType()));
  }

  Onnx.Model read() {
    Set<String> outputs = declaredOutputs();
    List<NodeProto> ordered = live.of(nodes, outputs);
    OperatorCheck.check(functions, ordered);
    refuseSparse();
    addConstants();
    Deque<NodeProto> open = new ArrayDeque<>(ordered);
    while (!open.isEmpty()) {
      NodeProto node = open.pop();
      if (Branches.isIf(node)) {
        branch(node).reversed().forEach(open::push);
      } else {
        translate(view(node));
      }
    }
    Graph read = checked(assemble(outputs));
    return new Onnx.Model(read, metadata.of(model));
  }

  /// The nodes that an If stands for.
  private List<NodeProto> branch(NodeProto node) {
    String name = name(node, node.getOutputCount() == 0 ? "" : node.getOutput(0));
    NodeView view = new NodeView(node, name, opset(functions.imports(node), List.of(node)), values);
    Branches taken =
        Branches.taken(node, view.toString(), view.condition(), this::deciding, values::fresh);
    List<NodeProto> made = taken.nodes();
    made.forEach(n -> functions.like(node, n));
    List<String> wanted = node.getOutputList().stream().filter(live::reads).toList();
    List<NodeProto> ordered = live.of(functions.inline(made, values::fresh), wanted);
    OperatorCheck.check(functions, ordered);
    ordered.replaceAll(n -> functions.like(n, renamed(n)));
    taken.constants().stream().filter(t -> live.reads(t.getName())).forEach(values::give);
    return ordered;
  }

  private Optional<Set<String>> deciding(String value) {
    return FreeAxes.deciding(value, inputs, values::maker, values::made);
  }

  /// Names of a branch's nodes were not known when all others were.
  private NodeProto renamed(NodeProto node) {
    String own = node.getName();
    return own.isEmpty() ? node : node.toBuilder().setName(values.fresh(own)).build();
  }

  private void refuseSparse() {
    for (SparseTensorProto sparse : graph.getSparseInitializerList()) {
      String name = sparse.getValues().getName();
      if (live.reads(name)) {
        throw new Unsupported("tensor \"" + name + "\" is a sparse initializer");
      }
    }
  }

  /// @param readers nodes that are of that opset
  private static int opset(Map<String, Long> imports, List<NodeProto> readers) {
    Long version = imports.get("ai.onnx");
    if (version == null) {
      throw new InvalidModel("the model names no opset: it is truncated, or not one of ONNX's");
    }
    boolean old = version < OLDEST_OPSET && !areOld(readers, version);
    if (old || version > NEWEST_OPSET) {
      throw new Unsupported(
          "the model is of opset "
              + version
              + "; supported are "
              + OLDEST_OPSET
              + " to "
              + NEWEST_OPSET);
    }
    return version.intValue();
  }

  /// Whether these operators are those of younger models, which did not change since.
  private static boolean areOld(List<NodeProto> nodes, long version) {
    return nodes.stream().allMatch(n -> Families.oldest(n.getOpType()) <= version);
  }

  private List<ValueInfo> inputs() {
    Set<String> constants = new HashSet<>();
    graph.getInitializerList().forEach(t -> constants.add(t.getName()));
    Set<String> names = new HashSet<>();
    List<ValueInfo> made = new ArrayList<>();
    for (ValueInfoProto input : graph.getInputList()) {
      if (!names.add(input.getName())) {
        throw new InvalidModel("two inputs are called \"" + input.getName() + "\"");
      }
      if (!constants.contains(input.getName())) {
        made.add(ValueInfoReader.read(input, "input", null));
      }
    }
    return made;
  }

  private Set<String> usedNames() {
    Set<String> used = new HashSet<>();
    graph.getNodeList().forEach(node -> addNames(node, used));
    graph.getOutputList().forEach(o -> used.add(o.getName()));
    graph.getInitializerList().forEach(t -> used.add(t.getName()));
    graph.getInputList().forEach(i -> used.add(i.getName()));
    return used;
  }

  private static void addNames(NodeProto node, Set<String> names) {
    names.add(node.getName());
    names.addAll(node.getOutputList());
    names.addAll(node.getInputList());
    // A new name must mean nothing in a branch either.
    names.addAll(Renaming.reads(node));
  }

  /// Those that somebody reads: what else the file holds is not even decoded.
  private void addConstants() {
    Set<String> names = new HashSet<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      String name = tensor.getName();
      if (name.isEmpty()) {
        throw new InvalidModel("an initializer has no name");
      }
      if (!names.add(name)) {
        throw new InvalidModel("two values are called \"" + name + "\"");
      }
      if (live.reads(name)) {
        values.give(tensor);
      }
    }
  }

  private NodeView view(NodeProto node) {
    String output = node.getOutputList().stream().filter(o -> !o.isEmpty()).findFirst().orElse("");
    String name = name(node, output);
    NodeView view = new NodeView(node, name, opset(functions.imports(node), List.of(node)), values);
    metadata.add(name, node);
    if (output.isEmpty()) {
      throw view.invalid("has no output");
    }
    return view;
  }

  /// The node's own name where it is the first to bear it: in a file, names need not be unique.
  private String name(NodeProto node, String output) {
    if (node.getName().isEmpty()) {
      return values.fresh(node.getOpType() + "_" + output);
    }
    return nodeNames.add(node.getName()) ? node.getName() : values.fresh(node.getName());
  }

  private void translate(NodeView node) {
    try {
      Families.read(node).forEach(made -> values.add(made, node));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw node.invalid(e);
    } catch (IndexOutOfBoundsException e) { // of an axis that the operator's inputs have by rule
      throw node.invalid(new IllegalArgumentException("an input has too few axes", e));
    }
  }

  private Set<String> declaredOutputs() {
    Set<String> names = new HashSet<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      if (!names.add(output.getName())) {
        throw new InvalidModel("two outputs are called \"" + output.getName() + "\"");
      }
    }
    if (names.isEmpty()) {
      throw new InvalidModel("the model has no output");
    }
    return names;
  }

  /// The graph without outputs, and only with the nodes and constants that somebody reads: what was
  /// read for its shape alone, or is now a constant, has gone.
  private Graph assemble(Set<String> outputs) {
    Map<String, List<Node>> makers = new HashMap<>();
    for (Node node : values.nodes()) {
      node.outputs().forEach(o -> makers.computeIfAbsent(o, _ -> new ArrayList<>(1)).add(node));
    }
    Set<String> used = new HashSet<>(outputs);
    Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<String> open = new ArrayDeque<>(outputs);
    while (!open.isEmpty()) {
      for (Node maker : makers.getOrDefault(open.remove(), List.of())) {
        if (needed.add(maker)) {
          maker.inputs().stream().filter(used::add).forEach(open::add);
        }
      }
    }
    List<Node> kept = values.nodes().stream().filter(needed::contains).toList();
    return new Graph(graph.getName(), inputs, List.of(), values.constants(used), kept);
  }

  /// Lets the declared outputs meet what the nodes make, and resolves shapes that are computed.
  private Graph checked(Graph inner) {
    List<ValueInfo> outputs = new ArrayList<>();
    for (ValueInfoProto declared : graph.getOutputList()) {
      ValueInfo made =
          values
              .made(declared.getName())
              .orElseThrow(
                  () ->
                      new InvalidModel("output \"" + declared.getName() + "\" is made by no node"));
      outputs.add(ValueInfoReader.read(declared, "output", made));
    }
    Graph read = inner.withOutputs(outputs);
    return values.computeSizes() ? ResolveShapes.rewrite(read) : read;
  }
}
