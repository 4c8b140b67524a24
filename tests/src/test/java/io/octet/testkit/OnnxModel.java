package io.octet.testkit;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// ONNX models made by hand, right ones and wrong ones: nothing here checks anything.
public final class OnnxModel {
  private final ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("made");

  /// An empty model of that opset.
  public OnnxModel(int opset) {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset));
  }

  /// An f32 input; each axis is a number, a name, or "" for none.
  public OnnxModel input(String name, Object... dims) {
    return input(name, TensorProto.DataType.FLOAT, dims);
  }

  /// An input of any type.
  public OnnxModel input(String name, TensorProto.DataType type, Object... dims) {
    graph.addInput(value(name, type, dims));
    return this;
  }

  /// An f32 output.
  public OnnxModel output(String name, Object... dims) {
    graph.addOutput(value(name, TensorProto.DataType.FLOAT, dims));
    return this;
  }

  /// An output without type and shape.
  public OnnxModel openOutput(String name) {
    graph.addOutput(ValueInfoProto.newBuilder().setName(name));
    return this;
  }

  /// An f32 constant; values in its typed list.
  public OnnxModel constant(String name, long[] dims, float... values) {
    TensorProto.Builder tensor = tensor(name, TensorProto.DataType.FLOAT, dims);
    for (float value : values) {
      tensor.addFloatData(value);
    }
    return constant(tensor);
  }

  /// An int64 vector.
  public OnnxModel longs(String name, long... values) {
    TensorProto.Builder tensor = tensor(name, TensorProto.DataType.INT64, values.length);
    Arrays.stream(values).forEach(tensor::addInt64Data);
    return constant(tensor);
  }

  /// An int64 scalar.
  public OnnxModel scalar(String name, long value) {
    return constant(tensor(name, TensorProto.DataType.INT64).addInt64Data(value));
  }

  /// Any initializer.
  public OnnxModel constant(TensorProto.Builder tensor) {
    graph.addInitializer(tensor);
    return this;
  }

  /// A node called after its output; inputs and outputs separated by blanks, "_" being absent.
  public OnnxModel node(String type, String inputs, String outputs, AttributeProto... attributes) {
    return node(outputs.split(" ")[0] + "_node", type, inputs, outputs, attributes);
  }

  /// A node of any name.
  public OnnxModel node(
      String name, String type, String inputs, String outputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(name)
            .setOpType(type)
            .addAllInput(names(inputs))
            .addAllOutput(names(outputs))
            .addAllAttribute(List.of(attributes)));
    return this;
  }

  /// Whatever the other methods cannot say.
  public OnnxModel graph(Consumer<GraphProto.Builder> change) {
    change.accept(graph);
    return this;
  }

  /// Whatever the other methods cannot say.
  public OnnxModel model(Consumer<ModelProto.Builder> change) {
    change.accept(model);
    return this;
  }

  /// The file.
  public byte[] bytes() {
    return model.setGraph(graph).build().toByteArray();
  }

  /// An integer attribute.
  public static AttributeProto attribute(String name, long value) {
    return named(name, AttributeType.INT).setI(value).build();
  }

  /// A float attribute.
  public static AttributeProto attribute(String name, float value) {
    return named(name, AttributeType.FLOAT).setF(value).build();
  }

  /// A string attribute.
  public static AttributeProto attribute(String name, String value) {
    return named(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
  }

  /// A list of integers.
  public static AttributeProto attribute(String name, long[] values) {
    AttributeProto.Builder attribute = named(name, AttributeType.INTS);
    Arrays.stream(values).forEach(attribute::addInts);
    return attribute.build();
  }

  /// The graph alone, as a branch.
  public GraphProto branch() {
    return graph.build();
  }

  /// The nodes alone, as a function of domain "local".
  ///
  /// @param attributes names, separated by blanks
  public FunctionProto.Builder function(
      String name, String inputs, String outputs, String attributes) {
    return FunctionProto.newBuilder()
        .setName(name)
        .setDomain("local")
        .addAllInput(names(inputs))
        .addAllOutput(names(outputs))
        .addAllAttribute(names(attributes))
        .addAllNode(graph.getNodeList())
        .addAllOpsetImport(model.getOpsetImportList());
  }

  /// A function that nodes of domain "local" may call.
  public OnnxModel function(FunctionProto.Builder function) {
    if (model.getOpsetImportCount() == 1) {
      local();
    }
    model.addFunctions(function);
    return this;
  }

  /// Imports domain "local".
  public OnnxModel local() {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("local").setVersion(1));
    return this;
  }

  /// A node of domain "local", called after its output.
  public OnnxModel call(String type, String inputs, String outputs, AttributeProto... attributes) {
    node(type, inputs, outputs, attributes);
    graph.getNodeBuilder(graph.getNodeCount() - 1).setDomain("local");
    return this;
  }

  /// An If called after its output.
  public OnnxModel branches(String condition, String outputs, OnnxModel then, OnnxModel otherwise) {
    return node(
        "If",
        condition,
        outputs,
        named("then_branch", AttributeType.GRAPH).setG(then.branch()).build(),
        named("else_branch", AttributeType.GRAPH).setG(otherwise.branch()).build());
  }

  /// What a call of the function gives for attribute `parameter`.
  public static AttributeProto reference(String name, AttributeType type, String parameter) {
    return named(name, type).setRefAttrName(parameter).build();
  }

  /// The attribute "value" that is a tensor.
  public static AttributeProto value(TensorProto.Builder tensor) {
    return named("value", AttributeType.TENSOR).setT(tensor).build();
  }

  /// A tensor of that type and shape, without values.
  public static TensorProto.Builder tensor(String name, TensorProto.DataType type, long... dims) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
    Arrays.stream(dims).forEach(tensor::addDims);
    return tensor;
  }

  /// Little-endian halves, as raw data of float16 and bfloat16.
  public static ByteString raw(int... halves) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * halves.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(halves).forEach(h -> bytes.putShort((short) h));
    return ByteString.copyFrom(bytes.flip());
  }

  private static AttributeProto.Builder named(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static List<String> names(String names) {
    return names.isEmpty()
        ? List.of()
        : Arrays.stream(names.split(" ")).map(n -> n.equals("_") ? "" : n).toList();
  }

  private static ValueInfoProto value(String name, TensorProto.DataType type, Object... dims) {
    TypeProto.Builder tensor = TypeProto.newBuilder();
    tensor.getTensorTypeBuilder().setElemType(type.getNumber()).getShapeBuilder();
    for (Object dim : dims) {
      var axis = tensor.getTensorTypeBuilder().getShapeBuilder().addDimBuilder();
      switch (dim) {
        case Integer size -> axis.setDimValue(size);
        case Long size -> axis.setDimValue(size);
        case String symbol when symbol.isEmpty() -> axis.clear();
        case String symbol -> axis.setDimParam(symbol);
        default -> throw new IllegalArgumentException("axis " + dim);
      }
    }
    return ValueInfoProto.newBuilder().setName(name).setType(tensor).build();
  }
}
