package io.octet.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.UnsafeByteOperations;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Names;
import io.octet.onnx.ModelMetadata.Notes;
import io.octet.onnx.QOperatorForm.Written;
import io.octet.onnx.op.ElementTypes;
import io.octet.onnx.op.Families;
import io.octet.onnx.op.NodeWriter;
import io.octet.tensor.Dim;
import io.octet.tensor.Expression;
import io.octet.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A {@link Graph} as an ONNX model: opset 17 where that serves, the graph's own order and names,
/// attributes that have ONNX's default left out. Nothing depends on time, place or hash codes, so
/// the same graph gives the same bytes. Where an attribute of ours is an input of ONNX's (the
/// bounds of Clip, the zero point that gives QuantizeLinear its type), a constant is added, one for
/// each value.
final class ModelWriter implements NodeWriter.Constants {
  /// The format that has properties of graphs, nodes and values, too.
  private static final int ANNOTATED = 10;

  private final Graph graph;

  /// Whether a node says of itself what only later versions of the format have room for.
  private boolean annotates;

  private final ModelMetadata metadata;
  private final WriteOptions options;
  private final ExternalWeights weights;
  private final Names names;
  private final Map<String, Tensor> added = new LinkedHashMap<>();
  private final Map<Object, String> addedByValue = new HashMap<>();

  private ModelWriter(
      Graph graph, ModelMetadata metadata, WriteOptions options, ExternalWeights weights) {
    this.graph = graph;
    this.weights = weights;
    this.options = options;
    this.metadata = metadata;
    Set<String> taken = new HashSet<>(graph.initializers().keySet());
    graph.inputs().forEach(i -> taken.add(i.name()));
    graph.nodes().forEach(n -> taken.addAll(n.outputs()));
    this.names = new Names(taken, 2);
  }

  /// @param weights where larger tensors go, or null: into the model
  static ModelProto write(
      Graph graph, ModelMetadata metadata, WriteOptions options, ExternalWeights weights) {
    Graph written =
        switch (options.profile()) {
          case ANY -> graph;
          case TENSORRT -> TensorRtProfile.of(graph);
        };
    return new ModelWriter(written, metadata, options, weights).model();
  }

  private List<Written> nodes() {
    return switch (options.format()) {
      case QDQ -> graph.nodes().stream().map(Written::of).toList();
      case QOPERATOR -> QOperatorForm.of(graph, this);
    };
  }

  private ModelProto model() {
    GraphProto.Builder proto =
        GraphProto.newBuilder()
            .setName(graph.name())
            .addAllMetadataProps(properties(metadata.graph().properties()));
    set(metadata.graph().doc(), proto::setDocString);
    List<Written> nodes = nodes();
    nodes.forEach(n -> proto.addNode(node(n)));
    Set<String> unread = unread(nodes);
    graph.initializers().entrySet().stream()
        .filter(e -> !unread.contains(e.getKey()))
        .forEach(e -> proto.addInitializer(tensor(e.getKey(), e.getValue())));
    added.forEach((name, t) -> proto.addInitializer(tensor(name, t)));
    graph.inputs().forEach(i -> proto.addInput(value(i)));
    graph.outputs().forEach(o -> proto.addOutput(value(o)));
    int opset = graph.nodes().stream().mapToInt(Families::opset).max().orElse(17);
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(isAnnotated() ? ANNOTATED : format(opset))
            .setProducerName("octet")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
            .addAllMetadataProps(properties(metadata.model().properties()))
            .setGraph(proto);
    nodes.stream()
        .map(Written::domain)
        .filter(domain -> !domain.isEmpty())
        .distinct()
        .forEach(domain -> model.addOpsetImport(imported(domain)));
    set(metadata.domain(), model::setDomain);
    set(metadata.model().doc(), model::setDocString);
    if (metadata.version() != 0) {
      model.setModelVersion(metadata.version());
    }
    return model.build();
  }

