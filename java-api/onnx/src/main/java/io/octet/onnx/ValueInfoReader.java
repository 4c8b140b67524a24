package io.octet.onnx;

import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.op.ValueInfo;
import io.octet.onnx.op.ElementTypes;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Declared types and shapes of a model's inputs and outputs. An axis without a size is free; one
/// without a name is called after the value and its place, as "x[0]".
final class ValueInfoReader {
  private ValueInfoReader() {}

  /// @param role "input" or "output", for errors
  /// @param inferred what the nodes make of it; it fills in what the file leaves open, and must not
  ///   contradict it. Null for an input
  static ValueInfo read(ValueInfoProto proto, String role, ValueInfo inferred) {
    String name = proto.getName();
    String what = role + " \"" + name + "\"";
    if (name.isEmpty()) {
      throw new InvalidModel("an " + role + " has no name");
    }
    TypeProto.Tensor tensor = proto.getType().getTensorType();
    if (inferred != null && !proto.getType().hasTensorType() && !proto.hasType()) {
      return inferred;
    }
    if (!proto.getType().hasTensorType()) {
      throw new Unsupported(what + " is no tensor");
    }
    DataType type = ElementTypes.ofData(tensor.getElemType(), what);
    if (!tensor.hasShape()) {
      if (inferred == null) {
        throw new Unsupported(what + " has no shape, not even the number of its axes");
      }
      return new ValueInfo(name, agreed(what, type, inferred), inferred.shape());
    }
    List<Dim> dims = new ArrayList<>();
    for (Dimension dim : tensor.getShape().getDimList()) {
      dims.add(dim(dim, name, dims.size(), what));
    }
    Shape shape = new Shape(dims);
    if (inferred == null) {
      return new ValueInfo(name, type, shape);
    }
    return new ValueInfo(name, agreed(what, type, inferred), agreed(what, shape, inferred.shape()));
  }

  private static Dim dim(Dimension dim, String name, int index, String what) {
    if (dim.hasDimValue()) {
      if (dim.getDimValue() < 0) {
        throw new InvalidModel(what + ": axis " + index + " has size " + dim.getDimValue());
      }
      return new Dim.Fixed(dim.getDimValue());
    }
    String symbol = dim.getDimParam();
    return new Dim.Symbol(symbol.isBlank() ? name + "[" + index + "]" : symbol);
  }

  private static DataType agreed(String what, DataType declared, ValueInfo inferred) {
    if (declared != inferred.type()) {
      throw new InvalidModel(
          what + " is declared as " + declared + ", but its node makes " + inferred.type());
    }
    return declared;
  }

  /// What the nodes make: exporters declare a batch of 1, or invent names, where it is free.
  private static Shape agreed(String what, Shape declared, Shape inferred) {
    boolean fits = declared.rank() == inferred.rank();
    for (int i = 0; fits && i < declared.rank(); i++) {
      boolean known = declared.dim(i) instanceof Dim.Fixed && inferred.dim(i) instanceof Dim.Fixed;
      fits = !known || declared.dim(i).equals(inferred.dim(i));
    }
    if (!fits) {
      throw new InvalidModel(
          what + " is declared as " + declared + ", but its node makes " + inferred);
    }
    return inferred;
  }
}
