package io.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One node of a file: its attributes by name and type, and errors that name it. Whoever translates
/// the node asks for each attribute that it understands; {@link #refuseUnread} refuses the others,
/// so that none is ignored in silence.
final class NodeView {
  private final NodeProto proto;
  private final String name;
  private final int opset;
  private final Map<String, AttributeProto> attributes = new LinkedHashMap<>();
  private final Set<String> read = new HashSet<>();

  /// @param name what errors and the graph call the node
  /// @param opset the version of ONNX's operators that the model asks for
  NodeView(NodeProto proto, String name, int opset) {
    this.proto = proto;
    this.name = name;
    this.opset = opset;
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attributes.put(attribute.getName(), attribute) != null) {
        throw invalid("attribute \"" + attribute.getName() + "\" stands twice");
      }
    }
  }

  String name() {
    return name;
  }

  String type() {
    return proto.getOpType();
  }

  int opset() {
    return opset;
  }

  List<String> inputs() {
    return proto.getInputList();
  }

  /// The name of input `index`, or "" where it is absent.
  String input(int index) {
    return index < proto.getInputCount() ? proto.getInput(index) : "";
  }

  boolean hasInput(int index) {
    return !input(index).isEmpty();
  }

  String output() {
    return proto.getOutput(0);
  }

  /// Refuses another number of inputs, and the absence of one of the first `least`.
  void requireInputs(int least, int most) {
    for (int i = 0; i < least; i++) {
      if (!hasInput(i)) {
        throw invalid("needs " + least + " inputs, but input " + i + " is missing");
      }
    }
    if (proto.getInputCount() > most) {
      throw invalid("takes at most " + most + " inputs, but has " + proto.getInputCount());
    }
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  long integer(String attribute, long absent) {
    AttributeProto found = find(attribute, AttributeType.INT);
    return found == null ? absent : found.getI();
  }

  int int32(String attribute, long absent) {
    long value = integer(attribute, absent);
    if (value != (int) value) {
      throw invalid("attribute \"" + attribute + "\" is " + value);
    }
    return (int) value;
  }

  /// An attribute that is 0 or 1.
  boolean flag(String attribute, boolean absent) {
    long value = integer(attribute, absent ? 1 : 0);
    if (value != 0 && value != 1) {
      throw invalid("attribute \"" + attribute + "\" must be 0 or 1, but is " + value);
    }
    return value == 1;
  }

  float real(String attribute, float absent) {
    AttributeProto found = find(attribute, AttributeType.FLOAT);
    return found == null ? absent : found.getF();
  }

  String text(String attribute, String absent) {
    AttributeProto found = find(attribute, AttributeType.STRING);
    return found == null ? absent : found.getS().toStringUtf8();
  }

  /// A list of integers, or null where the attribute is absent.
  int[] integers(String attribute) {
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

  /// The attribute, or null where it is absent.
  AttributeProto find(String attribute, AttributeType type) {
    AttributeProto found = attributes.get(attribute);
    read.add(attribute);
    if (found != null && found.getType() != type) {
      throw invalid(
          "attribute \"" + attribute + "\" must be " + type + ", but is " + found.getType());
    }
    return found;
  }

  /// An attribute that changes nothing in inference, whatever its value.
  void ignore(String attribute) {
    read.add(attribute);
  }

  void refuseUnread() {
    for (String attribute : attributes.keySet()) {
      if (!read.contains(attribute)) {
        throw unsupported("attribute \"" + attribute + "\" is not known for opset " + opset);
      }
    }
  }

  InvalidModel invalid(String message) {
    return new InvalidModel(this + ": " + message);
  }

  InvalidModel invalid(RuntimeException cause) {
    return new InvalidModel(this + ": " + cause.getMessage(), cause);
  }

  Unsupported unsupported(String message) {
    return new Unsupported(this + ": " + message);
  }

  /// As {@link io.octet.graph.Node}: `Conv "layer1.conv"`.
  @Override
  public String toString() {
    return type() + " \"" + name + "\"";
  }
}
