package io.octet.testkit;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// A model with a few changes that keep it a well-formed file: other attributes, sizes, types,
/// wiring, nodes, subgraphs, functions. Most mutants are no model that means anything; none may do
/// more than be refused.
public final class ModelMutant {
  private static final int MOST_CHANGES = 4;

  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    3,
    -2,
    4,
    5,
    7,
    16,
    64,
    127,
    255,
    1000,
    -1000,
    65_536,
    1L << 31,
    -(1L << 31),
    Integer.MAX_VALUE,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final float[] REALS = {
    0,
    -0f,
    1,
    -1,
    0.5f,
    1e-30f,
    1e30f,
    Float.MIN_VALUE,
    Float.MAX_VALUE,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  private static final int[] TYPES = {1, 2, 3, 6, 7, 9, 10, 11, 16, 8, 22, 0, 99};

  private static final String[] TEXTS = {"", "tanh", "linear", "SAME_UPPER", "reverse", "\u00e9"};

  private final RandomGenerator random;
  private final List<ModelProto> others;
  private final ModelProto.Builder model;
  private final GraphProto.Builder graph;

  private ModelMutant(ModelProto original, List<ModelProto> others, RandomGenerator random) {
    this.random = random;
    this.others = others;
    this.model = original.toBuilder();
    this.graph = model.getGraphBuilder();
  }

  /// The mutant of that seed, of one of these models.
  public static byte[] of(List<ModelProto> models, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    ModelProto original = models.get(random.nextInt(models.size()));
    ModelMutant mutant = new ModelMutant(original, models, random);
    for (int i = random.nextInt(MOST_CHANGES); i >= 0; i--) {
      mutant.change();
    }
    return mutant.model.build().toByteArray();
  }

  private void change() {
    switch (random.nextInt(14)) {
      case 0, 1 -> changeAttribute();
      case 2 -> changeSize();
      case 3 -> changeType();
      case 4, 5 -> rewire();
      case 6 -> changeConstant();
      case 7 -> changeNodes();
      case 8 -> changeOperator();
      case 9 -> wrapInIf();
      case 10 -> wrapInFunction();
      case 11 -> graft();
      case 12 -> changeOutputs();
      default -> changeOpset();
    }
  }

  private long number() {
    return random.nextInt(3) == 0 ? random.nextInt(-4, 9) : NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private float real() {
    return REALS[random.nextInt(REALS.length)];
  }

  private NodeProto.Builder anyNode() {
    return graph.getNodeCount() == 0
        ? null
        : graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
  }

  /// Any value of the graph, none, or one that nobody makes.
  private String anyValue() {
    List<String> values = new ArrayList<>(List.of("", "nobody"));
    graph.getInputList().forEach(v -> values.add(v.getName()));
    graph.getInitializerList().forEach(t -> values.add(t.getName()));
    graph.getNodeList().forEach(n -> values.addAll(n.getOutputList()));
    return values.get(random.nextInt(values.size()));
  }

  // ---- one change each

  private void changeAttribute() {
    NodeProto.Builder node = anyNode();
    if (node == null || node.getAttributeCount() == 0) {
      return;
    }
    int at = random.nextInt(node.getAttributeCount());
    AttributeProto.Builder a = node.getAttributeBuilder(at);
    switch (random.nextInt(5)) {
      case 0 -> node.removeAttribute(at);
      case 1 -> node.addAttribute(a.build());
      default -> changeValue(a);
    }
  }

  private void changeValue(AttributeProto.Builder a) {
    switch (a.getType()) {
      case INT -> a.setI(number());
      case FLOAT -> a.setF(real());
      case STRING -> a.setS(ByteString.copyFromUtf8(TEXTS[random.nextInt(TEXTS.length)]));
      case INTS -> changeList(a);
      case FLOATS -> a.addFloats(real());
      case TENSOR -> changeTensor(a.getTBuilder());
      default -> a.setType(AttributeType.forNumber(random.nextInt(1, 8)));
    }
  }

  private void changeList(AttributeProto.Builder a) {
    int count = a.getIntsCount();
    switch (random.nextInt(4)) {
      case 0 -> a.addInts(number());
      case 1 -> a.clearInts();
      default -> {
        if (count > 0) {
          a.setInts(random.nextInt(count), number());
        }
      }
    }
  }

  private void changeSize() {
    if (graph.getInputCount() == 0) {
      return;
    }
    TypeProto.Tensor.Builder type =
        graph
            .getInputBuilder(random.nextInt(graph.getInputCount()))
            .getTypeBuilder()
            .getTensorTypeBuilder();
    int axes = type.getShape().getDimCount();
    if (axes == 0 || random.nextInt(6) == 0) {
      type.getShapeBuilder().addDimBuilder().setDimValue(random.nextInt(1, 4));
    } else if (random.nextInt(6) == 0) {
      type.getShapeBuilder().removeDim(random.nextInt(axes));
    } else {
      Dimension.Builder dim = type.getShapeBuilder().getDimBuilder(random.nextInt(axes));
      switch (random.nextInt(4)) {
        case 0 -> dim.setDimValue(number());
        case 1 -> dim.setDimParam(random.nextBoolean() ? "N" : "M");
        case 2 -> dim.clear();
        default -> dim.setDimValue(random.nextInt(1, 9));
      }
    }
  }

  private void changeType() {
    int type = TYPES[random.nextInt(TYPES.length)];
    if (random.nextBoolean() && graph.getInputCount() > 0) {
      graph
          .getInputBuilder(random.nextInt(graph.getInputCount()))
          .getTypeBuilder()
          .getTensorTypeBuilder()
          .setElemType(type);
    } else if (graph.getInitializerCount() > 0) {
      graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount())).setDataType(type);
    }
  }

