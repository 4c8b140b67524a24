package io.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Copies nodes into another scope: values get other names, and an attribute that stands for one of
/// a function's is given. What a subgraph calls by a name of its own keeps it. Subgraphs nest as
/// deep as protobuf reads messages: thirty levels.
final class Renaming {
  private final UnaryOperator<String> values;
  private final Attributes attributes;

  /// What a function was called with.
  @FunctionalInterface
  interface Attributes {
    /// The attribute that a function's node calls `name`, or nothing where the call leaves it out.
    Optional<AttributeProto> get(String name);
  }

  Renaming(UnaryOperator<String> values, Attributes attributes) {
    this.values = name -> name.isEmpty() ? name : values.apply(name);
    this.attributes = attributes;
  }

  NodeProto node(NodeProto node) {
    NodeProto.Builder renamed = node.toBuilder().clearInput().clearOutput().clearAttribute();
    node.getInputList().forEach(input -> renamed.addInput(values.apply(input)));
    node.getOutputList().forEach(output -> renamed.addOutput(values.apply(output)));
    node.getAttributeList().forEach(a -> attribute(a).ifPresent(renamed::addAttribute));
    return renamed.build();
  }

  private Optional<AttributeProto> attribute(AttributeProto attribute) {
    if (!attribute.getRefAttrName().isEmpty()) {
      return attributes
          .get(attribute.getRefAttrName())
          .map(given -> given.toBuilder().setName(attribute.getName()).build());
    }
    if (!attribute.hasG() && attribute.getGraphsCount() == 0) {
      return Optional.of(attribute);
    }
    AttributeProto.Builder renamed = attribute.toBuilder().clearGraphs();
    if (attribute.hasG()) {
      renamed.setG(graph(attribute.getG()));
    }
    attribute.getGraphsList().forEach(g -> renamed.addGraphs(graph(g)));
    return Optional.of(renamed.build());
  }

  private GraphProto graph(GraphProto graph) {
    Set<String> own = made(graph);
    Renaming inner = new Renaming(n -> own.contains(n) ? n : values.apply(n), attributes);
    GraphProto.Builder renamed = graph.toBuilder().clearNode().clearOutput();
    graph.getNodeList().forEach(node -> renamed.addNode(inner.node(node)));
    for (ValueInfoProto output : graph.getOutputList()) {
      renamed.addOutput(output.toBuilder().setName(inner.values.apply(output.getName())));
    }
    return renamed.build();
  }

  /// The values that a subgraph has itself.
  static Set<String> made(GraphProto graph) {
    Set<String> made = new HashSet<>();
    graph.getInputList().forEach(input -> made.add(input.getName()));
    graph.getInitializerList().stream().map(TensorProto::getName).forEach(made::add);
    graph.getSparseInitializerList().forEach(s -> made.add(s.getValues().getName()));
    graph.getNodeList().forEach(node -> made.addAll(node.getOutputList()));
    return made;
  }

  /// What a node reads: its inputs, and what its subgraphs take from around it.
  static Set<String> reads(NodeProto node) {
    Set<String> read = new LinkedHashSet<>(node.getInputList());
    for (AttributeProto attribute : node.getAttributeList()) {
      for (GraphProto graph : graphs(attribute)) {
        Set<String> inner = new LinkedHashSet<>();
        graph.getNodeList().forEach(n -> inner.addAll(reads(n)));
        graph.getOutputList().forEach(output -> inner.add(output.getName()));
        inner.removeAll(made(graph));
        read.addAll(inner);
      }
    }
    return read;
  }

  /// The subgraphs that an attribute is.
  static List<GraphProto> graphs(AttributeProto attribute) {
    return attribute.hasG() ? List.of(attribute.getG()) : attribute.getGraphsList();
  }
}
