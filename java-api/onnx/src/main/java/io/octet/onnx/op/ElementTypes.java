package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.tensor.DataType;

/// ONNX's numbers of element types.
public final class ElementTypes {
  /// ONNX's number of float4e2m1, which is younger than the classes that read it.
  private static final int FLOAT4 = 23;

  private ElementTypes() {}

  /// The type of ours that is ONNX's element type `code`.
  ///
  /// @param what names the tensor or value in errors
  public static DataType of(int code, String what) {
    if (code == FLOAT4) {
      throw unsupported(what, "FLOAT4E2M1");
    }
    return switch (TensorProto.DataType.forNumber(code)) {
      case FLOAT -> DataType.F32;
      case FLOAT16 -> DataType.F16;
      case BFLOAT16 -> DataType.BF16;
      case DOUBLE -> DataType.F64;
      case BOOL -> DataType.BOOL;
      case UINT8 -> DataType.U8;
      case INT8 -> DataType.S8;
      case INT32 -> DataType.S32;
      case INT64 -> DataType.S64;
      case null -> throw new InvalidModel(what + " has no element type of ONNX's: " + code);
      case UNDEFINED -> throw new InvalidModel(what + " has no element type");
      case TensorProto.DataType other -> throw unsupported(what, other.name());
    };
  }

  /// The same, of what a run computes with: reals are f32 there, halves are widened.
  ///
  /// @param what names the value in errors
  public static DataType ofData(int code, String what) {
    return data(wide(of(code, what)), what);
  }

  /// The same, of a value that the file declares: integers of 16 bits are s32 there.
  ///
  /// @param what names the value in errors
  public static DataType ofValue(int code, String what) {
    return SixteenBits.of(code).isPresent() ? DataType.S32 : ofData(code, what);
  }

  /// The type that stands for `type` in a graph: halves are computed, and kept, as f32.
  public static DataType wide(DataType type) {
    return switch (type) {
      case F16, BF16 -> DataType.F32;
      case F32, F64, U8, S8, S32, S64, BOOL -> type;
    };
  }

  /// Refuses a type that no run computes with.
  ///
  /// @param what names the value in errors
  public static DataType data(DataType type, String what) {
    return switch (type) {
      case F32, U8, S8, S32, S64, BOOL -> type;
      case F64 ->
          throw new Unsupported(
              what + " is double, which Octet does not narrow unasked: export the model in float");
      case F16, BF16 -> throw unsupported(what, code(type).name());
    };
  }

  private static Unsupported unsupported(String what, String type) {
    return new Unsupported(
        what
            + " is "
            + type
            + "; supported are FLOAT, FLOAT16, BFLOAT16, UINT8, INT8, INT32, INT64 and BOOL");
  }

  /// ONNX's name of a type of Octet's.
  public static TensorProto.DataType code(DataType type) {
    return switch (type) {
      case F32 -> TensorProto.DataType.FLOAT;
      case F16 -> TensorProto.DataType.FLOAT16;
      case BF16 -> TensorProto.DataType.BFLOAT16;
      case F64 -> TensorProto.DataType.DOUBLE;
      case BOOL -> TensorProto.DataType.BOOL;
      case U8 -> TensorProto.DataType.UINT8;
      case S8 -> TensorProto.DataType.INT8;
      case S32 -> TensorProto.DataType.INT32;
      case S64 -> TensorProto.DataType.INT64;
    };
  }
}