  private void rewire() {
    NodeProto.Builder node = anyNode();
    if (node == null) {
      return;
    }
    int inputs = node.getInputCount();
    if (inputs == 0 || random.nextInt(5) == 0) {
      node.addInput(anyValue());
    } else if (random.nextInt(6) == 0) {
      List<String> kept = new ArrayList<>(node.getInputList());
      kept.remove(random.nextInt(inputs));
      node.clearInput().addAllInput(kept);
    } else {
      node.setInput(random.nextInt(inputs), anyValue());
    }
  }

  private void changeConstant() {
    if (graph.getInitializerCount() > 0) {
      changeTensor(graph.getInitializerBuilder(random.nextInt(graph.getInitializerCount())));
    } else if (graph.getInputCount() > 0) {
      // What a case gives as an input is a constant in most models.
      ValueInfoProto input = graph.getInput(random.nextInt(graph.getInputCount()));
      TypeProto.Tensor type = input.getType().getTensorType();
      TensorProto.Builder tensor =
          TensorProto.newBuilder().setName(input.getName()).setDataType(type.getElemType());
      long elements = 1;
      for (Dimension dim : type.getShape().getDimList()) {
        long size = Math.clamp(dim.getDimValue(), 1, 8);
        tensor.addDims(size);
        elements *= size;
      }
      fill(tensor, (int) Math.min(elements, 4096));
      graph.addInitializer(tensor);
    }
  }

  private void fill(TensorProto.Builder tensor, int elements) {
    for (int i = 0; i < elements; i++) {
      switch (tensor.getDataType()) {
        case 1 -> tensor.addFloatData(random.nextInt(8) == 0 ? real() : random.nextFloat());
        case 7 -> tensor.addInt64Data(random.nextInt(4) == 0 ? number() : random.nextInt(-2, 5));
        case 11 -> tensor.addDoubleData(random.nextDouble());
        default -> tensor.addInt32Data(random.nextInt(2));
      }
    }
  }

