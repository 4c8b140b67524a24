package io.octet.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Signature;
import io.octet.graph.op.ValueInfo;
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
import java.util.Set;

/// One ONNX model on its way to a {@link Graph}: inputs, constants, then node after node, of those
/// that somebody reads. What follows from constants alone is computed on the way. An initializer
/// that also stands among the inputs (as before IR version 4) is a constant.
final class ModelReader {
  private static final int OLDEST_OPSET = Signature.OLDEST_OPSET;
  private static final int NEWEST_OPSET = Signature.NEWEST_OPSET;

  private final ModelProto model;
  private final GraphProto graph;
  private final int opset;
  private final LiveNodes live;
  private final MetadataReader metadata = new MetadataReader();
  private final Set<String> nodeNames = new HashSet<>();
  private final List<ValueInfo> inputs;
  private final FileValues values;

  ModelReader(ModelProto model, ExternalData external) {
    if (!model.hasGraph()) {
      throw new InvalidModel("not an ONNX model: it has no graph");
    }
    this.model = model;
    graph = model.getGraph();
    opset = opset(model);
    live = new LiveNodes(graph);
    inputs = inputs();
    values = new FileValues(inputs, usedNames(), live::reads, new TensorReader(external));
  }

  Onnx.Model read() {
    List<NodeProto> nodes = live.inOrder();
    OperatorCheck.check(model, nodes);
    refuseSparse();
    addConstants();
    for (NodeProto node : nodes) {
      translate(view(node));
    }
    Graph read = checked(assemble(declaredOutputs()));
    return new Onnx.Model(read, metadata.of(model));
  }

  private void refuseSparse() {
    for (SparseTensorProto sparse : graph.getSparseInitializerList()) {
      String name = sparse.getValues().getName();
      if (live.reads(name)) {
        throw new Unsupported("tensor \"" + name + "\" is a sparse initializer");
      }
    }
  }

  private static int opset(ModelProto model) {
    Long version = null;
    for (OperatorSetIdProto imported : model.getOpsetImportList()) {
      if (OperatorCheck.isOnnx(imported.getDomain())) {
        version = imported.getVersion();
      }
    }
    if (version == null) {
      throw new InvalidModel("the model names no opset: it is truncated, or not one of ONNX's");
    }
    if (version < OLDEST_OPSET || version > NEWEST_OPSET) {
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
    for (NodeProto node : graph.getNodeList()) {
      used.add(node.getName());
      used.addAll(node.getOutputList());
      used.addAll(node.getInputList());
    }
    graph.getOutputList().forEach(o -> used.add(o.getName()));
    graph.getInitializerList().forEach(t -> used.add(t.getName()));
    graph.getInputList().forEach(i -> used.add(i.getName()));
    return used;
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
    NodeView view = new NodeView(node, name, opset, values);
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
