package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Encoding;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Case;
import io.octet.testkit.Kernels;
import io.octet.testkit.Machine;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows of many inputs and few outputs, which oneDNN computes as a pixel, against the oracle.
class SingleRowTest {
  private static final OnednnBackend ONEDNN = new OnednnBackend();

  @BeforeAll
  static void needsInt8() {
    Machine.requireInt8();
  }

  static Stream<Case> rows() {
    return Stream.of(DataType.U8, DataType.S8)
        .flatMap(
            x ->
                Stream.of(DataType.S32, DataType.U8, DataType.S8, DataType.F32)
                    .flatMap(y -> Stream.of(1024, 2049, 4096).flatMap(k -> ofInputs(x, y, k))));
  }

  private static Stream<Case> ofInputs(DataType x, DataType y, int inputs) {
    return Stream.of(1, 10, 16, 31, 32)
        .map(
            outputs -> {
              SplittableRandom random = new SplittableRandom(inputs + outputs);
              byte[] row = new byte[inputs];
              random.nextBytes(row);
              return new Case(linear(x, y, inputs, outputs), new Object[] {row}, "");
            });
  }

  /// Raw sums stay below 2^24; those of other outputs need not.
  private static KernelSpec.Linear linear(DataType x, DataType y, int inputs, int outputs) {
    boolean raw = y == DataType.S32;
    SplittableRandom random = new SplittableRandom(31L * inputs + outputs);
    byte[] values = new byte[inputs * outputs];
    float[] scales = new float[outputs];
    float[] bias = new float[raw ? 0 : outputs];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (raw ? random.nextInt(-16, 16) : random.nextInt(-128, 128));
    }
    for (int n = 0; n < outputs; n++) {
      scales[n] = 0.001f * (1 + n);
    }
    Arrays.fill(bias, 0.75f);
    Weights weights = new Weights(Tensor.of(DataType.S8, values, outputs, inputs), scales, bias);
    int zeroPoint = raw ? 0 : x == DataType.U8 ? 3 : -5;
    TensorDesc row =
        TensorDesc.quantized(
            Layout.ROW_MAJOR, Shape.of(1, inputs), QuantParams.perTensor(x, 0.02f, zeroPoint));
    Shape out = Shape.of(1, outputs);
    TensorDesc result =
        y.isInt8()
            ? TensorDesc.quantized(
                Layout.ROW_MAJOR, out, QuantParams.perTensor(y, 0.9f, y == DataType.U8 ? 120 : 7))
            : new TensorDesc(y, Layout.ROW_MAJOR, out, Encoding.PLAIN);
    return new KernelSpec.Linear(row, result, weights, PostOps.NONE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void rows(Case c) {
    Parity.assertMatches(
        c,
        SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()),
        SpecRunner.run(ONEDNN, c.spec(), c.inputs()));
  }

  @Test
  void twoKernelsShareOnePacking() {
    Machine.requireVnni();
    KernelSpec.Linear spec = linear(DataType.U8, DataType.U8, 4096, 10);
    boolean pixel = SingleRow.serves(spec);
    assertEquals(DnnlIsa.effective().includes(DnnlIsa.AVX512_CORE_VNNI), pixel);
    try (WeightsCache packed = new WeightsCache()) {
      List<Kernel> kernels = Stream.of(1, 2).map(threads -> kernel(spec, threads, packed)).toList();
      for (Kernel kernel : kernels) {
        assertTrue(
            kernel.implementation().startsWith(pixel ? "brgconv_1x1" : "brg_matmul"),
            kernel.implementation());
      }
      assertEquals(1, packed.size());
      kernels.forEach(Kernel::close);
    }
  }

  private static Kernel kernel(KernelSpec spec, int threads, WeightsCache packed) {
    return Kernels.made(ONEDNN, spec, new KernelContext(threads, packed));
  }
}