  private void changeTensor(TensorProto.Builder tensor) {
    int axes = tensor.getDimsCount();
    switch (random.nextInt(5)) {
      case 0 -> tensor.setDataType(TYPES[random.nextInt(TYPES.length)]);
      case 1 -> {
        if (axes > 0) {
          tensor.setDims(random.nextInt(axes), number());
        }
      }
      case 2 -> tensor.addDims(random.nextInt(1, 3));
      default -> changeElement(tensor);
    }
  }

  private void changeElement(TensorProto.Builder tensor) {
    byte[] raw = tensor.getRawData().toByteArray();
    int bytes = tensor.getDataType() == 7 ? 8 : 4;
    if (raw.length >= bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
      int at = random.nextInt(raw.length / bytes) * bytes;
      if (bytes == 8) {
        buffer.putLong(at, number());
      } else {
        buffer.putInt(at, random.nextBoolean() ? (int) number() : Float.floatToRawIntBits(real()));
      }
      tensor.setRawData(ByteString.copyFrom(raw));
    } else if (tensor.getInt64DataCount() > 0) {
      tensor.setInt64Data(random.nextInt(tensor.getInt64DataCount()), number());
    } else if (tensor.getFloatDataCount() > 0) {
      tensor.setFloatData(random.nextInt(tensor.getFloatDataCount()), real());
    } else if (tensor.getInt32DataCount() > 0) {
      tensor.setInt32Data(random.nextInt(tensor.getInt32DataCount()), (int) number());
    }
  }

  private void changeNodes() {
    int count = graph.getNodeCount();
    if (count == 0) {
      return;
    }
    int at = random.nextInt(count);
    NodeProto node = graph.getNode(at);
    switch (random.nextInt(4)) {
      case 0 -> graph.removeNode(at);
      case 1 -> graph.addNode(random.nextInt(count), node);
      case 2 -> { // Again, behind itself.
        NodeProto.Builder again = node.toBuilder().clearOutput();
        node.getOutputList().forEach(o -> again.addOutput(o.isEmpty() ? o : o + "_again"));
        if (again.getInputCount() > 0 && node.getOutputCount() > 0) {
          again.setInput(0, node.getOutput(0));
        }
        graph.addNode(again);
        if (graph.getOutputCount() > 0 && node.getOutputCount() > 0) {
          graph.getOutputBuilder(0).clear().setName(node.getOutput(0) + "_again");
        }
      }
      default -> graph.setNode(random.nextInt(count), node);
    }
  }

  private NodeProto foreign() {
    GraphProto other = others.get(random.nextInt(others.size())).getGraph();
    return other.getNodeCount() == 0 ? null : other.getNode(random.nextInt(other.getNodeCount()));
  }

  private void changeOperator() {
    NodeProto.Builder node = anyNode();
    NodeProto other = foreign();
    if (node != null && other != null) {
      node.setOpType(other.getOpType()).setDomain(other.getDomain());
      if (random.nextBoolean()) {
        node.clearAttribute().addAllAttribute(other.getAttributeList());
      }
      imports(node.getDomain());
    }
  }

