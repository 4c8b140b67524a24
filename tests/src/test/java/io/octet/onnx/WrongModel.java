package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import io.octet.OctetException;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.testkit.OnnxModel;
import java.util.function.Consumer;

/// A wrong model, and what its refusal says.
///
/// @param name what is wrong
/// @param kind the exception that is due
/// @param model the file
/// @param message a part of the exception's message
record WrongModel(String name, Class<? extends OctetException> kind, byte[] model, String message) {

  static WrongModel invalid(String name, OnnxModel model, String message) {
    return new WrongModel(name, InvalidModel.class, model.bytes(), message);
  }

  static WrongModel unsupported(String name, OnnxModel model, String message) {
    return new WrongModel(name, Unsupported.class, model.bytes(), message);
  }

  void assertRefused() {
    OctetException refusal = assertThrows(kind, () -> Onnx.read(model));
    assertTrue(
        refusal.getMessage().contains(message),
        () -> "\"" + refusal.getMessage() + "\" does not say \"" + message + "\"");
  }

  /// A node "n" that reads "x" [1,3,8,8] and more.
  static OnnxModel node(int opset, String type, String inputs, AttributeProto... attributes) {
    return node(opset, type, inputs, m -> {}, attributes);
  }

  /// A node "n" that reads "x" [1,3,8,8] and what `more` adds to the model.
  static OnnxModel node(
      int opset,
      String type,
      String inputs,
      Consumer<OnnxModel> more,
      AttributeProto... attributes) {
    OnnxModel model = new OnnxModel(opset).input("x", 1, 3, 8, 8);
    more.accept(model);
    return model.node("n", type, inputs, "y", attributes).openOutput("y");
  }

  /// A right model: a Relu "n" of "x" [2].
  static OnnxModel relu() {
    return new OnnxModel(13).input("x", 2).node("n", "Relu", "x", "y").openOutput("y");
  }

  @Override
  public String toString() {
    return name;
  }
}