  private static OperatorSetIdProto.Builder imported(String domain) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(1);
  }

  /// Constants that the nodes of the graph read, and those of the file do not.
  private Set<String> unread(List<Written> nodes) {
    Set<String> unread = new HashSet<>();
    graph.nodes().forEach(n -> unread.addAll(n.inputs()));
    nodes.forEach(n -> n.node().inputs().forEach(unread::remove));
    graph.outputs().forEach(output -> unread.remove(output.name()));
    return unread;
  }

  /// The version of the file format that came with an opset.
  private static int format(int opset) {
    return opset < 19 ? 8 : opset < 21 ? 9 : 10;
  }

  /// Whether there are properties beside the model's.
  private boolean isAnnotated() {
    return annotates
        || Stream.of(
                Stream.of(metadata.graph()),
                metadata.nodes().values().stream(),
                metadata.values().values().stream())
            .flatMap(notes -> notes)
            .anyMatch(notes -> !notes.properties().isEmpty());
  }

  /// Leaves out what is empty.
  private static void set(String text, Consumer<String> field) {
    if (!text.isEmpty()) {
      field.accept(text);
    }
  }

  private static List<StringStringEntryProto> properties(Map<String, String> properties) {
    List<StringStringEntryProto> entries = new ArrayList<>();
    properties.forEach(
        (key, value) ->
            entries.add(StringStringEntryProto.newBuilder().setKey(key).setValue(value).build()));
    return entries;
  }

  private NodeProto node(Written form) {
    Node node = form.node();
    NodeWriter written = new NodeWriter(node, this);
    Families.write(node.op(), written);
    NodeProto.Builder proto =
        NodeProto.newBuilder()
            .setName(node.name())
            .setOpType(form.type())
            .addAllInput(written.inputs())
            .addAllOutput(node.outputs())
            .addAllAttribute(written.attributes());
    Notes notes = metadata.nodes().getOrDefault(node.name(), Notes.NONE);
    set(form.domain(), proto::setDomain);
    set(notes.doc(), proto::setDocString);
    Map<String, String> all = new LinkedHashMap<>(notes.properties());
    all.putAll(written.properties());
    annotates |= !written.properties().isEmpty();
    proto.addAllMetadataProps(properties(all));
    return proto.build();
  }

  @Override
  public Tensor get(String name) {
    return graph.constant(name);
  }

  @Override
  public String add(Object key, String base, Tensor tensor) {
    return addedByValue.computeIfAbsent(
        key,
        _ -> {
          String name = names.fresh(base);
          added.put(name, tensor);
          return name;
        });
  }

  private TensorProto tensor(String name, Tensor tensor) {
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(ElementTypes.code(tensor.type()).getNumber());
    if (weights != null && weights.takes(tensor)) {
      weights.add(tensor, proto);
    } else {
      byte[] raw = tensor.data().toArray(ValueLayout.JAVA_BYTE);
      proto.setRawData(UnsafeByteOperations.unsafeWrap(raw));
    }
    for (long size : tensor.shape().sizes()) {
      proto.addDims(size);
    }
    return proto.build();
  }

  private ValueInfoProto value(ValueInfo info) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Dim dim : info.shape().dims()) {
      TensorShapeProto.Dimension.Builder axis = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(
          switch (dim) {
            case Dim.Fixed(long size) -> axis.setDimValue(size);
            case Dim.Symbol(String name) -> axis.setDimParam(name);
            case Expression e -> axis.setDimParam(e.toString());
            case Dim.Unknown _ -> axis;
          });
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(ElementTypes.code(info.type()).getNumber())
            .setShape(shape);
    Notes notes = metadata.values().getOrDefault(info.name(), Notes.NONE);
    ValueInfoProto.Builder value =
        ValueInfoProto.newBuilder()
            .setName(info.name())
            .setType(TypeProto.newBuilder().setTensorType(tensor))
            .addAllMetadataProps(properties(notes.properties()));
    set(notes.doc(), value::setDocString);
    return value.build();
  }
}
