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
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.onnx.ModelMetadata.Notes;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
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
final class ModelWriter {
  /// Opset and the version of the file format that came with it.
  private record Version(int opset, int format) {}

  private static final Version USUAL = new Version(17, 8);

  /// AveragePool has had dilations since opset 19.
  private static final Version DILATED = new Version(19, 9);

  /// The format that has properties of graphs, nodes and values, too.
  private static final int ANNOTATED = 10;

  private final Graph graph;
  private final ModelMetadata metadata;
  private final Set<String> names = new HashSet<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, Tensor> added = new LinkedHashMap<>();
  private final Map<Object, String> addedByValue = new HashMap<>();

  private ModelWriter(Graph graph, ModelMetadata metadata) {
    this.graph = graph;
    this.metadata = metadata;
    graph.inputs().forEach(i -> names.add(i.name()));
    names.addAll(graph.initializers().keySet());
    graph.nodes().forEach(n -> names.addAll(n.outputs()));
  }

  static ModelProto write(Graph graph, ModelMetadata metadata) {
    return new ModelWriter(graph, metadata).model();
  }

  private ModelProto model() {
    GraphProto.Builder proto =
        GraphProto.newBuilder()
            .setName(graph.name())
            .addAllMetadataProps(properties(metadata.graph()));
    set(metadata.graph().doc(), proto::setDocString);
    graph.nodes().forEach(n -> proto.addNode(node(n)));
    graph.initializers().forEach((name, t) -> proto.addInitializer(tensor(name, t)));
    added.forEach((name, t) -> proto.addInitializer(tensor(name, t)));
    graph.inputs().forEach(i -> proto.addInput(value(i)));
    graph.outputs().forEach(o -> proto.addOutput(value(o)));
    Version version = graph.nodes().stream().anyMatch(ModelWriter::isDilated) ? DILATED : USUAL;
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(isAnnotated() ? ANNOTATED : version.format())
            .setProducerName("octet")
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("").setVersion(version.opset()))
            .addAllMetadataProps(properties(metadata.model()))
            .setGraph(proto);
    set(metadata.domain(), model::setDomain);
    set(metadata.model().doc(), model::setDocString);
    if (metadata.version() != 0) {
      model.setModelVersion(metadata.version());
    }
    return model.build();
  }

  /// Whether there are properties beside the model's.
  private boolean isAnnotated() {
    return Stream.of(
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

  private static List<StringStringEntryProto> properties(Notes notes) {
    List<StringStringEntryProto> entries = new ArrayList<>();
    notes
        .properties()
        .forEach(
            (key, value) ->
                entries.add(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value).build()));
    return entries;
  }

  private static boolean isDilated(Node node) {
    return node.op() instanceof Pooling.AveragePool(Window window, boolean _, boolean _)
        && (window.dilationH() != 1 || window.dilationW() != 1);
  }

  private NodeProto node(Node node) {
    NodeProto.Builder proto =
        NodeProto.newBuilder()
            .setName(node.name())
            .setOpType(node.op().name())
            .addAllInput(inputs(node))
            .addAllOutput(node.outputs());
    OpAttributes.of(node.op()).forEach(proto::addAttribute);
    Notes notes = metadata.nodes().getOrDefault(node.name(), Notes.NONE);
    set(notes.doc(), proto::setDocString);
    proto.addAllMetadataProps(properties(notes));
    return proto.build();
  }

  private List<String> inputs(Node node) {
    List<String> inputs = new ArrayList<>(node.inputs());
    switch (node.op()) {
      case Unary.Clip(float min, float max) -> {
        boolean below = min != Float.NEGATIVE_INFINITY;
        boolean above = max != Float.POSITIVE_INFINITY;
        if (below || above) {
          inputs.add(below ? bound(min) : "");
        }
        if (above) {
          inputs.add(bound(max));
        }
      }
      // Without a zero point the type would be u8.
      case Quantization.QuantizeLinear(int _, DataType type)
          when type == DataType.S8 && !node.hasInput(2) ->
          inputs.add(2, zeroPoint(graph.constant(node.input(1))));
      default -> {
        // The inputs are ONNX's.
      }
    }
    return inputs;
  }

  private String bound(float value) {
    return constant(Float.floatToRawIntBits(value), "clip_" + value, Tensor.scalar(value));
  }

  private String zeroPoint(Tensor scale) {
    long[] sizes = scale == null ? new long[0] : scale.shape().sizes();
    byte[] zeros = new byte[scale == null ? 1 : Math.toIntExact(scale.elements())];
    Tensor tensor = Tensor.of(DataType.S8, zeros, sizes);
    return constant(tensor.shape(), "zero_" + tensor, tensor);
  }

  private String constant(Object key, String base, Tensor tensor) {
    return addedByValue.computeIfAbsent(
        key,
        _ -> {
          String name = base;
          for (int i = numbers.getOrDefault(base, 2); !names.add(name); i++) {
            name = base + "_" + i;
            numbers.put(base, i + 1);
          }
          added.put(name, tensor);
          return name;
        });
  }

  private static TensorProto tensor(String name, Tensor tensor) {
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(Known.code(tensor.type()).getNumber())
            .setRawData(
                UnsafeByteOperations.unsafeWrap(tensor.data().toArray(ValueLayout.JAVA_BYTE)));
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
          });
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(Known.code(info.type()).getNumber())
            .setShape(shape);
    Notes notes = metadata.values().getOrDefault(info.name(), Notes.NONE);
    ValueInfoProto.Builder value =
        ValueInfoProto.newBuilder()
            .setName(info.name())
            .setType(TypeProto.newBuilder().setTensorType(tensor))
            .addAllMetadataProps(properties(notes));
    set(notes.doc(), value::setDocString);
    return value.build();
  }
}
