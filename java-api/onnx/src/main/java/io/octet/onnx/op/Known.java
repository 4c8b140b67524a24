package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;

/// A constant of a file, or what was computed of such, in ONNX's type. Where no tensor of Octet's
/// has that type, a wider one holds the elements: float16 and bfloat16 lie in f32, bool in u8, and
/// the bits of double in s64. Only doubles cannot become part of a graph.
public record Known(TensorProto.DataType type, Tensor stored) {

  /// A tensor of Octet's as a constant.
  public static Known of(Tensor tensor) {
    return new Known(ElementTypes.code(tensor.type()), tensor);
  }

  /// Whether constants may have the type.
  public static boolean holds(TensorProto.DataType type) {
    return switch (type) {
      case FLOAT, FLOAT16, BFLOAT16, DOUBLE, BOOL, UINT8, INT8, INT32, INT64 -> true;
      case null, default -> false;
    };
  }

  /// The type of the tensor that holds elements of `type`.
  public static DataType storage(TensorProto.DataType type) {
    return switch (type) {
      case FLOAT, FLOAT16, BFLOAT16 -> DataType.F32;
      case UINT8, BOOL -> DataType.U8;
      case INT8 -> DataType.S8;
      case INT32 -> DataType.S32;
      case INT64, DOUBLE -> DataType.S64;
      default -> throw new IllegalArgumentException("constants of " + type + " are not supported");
    };
  }

  public static boolean isReal(TensorProto.DataType type) {
    return storage(type) == DataType.F32 || type == TensorProto.DataType.DOUBLE;
  }

  /// A constant of computed elements, each rounded, or cut off, to the type.
  public static Known reals(TensorProto.DataType type, Shape shape, IntToDoubleFunction element) {
    int count = Math.toIntExact(shape.elements());
    if (type == TensorProto.DataType.DOUBLE) {
      long[] bits = new long[count];
      for (int i = 0; i < count; i++) {
        bits[i] = Double.doubleToRawLongBits(element.applyAsDouble(i));
      }
      return new Known(type, Tensor.of(bits, shape.sizes()));
    }
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = rounded(type, (float) element.applyAsDouble(i));
    }
    return new Known(type, Tensor.of(floats, shape.sizes()));
  }

  private static float rounded(TensorProto.DataType type, float value) {
    return switch (type) {
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BFLOAT16 -> {
        int bits = Float.floatToRawIntBits(value);
        boolean finite = Float.isFinite(value);
        yield Float.intBitsToFloat((finite ? bits + 0x7fff + (bits >>> 16 & 1) : bits) & ~0xffff);
      }
      default -> value;
    };
  }

  /// A constant of computed integers; what a type does not hold wraps, as C's does.
  public static Known integers(TensorProto.DataType type, Shape shape, IntToLongFunction element) {
    int count = Math.toIntExact(shape.elements());
    long[] sizes = shape.sizes();
    Tensor stored =
        switch (storage(type)) {
          case S64 -> {
            long[] longs = new long[count];
            for (int i = 0; i < count; i++) {
              longs[i] = element.applyAsLong(i);
            }
            yield Tensor.of(longs, sizes);
          }
          case S32 -> {
            int[] ints = new int[count];
            for (int i = 0; i < count; i++) {
              ints[i] = (int) element.applyAsLong(i);
            }
            yield Tensor.of(ints, sizes);
          }
          case U8, S8 -> {
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++) {
              long value = element.applyAsLong(i);
              bytes[i] = (byte) (type == TensorProto.DataType.BOOL && value != 0 ? 1 : value);
            }
            yield Tensor.of(storage(type), bytes, sizes);
          }
          case F32, F16, BF16, F64, BOOL ->
              throw new IllegalArgumentException(type + " is no integer");
        };
    return new Known(type, stored);
  }

  public boolean isReal() {
    return isReal(type);
  }

  public boolean isDouble() {
    return type == TensorProto.DataType.DOUBLE;
  }

  public Shape shape() {
    return stored.shape();
  }

  /// Element `i` of any type.
  public double real(long i) {
    return isDouble()
        ? Double.longBitsToDouble(stored.getInteger(i))
        : isReal() ? stored.getFloat(i) : stored.getInteger(i);
  }

  /// Element `i` of an integer or a bool.
  public long integer(long i) {
    return stored.getInteger(i);
  }

  /// The elements of an integer constant.
  public long[] integers() {
    long[] values = new long[Math.toIntExact(stored.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = stored.getInteger(i);
    }
    return values;
  }

  /// The same elements moved.
  public Known moved(Tensor elements) {
    return new Known(type, elements);
  }

  /// As a graph holds it.
  ///
  /// @param what names the constant in errors
  /// @throws io.octet.OctetException.Unsupported if the elements are double
  public Tensor tensor(String what) {
    if (isDouble()) {
      ElementTypes.of(type.getNumber(), what);
    }
    return stored;
  }

  /// "FLOAT[3,4]".
  @Override
  public String toString() {
    return type + stored.shape().toString();
  }
}
