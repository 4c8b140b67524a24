package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.op.Window;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.KernelSpec.Conv;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.ConvShape;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Where each rule begins and ends.
class ConvFaultsTest {
  private static final String VNNI = "brg_conv_fwd:avx512_core_vnni";
  private static final String AMX = "brg_conv_fwd:avx10_1_512_amx";
  private static final String GEMM = "x64:gemm_s8u8s32:jit";
  private static final Window TWO = Window.of(2, 2);
  private static final Window THREE = Window.of(3, 3);

  /// @param fault null where the implementation is trusted
  private record Row(ConvFaults fault, String implementation, Conv spec, String why) {
    @Override
    public String toString() {
      return (fault == null ? "none: " : fault + ": ") + why;
    }
  }

  private static Row faulty(ConvFaults fault, String implementation, Conv spec, String why) {
    return new Row(fault, implementation, spec, why);
  }

  private static Row right(String implementation, Conv spec, String why) {
    return new Row(null, implementation, spec, why);
  }

  static Stream<Row> boundaries() {
    return Stream.of(
            aboutPost(),
            aboutTheImage(),
            aboutColumns(),
            aboutGroups(),
            aboutSingleChannels(),
            aboutCancellingPads(),
            aboutTransposed(),
            aboutOldInstructions())
        .flatMap(rows -> rows);
  }

  private static Stream<Row> aboutPost() {
    Conv depthwise = u8(4, 6, 6, 4, 4, THREE);
    Conv real = f32(4, 6, 6, 4, 4, THREE);
    Conv added = withResidual(real);
    return Stream.of(
        faulty(ConvFaults.ALIGNED_RESIDUAL, "jit_dw:sse41", added, "a residual"),
        right("jit_dw:sse41", real, "no residual"),
        right("jit_dw:avx2", added, "another instruction set"),
        faulty(ConvFaults.AMX_BEYOND_THE_OUTPUT, "jit:avx512_core_amx", depthwise, "int8"),
        right("jit:avx512_core_amx", real, "float"),
        right("jit:avx512_core_vnni", depthwise, "no AMX"));
  }

  /// Unequal pads: the first window of a row may lie in the left padding though it is high enough.
  private static Stream<Row> aboutTheImage() {
    Conv left = u8(3, 5, 5, 8, 1, TWO.pads(0, 2, 0, 1));
    Conv right = u8(3, 5, 5, 8, 1, TWO.pads(0, 1, 0, 2));
    Conv top = u8(3, 5, 5, 8, 1, TWO.pads(2, 0, 1, 0));
    Conv bottom = u8(3, 5, 5, 8, 1, TWO.pads(1, 0, 2, 0));
    Conv all = u8(3, 5, 5, 8, 1, TWO.pads(1, 1, 1, 1));
    Conv skipped = u8(3, 5, 5, 8, 1, TWO.stride(1, 6).pads(0, 0, 0, 2));
    Conv apart = u8(3, 1, 1, 8, 1, TWO.dilation(1, 3).pads(1, 2, 0, 2));
    Stream<Row> outside =
        Stream.of(left, right, top, bottom, apart)
            .flatMap(
                spec ->
                    Stream.of(
                        faulty(ConvFaults.BRGEMM_OUTSIDE_THE_IMAGE, AMX, spec, spec.window() + ""),
                        faulty(ConvFaults.BRGEMM_OUTSIDE_THE_IMAGE, VNNI, spec, spec.window() + ""),
                        faulty(ConvFaults.GEMM_OUTSIDE_THE_IMAGE, GEMM, spec, spec.window() + ""),
                        right("jit_int8:avx512_core_vnni", spec, "direct " + spec.window())));
    return Stream.concat(
        outside,
        Stream.of(
            right(AMX, all, "one tap inside"),
            right(GEMM, all, "one tap inside"),
            right(VNNI, skipped, "the last window reaches the image")));
  }

  private static Stream<Row> aboutTransposed() {
    String strided = "brg_deconv:avx512_core_vnni+brgconv_strided:avx512_core_vnni";
    String jit = "jit_deconvolution:avx512_core_vnni";
    Conv plain = transposed(DataType.U8, 0, TWO.stride(2, 2), 8);
    Conv shifted = transposed(DataType.U8, 3, TWO.stride(2, 2), 8);
    Conv signed = transposed(DataType.S8, 0, TWO.stride(2, 2), 8);
    Conv gaps = transposed(DataType.U8, 3, TWO.stride(3, 3), 11);
    Conv longer = transposed(DataType.U8, 3, TWO.stride(2, 2), 9);
    return Stream.of(
        right(strided, plain, "nothing to correct"),
        faulty(ConvFaults.CORRECTED_STRIDES, strided, shifted, "a zero point"),
        faulty(ConvFaults.CORRECTED_STRIDES, strided, signed, "s8"),
        right(jit, shifted, "every pixel has taps"),
        right(jit, plain, "nothing to correct"),
        faulty(ConvFaults.BEYOND_THE_TAPS, jit, gaps, "pixels between windows"),
        faulty(ConvFaults.BEYOND_THE_TAPS, jit, longer, "pixels behind the last"));
  }