  private void imports(String domain) {
    Set<String> known = new HashSet<>();
    model.getOpsetImportList().forEach(i -> known.add(i.getDomain()));
    if (!known.contains(domain)) {
      model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(1));
    }
  }

  /// A node of another model, on values of this one, whose result is an output.
  private void graft() {
    NodeProto other = foreign();
    if (other != null && other.getOutputCount() > 0) {
      NodeProto.Builder grafted = other.toBuilder().clearInput().clearOutput();
      for (int i = 0; i < other.getInputCount(); i++) {
        grafted.addInput(anyValue());
      }
      for (int i = 0; i < other.getOutputCount(); i++) {
        grafted.addOutput("grafted" + graph.getNodeCount() + "_" + i);
      }
      graph.addNode(grafted);
      graph.addOutput(ValueInfoProto.newBuilder().setName(grafted.getOutput(0)));
      imports(other.getDomain());
    }
  }

  private void wrapInIf() {
    if (graph.getNodeCount() == 0) {
      return;
    }
    int at = random.nextInt(graph.getNodeCount());
    NodeProto node = graph.getNode(at);
    GraphProto.Builder branch = GraphProto.newBuilder().setName("branch").addNode(node);
    node.getOutputList().forEach(o -> branch.addOutput(ValueInfoProto.newBuilder().setName(o)));
    String condition = "condition" + graph.getInitializerCount();
    graph.addInitializer(
        TensorProto.newBuilder().setName(condition).setDataType(9).addInt32Data(random.nextInt(2)));
    NodeProto.Builder wrapped =
        NodeProto.newBuilder()
            .setOpType("If")
            .addInput(random.nextInt(6) == 0 ? anyValue() : condition)
            .addAllOutput(node.getOutputList());
    for (String name : List.of("then_branch", "else_branch")) {
      GraphProto.Builder own = branch.clone();
      if (random.nextInt(3) == 0) {
        own.getNodeBuilder(0).setOpType("Identity").clearAttribute();
      }
      wrapped.addAttribute(
          AttributeProto.newBuilder().setName(name).setType(AttributeType.GRAPH).setG(own));
    }
    graph.setNode(at, wrapped);
  }

  private void wrapInFunction() {
    if (graph.getNodeCount() == 0) {
      return;
    }
    int at = random.nextInt(graph.getNodeCount());
    NodeProto node = graph.getNode(at);
    String name = random.nextInt(4) == 0 ? node.getOpType() : "Wrapped" + model.getFunctionsCount();
    FunctionProto.Builder function =
        FunctionProto.newBuilder()
            .setName(name)
            .setDomain("local")
            .addAllInput(node.getInputList())
            .addAllOutput(node.getOutputList())
            .addNode(node)
            .addAllOpsetImport(model.getOpsetImportList());
    if (random.nextInt(8) == 0) {
      function.addNode(node.toBuilder().setOpType(name).setDomain("local")); // It calls itself.
    }
    NodeProto.Builder call = node.toBuilder().setOpType(name).setDomain("local").clearAttribute();
    if (node.getAttributeCount() > 0 && random.nextBoolean()) {
      AttributeProto given = node.getAttribute(random.nextInt(node.getAttributeCount()));
      int place = node.getAttributeList().indexOf(given);
      function.addAttribute(given.getName());
      function
          .getNodeBuilder(0)
          .setAttribute(
              place,
              AttributeProto.newBuilder()
                  .setName(given.getName())
                  .setType(given.getType())
                  .setRefAttrName(given.getName()));
      if (random.nextInt(4) != 0) {
        call.addAttribute(given);
      }
    }
    model.addFunctions(function);
    imports("local");
    graph.setNode(at, call);
  }

  private void changeOutputs() {
    NodeProto.Builder node = anyNode();
    switch (random.nextInt(4)) {
      case 0 -> graph.addOutput(ValueInfoProto.newBuilder().setName(anyValue()));
      case 1 -> {
        if (node != null) {
          node.addOutput(random.nextBoolean() ? "" : "further");
          graph.addOutput(ValueInfoProto.newBuilder().setName("further"));
        }
      }
      case 2 -> {
        if (node != null && node.getOutputCount() > 0) {
          node.setOutput(random.nextInt(node.getOutputCount()), anyValue());
        }
      }
      default -> {
        if (graph.getOutputCount() > 0) {
          graph.getOutputBuilder(random.nextInt(graph.getOutputCount())).clearType();
        }
      }
    }
  }

  private void changeOpset() {
    if (model.getOpsetImportCount() > 0) {
      int at = random.nextInt(model.getOpsetImportCount());
      model.getOpsetImportBuilder(at).setVersion(random.nextInt(6, 25));
    }
  }
}
