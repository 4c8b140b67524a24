package io.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.ValueInfo;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One ONNX model on its way to a {@link Graph}: inputs, constants, then node after node in the
/// file's order. An initializer that also stands among the inputs (as before IR version 4) is a
/// constant.
final class ModelReader {
  private static final int OLDEST_OPSET = 7;
  private static final int NEWEST_OPSET = 21;

  private final GraphProto graph;
  private final int opset;
  private final TensorReader tensors;
  private final Set<String> read = new HashSet<>();
  private final Set<String> nodeNames = new HashSet<>();
  private final List<ValueInfo> inputs;
  private final Values values;
  private final OpReader ops;
  private final ShapeChain shapes;

  ModelReader(ModelProto model, ExternalData external) {
    if (!model.hasGraph()) {
      throw new InvalidModel("not an ONNX model: it has no graph");
    }
    graph = model.getGraph();
    opset = opset(model);
    tensors = new TensorReader(external);
    inputs = inputs();
    values = new Values(inputs, usedNames());
    ops = new OpReader(values);
    shapes = new ShapeChain(values);
  }

  Graph read() {
    if (graph.getSparseInitializerCount() > 0) {
      throw new Unsupported("sparse initializers");
    }
    for (TensorProto tensor : graph.getInitializerList()) {
      addConstant(tensor.getName(), tensor);
    }
    for (NodeProto node : graph.getNodeList()) {
      translate(view(node));
    }
    return checked(assemble(declaredOutputs()));
  }

  private static int opset(ModelProto model) {
    Long version = null;
    for (OperatorSetIdProto imported : model.getOpsetImportList()) {
      if (isOnnx(imported.getDomain())) {
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

  private static boolean isOnnx(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
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

  /// Also notes which values somebody reads.
  private Set<String> usedNames() {
    Set<String> used = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      used.add(node.getName());
      used.addAll(node.getOutputList());
      read.addAll(node.getInputList());
      if (!node.getName().isEmpty() && !nodeNames.add(node.getName())) {
        throw new InvalidModel("two nodes are called \"" + node.getName() + "\"");
      }
    }
    graph.getOutputList().forEach(o -> read.add(o.getName()));
    graph.getInitializerList().forEach(t -> used.add(t.getName()));
    graph.getInputList().forEach(i -> used.add(i.getName()));
    used.addAll(read);
    return used;
  }

  private void addConstant(String name, TensorProto tensor) {
    if (name.isEmpty()) {
      throw new InvalidModel("an initializer has no name");
    }
    values.addConstant(name, tensors.read(tensor));
  }

  private NodeView view(NodeProto node) {
    String output = node.getOutputCount() == 0 ? "" : node.getOutput(0);
    String name = node.getName();
    if (name.isEmpty()) {
      name = values.fresh(node.getOpType() + "_" + output);
    }
    NodeView view = new NodeView(node, name, opset);
    if (output.isEmpty()) {
      throw view.invalid("has no output");
    }
    if (!isOnnx(node.getDomain())) {
      throw view.unsupported("operators of domain \"" + node.getDomain() + "\"");
    }
    for (String extra : node.getOutputList().subList(1, node.getOutputCount())) {
      if (!extra.isEmpty() && read.contains(extra)) {
        throw view.unsupported("its further output \"" + extra + "\" is read");
      }
    }
    if (node.getOutputCount() > 1 && node.getOpType().equals("BatchNormalization")) {
      throw view.unsupported("is in training form (several outputs); export it for inference");
    }
    return view;
  }

  private void translate(NodeView node) {
    try {
      if (node.type().equals("Constant")) {
        constant(node);
      } else if (node.type().equals("Cast") && values.constant(node.input(0)) != null) {
        widened(node);
      } else if (shapes.evaluate(node)) {
        return;
      } else if (node.type().equals("Softmax") && opset < 13) {
        SoftmaxRewrite.rewrite(node, values);
      } else {
        OpReader.Translated translated = ops.translate(node);
        List<String> resolved = shapes.resolve(node, translated.inputs());
        values.addNode(new Node(node.name(), translated.op(), resolved, node.output()));
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw node.invalid(e);
    }
  }

  private void constant(NodeView node) {
    node.requireInputs(0, 0);
    AttributeProto value = node.find("value", AttributeType.TENSOR);
    AttributeProto floats = node.find("value_floats", AttributeType.FLOATS);
    AttributeProto ints = node.find("value_ints", AttributeType.INTS);
    boolean real = node.has("value_float");
    boolean whole = node.has("value_int");
    Tensor tensor;
    if (value != null) {
      TensorProto named = value.getT().toBuilder().setName(node.output()).build();
      tensor = tensors.read(named);
    } else if (floats != null) {
      float[] elements = new float[floats.getFloatsCount()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = floats.getFloats(i);
      }
      tensor = Tensor.of(elements, elements.length);
    } else if (ints != null) {
      long[] elements = ints.getIntsList().stream().mapToLong(Long::longValue).toArray();
      tensor = Tensor.of(elements, elements.length);
    } else if (real) {
      tensor = Tensor.scalar(node.real("value_float", 0));
    } else if (whole) {
      tensor = Tensor.of(new long[] {node.integer("value_int", 0)});
    } else {
      throw node.unsupported("its value is none of value, value_float(s), value_int(s)");
    }
    node.refuseUnread();
    values.addConstant(node.output(), tensor);
  }

  /// A constant's Cast to the type that it already has: float16 weights became f32 when they were
  /// read.
  private void widened(NodeView node) {
    node.requireInputs(1, 1);
    node.ignore("saturate"); // It concerns float8 alone.
    Tensor constant = values.constant(node.input(0));
    int to = node.int32("to", 0);
    node.refuseUnread();
    if (TensorReader.type(to, node + ": to") != constant.type()) {
      throw node.unsupported(
          "casts a constant " + constant + " to " + TensorProto.DataType.forNumber(to));
    }
    values.addConstant(node.output(), constant);
  }

  private Set<String> declaredOutputs() {
    Set<String> names = new HashSet<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      if (!names.add(output.getName())) {
        throw new InvalidModel("two outputs are called \"" + output.getName() + "\"");
      }
      if (shapes.makes(output.getName())) {
        throw new Unsupported("output \"" + output.getName() + "\" is computed from shapes");
      }
    }
    if (names.isEmpty()) {
      throw new InvalidModel("the model has no output");
    }
    return names;
  }

  /// The graph without outputs, and only with the constants that somebody reads.
  private Graph assemble(Set<String> outputs) {
    Set<String> used = new HashSet<>(outputs);
    values.nodes().forEach(n -> used.addAll(n.inputs()));
    Map<String, Tensor> constants = new LinkedHashMap<>(values.constants());
    constants.keySet().retainAll(used);
    return new Graph(graph.getName(), inputs, List.of(), constants, values.nodes());
  }

  /// Infers everything once, which finds whatever contradicts itself, and lets the declared outputs
  /// meet what the nodes make.
  private Graph checked(Graph inner) {
    Map<String, ValueInfo> inferred = ShapeInference.infer(inner);
    List<ValueInfo> outputs = new ArrayList<>();
    for (ValueInfoProto declared : graph.getOutputList()) {
      ValueInfo made = inferred.get(declared.getName());
      if (made == null) {
        throw new InvalidModel("output \"" + declared.getName() + "\" is made by no node");
      }
      outputs.add(ValueInfoReader.read(declared, "output", made));
    }
    return inner.withOutputs(outputs);
  }
}