  /// Of 4 x 4 pixels.
  private static Conv transposed(DataType type, int zeroPoint, Window window, int size) {
    QuantParams quant = QuantParams.perTensor(type, 0.1f, zeroPoint);
    TensorDesc x = TensorDesc.quantized(Layout.CHANNELS_LAST, Shape.of(1, 3, 4, 4), quant);
    TensorDesc y = TensorDesc.quantized(Layout.CHANNELS_LAST, Shape.of(1, 5, size, size), quant);
    Tensor w = Tensor.of(DataType.S8, new byte[5 * 3 * 4], 5, 3, 2, 2);
    Weights weights = new Weights(w, new float[] {0.1f}, new float[0]);
    return new Conv(x, y, weights, window, 1, true, PostOps.NONE);
  }

  private static Stream<Row> aboutColumns() {
    Conv column = u8(2, 5, 2, 8, 1, TWO);
    return Stream.of(
        faulty(ConvFaults.AMX_COLUMN, AMX, column, "one column, two taps"),
        right(AMX, u8(2, 5, 3, 8, 1, TWO), "two columns"),
        right(AMX, u8(2, 5, 1, 8, 1, Window.of(2, 1)), "one tap in a row"),
        right(VNNI, column, "no AMX, two channels"),
        faulty(ConvFaults.AMX_STEPS_OVER_ROWS, AMX, u8(32, 9, 9, 8, 1, stepping(3)), "3 over 2"),
        right(AMX, u8(32, 9, 9, 8, 1, stepping(2)), "2 over 2"),
        faulty(ConvFaults.FLOAT_COLUMN, VNNI, f32(1, 5, 2, 8, 1, TWO), "single float channel"),
        right(VNNI, f32(2, 5, 2, 8, 1, TWO), "two float channels"),
        right(VNNI, f32(1, 5, 3, 8, 1, TWO), "two columns of floats"));
  }

  private static Window stepping(int rows) {
    return TWO.stride(rows, 1);
  }

  private static Stream<Row> aboutGroups() {
    ConvFaults fault = ConvFaults.AMX_GROUPS_OF_SEVERAL_BLOCKS;
    return Stream.of(
        faulty(fault, AMX, u8(64, 6, 6, 34, 2, TWO), "32 inputs, 17 outputs a group"),
        right(AMX, u8(66, 6, 6, 34, 2, TWO), "33 inputs"),
        right(AMX, u8(64, 6, 6, 32, 2, TWO), "16 outputs"),
        right(AMX, u8(32, 6, 6, 17, 1, TWO), "one group"),
        right(AMX, u8(64, 6, 6, 34, 2, Window.of(1, 1)), "one tap"),
        right(VNNI, u8(64, 6, 6, 34, 2, TWO), "no AMX"));
  }

  private static Stream<Row> aboutSingleChannels() {
    ConvFaults fault = ConvFaults.SINGLE_SIGNED_CHANNEL;
    return Stream.of(
        faulty(fault, VNNI, s8(5, 1, 8, 8, 40, THREE), "s8, zero point 5"),
        faulty(fault, VNNI, s8(-1, 1, 8, 8, 1, THREE), "one output"),
        faulty(fault, VNNI, s8(5, 1, 8, 8, 65, Window.of(1, 2)), "two taps"),
        right(VNNI, s8(0, 1, 8, 8, 40, THREE), "zero point 0"),
        right(VNNI, s8(5, 2, 8, 8, 40, THREE), "two channels"),
        right(VNNI, s8(5, 1, 8, 8, 40, Window.of(1, 1)), "one tap"),
        right(VNNI, u8(1, 8, 8, 40, 1, THREE), "u8"),
        right(AMX, s8(5, 1, 8, 8, 40, THREE), "AMX"),
        faulty(ConvFaults.SINGLE_CHANNELS_IN_GROUPS, VNNI, u8(2, 8, 8, 2, 2, THREE), "two groups"),
        faulty(
            ConvFaults.SINGLE_CHANNEL_COLUMN, VNNI, u8(1, 8, 3, 8, 1, THREE), "one column of u8"));
  }

