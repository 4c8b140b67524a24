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

/// Declared types and shapes of a model's inputs and outputs. An axis without a size is free, and
/// so is one of size -1 or 0, as Paddle and old tools write it; one without a name is called after
/// the value and its place, as "x[0]". Two of one value that have one name are two free axes, the
/// second called after its place: of real files that say [batch,batch], none means a square. Halves
/// are f32 here. What the nodes make is an output's shape, whatever the file declares: tools that
/// change a model's inputs seldom change that.
final class ValueInfoReader {
  private ValueInfoReader() {}

  /// @param role "input" or "output", for errors
  /// @param inferred what the nodes make of it, whose type the file must not contradict. Null for
  ///   an input
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
    DataType type = ElementTypes.ofValue(tensor.getElemType(), what);
    if (inferred != null) {
      return new ValueInfo(name, agreed(what, type, inferred), inferred.shape());
    }
    if (!tensor.hasShape()) {
      throw new Unsupported(what + " has no shape, not even the number of its axes");
    }
    List<Dim> dims = new ArrayList<>();
    for (Dimension dim : tensor.getShape().getDimList()) {
      Dim read = dim(dim, name, dims.size(), what);
      boolean again = read instanceof Dim.Symbol && dims.contains(read);
      dims.add(again ? new Dim.Symbol(read + "[" + dims.size() + "]") : read);
    }
    return new ValueInfo(name, type, new Shape(dims));
  }

  private static Dim dim(Dimension dim, String name, int index, String what) {
    if (dim.hasDimValue() && dim.getDimValue() != 0 && dim.getDimValue() != -1) {
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
}
