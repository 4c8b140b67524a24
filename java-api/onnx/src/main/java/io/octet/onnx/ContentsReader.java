package io.octet.onnx;

import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.octet.OctetException;
import io.octet.onnx.FileContents.Operator;
import io.octet.onnx.FileContents.Value;
import io.octet.onnx.op.ElementTypes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Collects a file's {@link FileContents}: nothing is checked, and nothing is refused.
final class ContentsReader {
  private final ModelProto model;
  private final Functions functions;
  private final Map<List<Object>, Operator> operators = new LinkedHashMap<>();
  private final Deque<GraphProto> subgraphs = new ArrayDeque<>();
  private long parameters;

  ContentsReader(ModelProto model) {
    this.model = model;
    functions = new Functions(model);
  }

  FileContents read() {
    Map<String, Long> opsets = Functions.imports(model.getOpsetImportList());
    GraphProto graph = model.getGraph();
    look(graph, opsets);
    for (FunctionProto function : model.getFunctionsList()) {
      Map<String, Long> own = Functions.imports(function.getOpsetImportList());
      function.getNodeList().forEach(node -> look(node, own));
      lookWithin(own);
    }
    return new FileContents(
        graph.getName(),
        new TreeMap<>(opsets),
        values(inputs(graph)),
        values(graph.getOutputList()),
        List.copyOf(operators.values()),
        parameters,
        new MetadataReader().of(model));
  }

  /// As before IR version 4, constants may stand among the inputs.
  private static List<ValueInfoProto> inputs(GraphProto graph) {
    Set<String> constants = new HashSet<>();
    graph.getInitializerList().forEach(t -> constants.add(t.getName()));
    Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
    graph.getInputList().forEach(input -> inputs.put(input.getName(), input));
    inputs.keySet().removeAll(constants);
    return List.copyOf(inputs.values());
  }

  private void look(GraphProto graph, Map<String, Long> opsets) {
    subgraphs.push(graph);
    lookWithin(opsets);
  }

  private void lookWithin(Map<String, Long> opsets) {
    while (!subgraphs.isEmpty()) {
      GraphProto graph = subgraphs.pop();
      graph.getInitializerList().forEach(t -> parameters += elements(t));
      graph.getNodeList().forEach(node -> look(node, opsets));
    }
  }

  private void look(NodeProto node, Map<String, Long> opsets) {
    String domain = OperatorCheck.domain(node.getDomain());
    long opset = opsets.getOrDefault(domain, 0L);
    boolean supported = functions.has(node) || OperatorCheck.isKnown(node);
    operators.merge(
        List.of(node.getOpType(), domain, opset, supported),
        new Operator(node.getOpType(), domain, opset, 1, OperatorCheck.name(node), supported),
        (known, _) ->
            new Operator(known.name(), domain, opset, known.nodes() + 1, known.first(), supported));
    node.getAttributeList().forEach(a -> subgraphs.addAll(Renaming.graphs(a)));
  }

  /// Capped where a long does not count them.
  private long elements(TensorProto tensor) {
    long elements = 1;
    for (long size : tensor.getDimsList()) {
      long high = Math.multiplyHigh(elements, size);
      elements = high != 0 || elements * size < 0 ? Long.MAX_VALUE : elements * size;
    }
    return Math.min(elements, Long.MAX_VALUE - parameters);
  }

  private static List<Value> values(List<ValueInfoProto> protos) {
    return protos.stream().map(ContentsReader::value).toList();
  }

  private static Value value(ValueInfoProto proto) {
    TypeProto type = proto.getType();
    if (!type.hasTensorType()) {
      String kind = type.getValueCase().name().toLowerCase(Locale.ROOT).replace("_type", "");
      return new Value(proto.getName(), proto.hasType() ? kind : "?", List.of());
    }
    List<String> shape = new ArrayList<>();
    for (Dimension dim : type.getTensorType().getShape().getDimList()) {
      String name = dim.getDimParam().isEmpty() ? "?" : dim.getDimParam();
      shape.add(dim.hasDimValue() ? "" + dim.getDimValue() : name);
    }
    return new Value(proto.getName(), type(type.getTensorType().getElemType()), shape);
  }

  private static String type(int code) {
    try {
      return ElementTypes.of(code, "").toString();
    } catch (OctetException _) { // It has another name, or none.
      TensorProto.DataType known = TensorProto.DataType.forNumber(code);
      return known == null ? "type " + code : known.name().toLowerCase(Locale.ROOT);
    }
  }
}
