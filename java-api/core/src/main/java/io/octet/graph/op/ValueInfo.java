package io.octet.graph.op;

import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// What is known of a value before a run: name, type, shape, and its elements where they are sizes.
///
/// @param name the value's name
/// @param type its element type
/// @param shape its shape, free axes included
/// @param values the elements of a scalar or short vector of integers, where they are known
public record ValueInfo(String name, DataType type, Shape shape, Optional<List<Dim>> values) {
  /// More elements than lists of sizes have; longer lists are data.
  static final int MOST_VALUES = 64;

  /// Copies the list.
  public ValueInfo {
    values = values.map(List::copyOf);
  }

  /// A value whose elements only a run knows.
  public ValueInfo(String name, DataType type, Shape shape) {
    this(name, type, shape, Optional.empty());
  }

  /// What is known of a constant.
  public static ValueInfo of(String name, Tensor constant) {
    boolean sizes =
        (constant.type() == DataType.S64
                || constant.type() == DataType.S32
                || constant.type() == DataType.BOOL)
            && constant.shape().rank() <= 1
            && constant.elements() <= MOST_VALUES;
    return new ValueInfo(
        name,
        constant.type(),
        constant.shape(),
        sizes
            ? Optional.of(
                LongStream.range(0, constant.elements())
                    .mapToObj(i -> Dim.of(constant.getInteger(i)))
                    .toList())
            : Optional.empty());
  }

  /// The tensor that this is, where all of its elements are numbers.
  public Optional<Tensor> constant() {
    boolean known = values.isPresent() && shape.isConcrete();
    if (!known || values.get().stream().anyMatch(dim -> dim.number().isEmpty())) {
      return Optional.empty();
    }
    long[] numbers = values.get().stream().mapToLong(dim -> dim.number().getAsLong()).toArray();
    return switch (type) {
      case S64 -> Optional.of(Tensor.of(numbers, shape.sizes()));
      case S32 -> {
        int[] ints = LongStream.of(numbers).mapToInt(n -> (int) n).toArray();
        yield Optional.of(Tensor.of(ints, shape.sizes()));
      }
      case BOOL -> {
        byte[] truths = new byte[numbers.length];
        for (int i = 0; i < truths.length; i++) {
          truths[i] = (byte) numbers[i];
        }
        yield Optional.of(Tensor.wrap(type, shape, MemorySegment.ofArray(truths)));
      }
      case F32, U8, S8, F16, BF16, F64 -> Optional.empty();
    };
  }

  /// Whether elements of `type` are carried, and such a one is what a run makes of it.
  static boolean holds(DataType type, Dim value) {
    return switch (type) {
      case S64, BOOL -> true;
      case S32 ->
          value.number().isEmpty()
              || value.number().getAsLong() == (int) value.number().getAsLong();
      case F32, U8, S8, F16, BF16, F64 -> false;
    };
  }

  /// This under another name.
  public ValueInfo named(String other) {
    return new ValueInfo(other, type, shape, values);
  }

  /// "input f32[N,3,224,224]".
  @Override
  public String toString() {
    return name + " " + type + shape;
  }
}