  /// Five columns, then five, then five: the first has four of padding, four are left at the end.
  private static Stream<Row> aboutCancellingPads() {
    ConvFaults fault = ConvFaults.CANCELLING_PADS;
    Window five = Window.of(1, 5).stride(1, 5);
    Window left = five.pads(0, 4, 0, 0);
    return Stream.of(
        faulty(fault, VNNI, u8(8, 4, 15, 16, 1, left), "4 left, 4 unread"),
        faulty(fault, AMX, u8(8, 4, 15, 16, 1, left), "with AMX"),
        faulty(fault, "brg_conv_fwd:avx2", f32(8, 4, 15, 16, 1, left), "in float"),
        right(VNNI, u8(8, 4, 14, 16, 1, left), "3 unread"),
        right(VNNI, u8(8, 4, 16, 16, 1, five.pads(0, 3, 0, 0)), "3 left, 4 unread"),
        right(VNNI, u8(8, 4, 15, 16, 1, five), "no padding"),
        right("jit_int8:avx512_core_vnni", u8(8, 4, 15, 16, 1, left), "another kernel"));
  }

  /// Without VNNI the weights and the input are prepared for them.
  private static Stream<Row> aboutOldInstructions() {
    Conv spec = u8(8, 8, 8, 16, 1, THREE);
    boolean vnni = !DnnlIsa.effective().addsIn16Bits();
    ConvFaults fault = vnni ? ConvFaults.OLDER_THAN_VNNI : null;
    ConvFaults pairs = vnni ? null : ConvFaults.GEMM_OF_DEPTHWISE;
    return Stream.of(
        faulty(pairs, GEMM, u8(8, 8, 8, 8, 8, THREE), "depthwise"),
        right(GEMM, spec, "not depthwise"),
        faulty(fault, "brg_conv_fwd:avx512_core", spec, "AVX-512"),
        faulty(fault, "jit_uni_int8:avx2", spec, "AVX2"),
        faulty(fault, "jit_uni_int8:sse41", spec, "SSE4.1"),
        right("jit_uni_int8:avx2_vnni", spec, "VNNI"),
        right("jit:avx2", f32(8, 8, 8, 16, 1, THREE), "float"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("boundaries")
  void aRuleHoldsUpToItsBoundary(Row row) {
    assertEquals(Optional.ofNullable(row.fault()), ConvFaults.of(row.spec(), row.implementation()));
    assertEquals(row.fault() == null, ConvFaults.none(row.spec(), row.implementation()));
  }

  @Test
  void everyRuleHasItsBoundary() {
    Set<ConvFaults> seen =
        boundaries().map(Row::fault).filter(f -> f != null).collect(Collectors.toSet());
    seen.addAll(Set.of(ConvFaults.OLDER_THAN_VNNI, ConvFaults.GEMM_OF_DEPTHWISE)); // some machines'
    assertEquals(EnumSet.allOf(ConvFaults.class), seen);
  }

  private static Conv u8(int c, int h, int w, int m, int groups, Window window) {
    return int8(QuantParams.perTensor(DataType.U8, 0.1f, 3), c, h, w, m, groups, window);
  }

  private static Conv s8(int zeroPoint, int c, int h, int w, int m, Window window) {
    return int8(QuantParams.perTensor(DataType.S8, 0.1f, zeroPoint), c, h, w, m, 1, window);
  }

  private static Conv int8(
      QuantParams quant, int c, int h, int w, int m, int groups, Window window) {
    ConvShape shape = new ConvShape(1, c, h, w, m, groups, window);
    return shape.raw(quant, new byte[(int) shape.weights().elements()]);
  }

  private static Conv f32(int c, int h, int w, int m, int groups, Window window) {
    ConvShape shape = new ConvShape(1, c, h, w, m, groups, window);
    float[] values = new float[(int) shape.weights().elements()];
    Shape out = Shape.of(1, m, window.outputH(h, false), window.outputW(w, false));
    return new Conv(
        TensorDesc.f32(Layout.CHANNELS_LAST, Shape.of(1, c, h, w)),
        TensorDesc.f32(Layout.CHANNELS_LAST, out),
        new Weights(Tensor.of(values, shape.weights().sizes()), new float[0], new float[0]),
        window,
        groups,
        PostOps.NONE);
  }

  private static Conv withResidual(Conv s) {
    QuantParams quant = QuantParams.perTensor(DataType.U8, 0.1f, 3);
    TensorDesc y = TensorDesc.quantized(Layout.CHANNELS_LAST, s.y().shape(), quant);
    return new Conv(s.x(), y, s.weights(), s.window(), s.groups(), PostOps.NONE.withResidual(y));
  }
}
