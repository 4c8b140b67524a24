package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.octet.graph.Node;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A node on its way into a file: attributes, of which those that have ONNX's default are left out,
/// and inputs. What is an attribute of ours and an input of ONNX's becomes a constant.
public final class NodeWriter {
  private final Constants constants;
  private final List<AttributeProto> attributes = new ArrayList<>();
  private final List<String> inputs;
  private final Map<String, String> properties = new LinkedHashMap<>();

  /// The file's constants.
  public interface Constants {
    /// The constant of that name, or null where it is none.
    Tensor get(String name);

    /// A constant of the file, one for each key.
    ///
    /// @param key what is the same for the same constant
    /// @param base what it is called, unless something else is
    /// @return its name
    String add(Object key, String base, Tensor tensor);
  }

  /// Begins with the inputs that the node has in the graph.
  public NodeWriter(Node node, Constants constants) {
    this.constants = constants;
    inputs = new ArrayList<>(node.inputs());
  }

  /// In the order in which they were written.
  public List<AttributeProto> attributes() {
    return attributes;
  }

  /// What the node says of itself beside its attributes: other programs pass it over.
  public Map<String, String> properties() {
    return properties;
  }

  void property(String key, String value) {
    properties.put(key, value);
  }

  /// Names of values; "" where one is absent.
  public List<String> inputs() {
    return inputs;
  }

  boolean hasInput(int index) {
    return index < inputs.size() && !inputs.get(index).isEmpty();
  }

  /// The constant that input `index` is, or null.
  Tensor constant(int index) {
    return constants.get(inputs.get(index));
  }

  /// A constant of the file as input `index`, which is absent; one constant for each key.
  void input(int index, Object key, String base, Tensor tensor) {
    while (inputs.size() <= index) {
      inputs.add("");
    }
    inputs.set(index, constants.add(key, base, tensor));
  }

  /// Numbers whose default is `absent` each.
  void integers(String name, List<Integer> values, int absent) {
    if (values.stream().anyMatch(v -> v != absent)) {
      integers(name, values);
    }
  }

  void integers(String name, List<Integer> values) {
    integers(name, values.stream().mapToInt(v -> v).toArray());
  }

  void integers(String name, int... values) {
    AttributeProto.Builder attribute = named(name, AttributeType.INTS);
    IntStream.of(values).forEach(attribute::addInts);
    attributes.add(attribute.build());
  }

  void integer(String name, int value, int absent) {
    if (value != absent) {
      integer(name, value);
    }
  }

  void integer(String name, int value) {
    attributes.add(named(name, AttributeType.INT).setI(value).build());
  }

  void flag(String name, boolean value) {
    integer(name, value ? 1 : 0, 0);
  }

  void real(String name, float value, float absent) {
    if (value != absent) {
      attributes.add(named(name, AttributeType.FLOAT).setF(value).build());
    }
  }

  void text(String name, String value) {
    attributes.add(named(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build());
  }

  /// A list, left out where it is empty.
  void texts(String name, List<String> values) {
    if (!values.isEmpty()) {
      AttributeProto.Builder attribute = named(name, AttributeType.STRINGS);
      values.forEach(value -> attribute.addStrings(ByteString.copyFromUtf8(value)));
      attributes.add(attribute.build());
    }
  }

  /// A list, left out where it is empty.
  void reals(String name, List<Float> values) {
    if (!values.isEmpty()) {
      attributes.add(named(name, AttributeType.FLOATS).addAllFloats(values).build());
    }
  }

  void tensor(String name, TensorProto value) {
    attributes.add(named(name, AttributeType.TENSOR).setT(value).build());
  }

  private static AttributeProto.Builder named(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }
}
