package io.octet.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.onnx.op.ElementTypes;
import io.octet.onnx.op.SixteenBits;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// ONNX tensors as constants over Java arrays. A tensor's values stand in `raw_data`, in the list
/// of its type, or in another file; wherever they stand, their number must be that of the shape.
final class TensorReader {
  /// More axes than any operator here can use; the bound keeps a hostile list of ones small.
  private static final int MOST_AXES = 32;

  private final ExternalData external;
  private final Map<Source, MemorySegment> shared = new HashMap<>();

  /// A range of another file, read as elements of a type. The array is meant by identity.
  private record Source(byte[] bytes, int type) {}

  TensorReader(ExternalData external) {
    this.external = external;
  }

  Tensor read(TensorProto tensor) {
    Optional<SixteenBits> sixteen = SixteenBits.of(tensor.getDataType());
    return sixteen.isPresent() ? widened(tensor, sixteen.get()) : readAsItIs(tensor);
  }

  /// Integers of 16 bits as s32.
  private Tensor widened(TensorProto tensor, SixteenBits type) {
    int halves = TensorProto.DataType.FLOAT16_VALUE; // of the same width, in the same list
    Tensor bits = readAsItIs(tensor.toBuilder().setDataType(halves).build());
    short[] narrow = bits.data().toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
    int[] wide = new int[narrow.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = type.widen(narrow[i]);
    }
    return Tensor.of(wide, bits.shape().sizes());
  }

  private Tensor readAsItIs(TensorProto tensor) {
    String what = "tensor \"" + tensor.getName() + "\"";
    if (tensor.hasSegment()) {
      throw new Unsupported(what + " is stored in segments");
    }
    Shape shape = shape(tensor, what);
    int count = count(shape, what);
    MemorySegment data = data(tensor, count, what);
    return Tensor.wrap(ElementTypes.of(tensor.getDataType(), what), shape, data);
  }

  /// Tensors that share a range of another file share their elements too: tied weights are held
  /// once, and a small file cannot claim any amount of memory.
  private MemorySegment data(TensorProto tensor, int count, String what) {
    if (tensor.getDataLocation() != DataLocation.EXTERNAL) {
      return elements(tensor, raw(tensor, count, what), count, what);
    }
    byte[] bytes = external.read(tensor, bytes(tensor, count, what));
    Source source = new Source(bytes, tensor.getDataType());
    MemorySegment known = shared.get(source);
    if (known == null) {
      known = elements(tensor, MemorySegment.ofArray(bytes), count, what);
      shared.put(source, known);
    }
    return known;
  }

  private static MemorySegment elements(
      TensorProto tensor, MemorySegment raw, int count, String what) {
    return switch (ElementTypes.of(tensor.getDataType(), what)) {
      case F32 -> floats(raw, tensor.getFloatDataList(), count, what);
      case F16, BF16 -> halves(raw, tensor.getInt32DataList(), count, what);
      case S32 -> ints(raw, tensor.getInt32DataList(), count, what);
      case S64 -> longs(raw, tensor.getInt64DataList(), count, what);
      case F64 -> doubles(raw, tensor.getDoubleDataList(), count, what);
      case S8, U8, BOOL -> bytes(raw, tensor, count, what);
    };
  }

  private static Shape shape(TensorProto tensor, String what) {
    if (tensor.getDimsCount() > MOST_AXES) {
      throw new Unsupported(
          what
              + " has "
              + tensor.getDimsCount()
              + " axes, at most "
              + MOST_AXES
              + " are supported");
    }
    long[] dims = new long[tensor.getDimsCount()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = tensor.getDims(i);
      if (dims[i] < 0) {
        throw new InvalidModel(what + ": axis " + i + " has size " + dims[i]);
      }
    }
    return Shape.of(dims);
  }

  private static int count(Shape shape, String what) {
    try {
      return Math.toIntExact(shape.elements());
    } catch (ArithmeticException e) {
      throw new InvalidModel(what + " claims more elements than an array holds: " + shape, e);
    }
  }

  /// The values as little-endian bytes, or null where they stand in a typed list. The size is
  /// checked here, before anything of that size is allocated.
  private static MemorySegment raw(TensorProto tensor, int count, String what) {
    long expected = bytes(tensor, count, what);
    if (!tensor.hasRawData()) {
      return null;
    }
    long size = tensor.getRawData().size();
    if (size != expected) {
      throw new InvalidModel(
          what
              + " of shape "
              + tensor.getDimsList()
              + " takes "
              + expected
              + " bytes, but has "
              + size);
    }
    return MemorySegment.ofBuffer(tensor.getRawData().asReadOnlyByteBuffer());
  }

  private static long bytes(TensorProto tensor, int count, String what) {
    return Math.multiplyExact((long) count, ElementTypes.of(tensor.getDataType(), what).bytes());
  }

  private static void requireCount(List<?> values, int count, String what) {
    if (values.size() != count) {
      throw new InvalidModel(
          what + " has " + values.size() + " values, but its shape takes " + count);
    }
  }

  private static MemorySegment floats(
      MemorySegment raw, List<Float> values, int count, String what) {
    if (raw != null) {
      return MemorySegment.ofArray(raw.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
    }
    requireCount(values, count, what);
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = values.get(i);
    }
    return MemorySegment.ofArray(floats);
  }

  /// Bits of 16, which stand in a list of ints where they are no bytes.
  private static MemorySegment halves(
      MemorySegment raw, List<Integer> values, int count, String what) {
    if (raw != null) {
      return MemorySegment.ofArray(raw.toArray(ValueLayout.JAVA_SHORT_UNALIGNED));
    }
    requireCount(values, count, what);
    short[] bits = new short[count];
    for (int i = 0; i < count; i++) {
      bits[i] = values.get(i).shortValue();
    }
    return MemorySegment.ofArray(bits);
  }

  private static MemorySegment ints(
      MemorySegment raw, List<Integer> values, int count, String what) {
    if (raw != null) {
      return MemorySegment.ofArray(raw.toArray(ValueLayout.JAVA_INT_UNALIGNED));
    }
    requireCount(values, count, what);
    return MemorySegment.ofArray(values.stream().mapToInt(Integer::intValue).toArray());
  }

  private static MemorySegment longs(MemorySegment raw, List<Long> values, int count, String what) {
    if (raw != null) {
      return MemorySegment.ofArray(raw.toArray(ValueLayout.JAVA_LONG_UNALIGNED));
    }
    requireCount(values, count, what);
    return MemorySegment.ofArray(values.stream().mapToLong(Long::longValue).toArray());
  }

  private static MemorySegment doubles(
      MemorySegment raw, List<Double> values, int count, String what) {
    if (raw != null) {
      return MemorySegment.ofArray(raw.toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED));
    }
    requireCount(values, count, what);
    return MemorySegment.ofArray(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static MemorySegment bytes(
      MemorySegment raw, TensorProto tensor, int count, String what) {
    if (raw != null) {
      return MemorySegment.ofArray(raw.toArray(ValueLayout.JAVA_BYTE));
    }
    requireCount(tensor.getInt32DataList(), count, what);
    DataType type = ElementTypes.of(tensor.getDataType(), what);
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      int value = tensor.getInt32Data(i);
      if (value < type.min() || value > type.max()) {
        throw new InvalidModel(what + ": element " + i + " is " + value + ", which is no " + type);
      }
      bytes[i] = (byte) value;
    }
    return MemorySegment.ofArray(bytes);
  }
}
