package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// One node of a file: its attributes by name and type, and errors that name it. Whoever translates
/// the node asks for each attribute that it understands; {@link #refuseUnread} refuses the others,
/// so that none is ignored in silence.
public final class NodeView {
  private final NodeProto proto;
  private final String name;
  private final int opset;
  private final Surroundings around;
  private final Map<String, AttributeProto> attributes = new LinkedHashMap<>();
  private final Set<String> read = new HashSet<>();
  private final List<String> outputs = new ArrayList<>();

  /// @param name what errors and the graph call the node
  /// @param opset the version of ONNX's operators that the model asks for
  /// @param around what is known of the values that it reads
  public NodeView(NodeProto proto, String name, int opset, Surroundings around) {
    this.proto = proto;
    this.name = name;
    this.opset = opset;
    this.around = around;
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attributes.put(attribute.getName(), attribute) != null) {
        throw invalid("attribute \"" + attribute.getName() + "\" stands twice");
      }
    }
  }

  public String name() {
    return name;
  }

  public String type() {
    return proto.getOpType();
  }

  /// Whose operator it is: "" is ONNX itself.
  public String domain() {
    return Families.domain(proto.getDomain());
  }

  /// What the node says of itself under that key beside its attributes; "" where nothing.
  String property(String key) {
    return proto.getMetadataPropsList().stream()
        .filter(entry -> entry.getKey().equals(key))
        .map(entry -> entry.getValue())
        .findFirst()
        .orElse("");
  }

  /// The version of ONNX's own operators, whatever the node's domain.
  public int opset() {
    return opset;
  }

  public List<String> inputs() {
    return proto.getInputList();
  }

  /// The name of input `index`, or "" where it is absent.
  public String input(int index) {
    return index < proto.getInputCount() ? proto.getInput(index) : "";
  }

  public boolean hasInput(int index) {
    return !input(index).isEmpty();
  }

  /// The result; a name that nobody has where the file leaves it out.
  public String output() {
    return outputs(1).getFirst();
  }

  /// The names of the first `count` outputs; names that nobody has where the file leaves some out.
  List<String> outputs(int count) {
    while (outputs.size() < count) {
      String given = given(outputs.size());
      outputs.add(given.isEmpty() ? around.fresh(name + "_" + outputs.size()) : given);
    }
    return List.copyOf(outputs.subList(0, count));
  }

  /// The name that the file gives to output `index`, or "".
  private String given(int index) {
    return index < proto.getOutputCount() ? proto.getOutput(index) : "";
  }

  /// Whether somebody reads output `index`.
  boolean isRead(int index) {
    return !given(index).isEmpty() && around.reads(given(index));
  }

  /// What is known of the values that it reads, and of names.
  Surroundings around() {
    return around;
  }

  /// Type and shape of input `index`.
  ValueInfo info(int index) {
    return around.info(input(index), this);
  }

  /// The constant that decides which branch an If takes, if it is one.
  public Optional<Tensor> condition() {
    return constant(0);
  }

  /// The constant that input `index` is, if it is one.
  Optional<Tensor> constant(int index) {
    return hasInput(index) ? around.constant(input(index)) : Optional.empty();
  }

  /// A node of the graph in the place of this one, with as many inputs as the operator takes.
  List<Node> with(Op op) {
    requireInputs(op.signature().least(), op.signature().most());
    int size = proto.getInputCount();
    while (size > 0 && input(size - 1).isEmpty()) {
      size--;
    }
    return with(op, inputs().subList(0, size));
  }

  /// A node of the graph in the place of this one, with as many outputs as are wanted.
  List<Node> with(Op op, List<String> inputs) {
    int count = op.signature().outputs().size();
    while (count > 1 && !isRead(count - 1)) {
      count--;
    }
    return with(op, inputs, count);
  }

  /// A node of the graph in the place of this one, of the first outputs of this one.
  ///
  /// @param inputs of which absent ones at the end are left out
  /// @param outputs how many outputs it makes
  List<Node> with(Op op, List<String> inputs, int outputs) {
    int size = inputs.size();
    while (size > 0 && inputs.get(size - 1).isEmpty()) {
      size--;
    }
    return List.of(new Node(name, op, inputs.subList(0, size), outputs(outputs)));
  }

  /// The same, of an operator whose axes became its second input.
  ///
  /// @param since the opset in which they did; before, they are an attribute
  List<Node> withAxes(Op op, int since) {
    if (opset >= since) {
      return with(op);
    }
    requireInputs(1, 1);
    long[] axes = axes();
    return with(op, axes == null ? inputs() : List.of(input(0), constant("axes", axes)));
  }

  /// The axes that are an attribute, or null where it is absent.
  long[] axes() {
    int[] axes = integers("axes");
    return axes == null ? null : IntStream.of(axes).asLongStream().toArray();
  }

  /// The name of a new constant that holds what is an attribute in the file.
  String constant(String attribute, long[] values) {
    String made = around.fresh(output() + "_" + attribute);
    around.addConstant(made, Tensor.of(values, values.length));
    return made;
  }

  /// The same nodes, whose inputs from `first` on are parameters, not data: constants that are kept
  /// as integers are wanted as floats.
  List<Node> onFloats(int first, List<Node> nodes) {
    return nodes.stream().map(node -> onFloats(first, node)).toList();
  }

  /// The name of input `index` as floats, where it is a constant that is kept as integers.
  String floats(int index) {
    return around.asFloats(input(index));
  }

  private Node onFloats(int first, Node node) {
    List<String> floats = new ArrayList<>(node.inputs());
    for (int i = first; i < floats.size(); i++) {
      floats.set(i, around.asFloats(floats.get(i)));
    }
    return new Node(node.name(), node.op(), floats, node.outputs());
  }

  int outputCount() {
    return proto.getOutputCount();
  }

  /// Refuses another number of inputs, and the absence of one of the first `least`.
  public void requireInputs(int least, int most) {
    for (int i = 0; i < least; i++) {
      if (!hasInput(i)) {
        throw invalid("needs " + least + " inputs, but input " + i + " is missing");
      }
    }
    if (proto.getInputCount() > most) {
      throw invalid("takes at most " + most + " inputs, but has " + proto.getInputCount());
    }
  }

  public boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  public long integer(String attribute, long absent) {
    AttributeProto found = find(attribute, AttributeType.INT);
    return found == null ? absent : found.getI();
  }

  public int int32(String attribute, long absent) {
    long value = integer(attribute, absent);
    if (value != (int) value) {
      throw invalid("attribute \"" + attribute + "\" is " + value);
    }
    return (int) value;
  }

  /// An attribute that is 0 or 1.
  public boolean flag(String attribute, boolean absent) {
    long value = integer(attribute, absent ? 1 : 0);
    if (value != 0 && value != 1) {
      throw invalid("attribute \"" + attribute + "\" must be 0 or 1, but is " + value);
    }
    return value == 1;
  }

  public float real(String attribute, float absent) {
    AttributeProto found = find(attribute, AttributeType.FLOAT);
    return found == null ? absent : found.getF();
  }

  public String text(String attribute, String absent) {
    AttributeProto found = find(attribute, AttributeType.STRING);
    return found == null ? absent : found.getS().toStringUtf8();
  }

  /// A list of integers, or null where the attribute is absent.
  public int[] integers(String attribute) {
    AttributeProto found = find(attribute, AttributeType.INTS);
    if (found == null) {
      return null;
    }
    int[] values = new int[found.getIntsCount()];
    for (int i = 0; i < values.length; i++) {
      long value = found.getInts(i);
      if (value != (int) value) {
        throw invalid("attribute \"" + attribute + "\" has " + value + " at " + i);
      }
      values[i] = (int) value;
    }
    return values;
  }

  /// A list of integers of 64 bits, or null where the attribute is absent.
  long[] longs(String attribute) {
    AttributeProto found = find(attribute, AttributeType.INTS);
    return found == null ? null : found.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  /// A list of reals, or null where the attribute is absent.
  float[] reals(String attribute) {
    AttributeProto found = find(attribute, AttributeType.FLOATS);
    if (found == null) {
      return null;
    }
    float[] values = new float[found.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = found.getFloats(i);
    }
    return values;
  }

  /// A list of texts, or null where the attribute is absent.
  List<String> texts(String attribute) {
    AttributeProto found = find(attribute, AttributeType.STRINGS);
    return found == null
        ? null
        : found.getStringsList().stream().map(ByteString::toStringUtf8).toList();
  }

  /// The attribute, or null where it is absent.
  public AttributeProto find(String attribute, AttributeType type) {
    AttributeProto found = attributes.get(attribute);
    read.add(attribute);
    if (found != null && found.getType() != type) {
      throw invalid(
          "attribute \"" + attribute + "\" must be " + type + ", but is " + found.getType());
    }
    return found;
  }

  /// An attribute that changes nothing in inference, whatever its value.
  public void ignore(String attribute) {
    read.add(attribute);
  }

  /// Refuses outputs that somebody reads and none of `made` makes.
  void requireOutputs(List<Node> made) {
    for (int i = 1; i < proto.getOutputCount(); i++) {
      String output = given(i);
      if (isRead(i) && made.stream().noneMatch(node -> node.outputs().contains(output))) {
        throw unsupported("its further output \"" + output + "\" is read");
      }
    }
  }

  public void refuseUnread() {
    for (String attribute : attributes.keySet()) {
      if (!read.contains(attribute)) {
        throw unsupported("attribute \"" + attribute + "\" is not known for opset " + opset);
      }
    }
  }

  public InvalidModel invalid(String message) {
    return new InvalidModel(this + ": " + message);
  }

  public InvalidModel invalid(RuntimeException cause) {
    return new InvalidModel(this + ": " + cause.getMessage(), cause);
  }

  public Unsupported unsupported(String message) {
    return new Unsupported(this + ": " + message);
  }

  /// As {@link io.octet.graph.Node}: `Conv "layer1.conv"`.
  @Override
  public String toString() {
    return type() + " \"" + name + "\"";
  }
}
