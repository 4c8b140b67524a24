package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.tensor.DataType;

/// ONNX's numbers of element types.
public final class ElementTypes {
  private ElementTypes() {}

  /// The type of ours that holds ONNX's element type `code`.
  ///
  /// @param what names the tensor or value in errors
  public static DataType of(int code, String what) {
    return switch (TensorProto.DataType.forNumber(code)) {
      case FLOAT -> DataType.F32;
      case UINT8 -> DataType.U8;
      case INT8 -> DataType.S8;
      case INT32 -> DataType.S32;
      case INT64 -> DataType.S64;
      case null -> throw new InvalidModel(what + " has no element type of ONNX's: " + code);
      case UNDEFINED -> throw new InvalidModel(what + " has no element type");
      case DOUBLE ->
          throw new Unsupported(
              what + " is double, which Octet does not narrow unasked: export the model in float");
      case TensorProto.DataType other ->
          throw new Unsupported(
              what + " is " + other + "; supported are FLOAT, UINT8, INT8, INT32 and INT64");
    };
  }

  /// ONNX's name of a type of Octet's.
  public static TensorProto.DataType code(DataType type) {
    return switch (type) {
      case F32 -> TensorProto.DataType.FLOAT;
      case U8 -> TensorProto.DataType.UINT8;
      case S8 -> TensorProto.DataType.INT8;
      case S32 -> TensorProto.DataType.INT32;
      case S64 -> TensorProto.DataType.INT64;
      case BOOL -> TensorProto.DataType.BOOL;
      case F16 -> TensorProto.DataType.FLOAT16;
      case BF16 -> TensorProto.DataType.BFLOAT16;
      case F64 -> TensorProto.DataType.DOUBLE;
    };
  }
}
