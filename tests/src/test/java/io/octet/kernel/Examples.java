package io.octet.kernel;

import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Machine;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/// Small layers and inputs for tests of everything but the arithmetic.
final class Examples {
  static final QuantParams INPUT = QuantParams.perTensor(DataType.U8, 0.02f, 3);
  static final QuantParams OUTPUT = QuantParams.perTensor(DataType.S8, 0.7f, -5);
  static final QuantParams WEIGHTS = QuantParams.perTensor(DataType.S8, 0.01f, 0);

  private Examples() {}

  /// Weights within [-64, 63], which no instruction set saturates.
  static Tensor weight(long... sizes) {
    byte[] values = bytes((int) Shape.of(sizes).elements());
    for (int i = 0; i < values.length; i++) {
      values[i] >>= 1;
    }
    return Tensor.of(DataType.S8, values, sizes);
  }

  /// The same bytes each time.
  static byte[] bytes(int count) {
    byte[] values = new byte[count];
    new Random(count).nextBytes(values);
    return values;
  }

  static MemorySegment input(long bytes) {
    return MemorySegment.ofArray(bytes(Math.toIntExact(bytes)));
  }

  static MemorySegment output(long bytes) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
  }

  /// Served by whatever this machine has for int8, or, where that is nothing, by the oracle.
  static KernelOptions served() {
    KernelOptions options = KernelOptions.defaults();
    return Machine.hasInt8() ? options : options.toBuilder().backends("reference").build();
  }

  /// From 24 to 10 features.
  static QLinear.Builder linear() {
    return QLinear.of(weight(10, 24), WEIGHTS).input(INPUT).output(OUTPUT).options(served());
  }

  /// From 6 to 8 channels, 3x3, stride 2, padding 1.
  static QConv2d.Builder conv() {
    return QConv2d.of(weight(8, 6, 3, 3), WEIGHTS)
        .stride(2)
        .padding(1)
        .input(INPUT)
        .output(OUTPUT)
        .options(served());
  }
}
