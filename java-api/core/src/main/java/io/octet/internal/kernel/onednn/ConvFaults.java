package io.octet.internal.kernel.onednn;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec.Conv;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BiPredicate;

/// The convolutions for which implementations of oneDNN 3.13 were seen to fail, found by comparison
/// with the oracle: wrong sums, memory that nobody wrote, and some that touch foreign memory. The
/// next implementation in oneDNN's list serves them. Each rule here has its case in the tests.
enum ConvFaults {
  /// Adds the residual by aligned loads from wherever a channel lies: SIGSEGV.
  ALIGNED_RESIDUAL((spec, name) -> name.contains("jit_dw:sse41") && spec.post().hasResidual()),

  /// Writes beyond the output under zero points, dilation and much padding.
  AMX_BEYOND_THE_OUTPUT(
      (spec, name) -> spec.isInt8() && name.startsWith("jit:") && name.endsWith("amx")),

  /// A depthwise layer is left whole where products are added in 16 bits, since its own kernels add
  /// single ones; a matrix product adds pairs of them, too.
  GEMM_OF_DEPTHWISE(
      (spec, name) -> spec.isInt8() && name.contains("gemm_") && !SourceForm.canAddPairs(spec)),

  /// As many columns on the right that no window reads as padding on the left: the two cancel out
  /// in oneDNN's sum of pads, the row is taken for one without padding, and what is written lies
  /// partly beside the output, in float too.
  CANCELLING_PADS((spec, name) -> isBrgemm(name) && padsCancel(spec)),

  /// Where every tap lies in the padding it corrects for the zero point all the same, or writes
  /// nothing.
  GEMM_OUTSIDE_THE_IMAGE(
      (spec, name) -> spec.isInt8() && name.contains("gemm_") && windowMayMissTheImage(spec)),

  /// The same correction.
  BRGEMM_OUTSIDE_THE_IMAGE(
      (spec, name) -> isBrgemm(name) && spec.isInt8() && windowMayMissTheImage(spec)),

  /// Single float channels under several taps in a row, one output column.
  FLOAT_COLUMN(
      (spec, name) ->
          isBrgemm(name) && !spec.isInt8() && hasSingleChannels(spec) && hasOneColumn(spec)),

  /// AMX lowers small groups: it makes channels of a row's taps. Such a group reads the weights of
  /// its first block of output channels for all blocks.
  AMX_GROUPS_OF_SEVERAL_BLOCKS((spec, name) -> isInt8Amx(spec, name) && lowersSeveralBlocks(spec)),

  /// One output column under several taps in a row.
  AMX_COLUMN((spec, name) -> isInt8Amx(spec, name) && hasOneColumn(spec)),

  /// Rows between two positions of the window that no tap reads: the input's copy is too small
  /// (oneDNN's pull request 5494).
  AMX_STEPS_OVER_ROWS(
      (spec, name) -> isInt8Amx(spec, name) && spec.window().strideH() > spec.window().kernelH()),

  /// Without AMX only single channels are lowered, and wrongly where there are several.
  SINGLE_CHANNELS_IN_GROUPS(
      (spec, name) -> isInt8WithoutAmx(spec, name) && hasSingleChannels(spec) && spec.groups() > 1),

  /// The same with one output column under several taps in a row.
  SINGLE_CHANNEL_COLUMN(
      (spec, name) ->
          isInt8WithoutAmx(spec, name) && hasSingleChannels(spec) && hasOneColumn(spec)),

  /// It adds products in 16 bits, for which neither weights nor input are prepared.
  OLDER_THAN_VNNI((spec, name) -> spec.isInt8() && !SourceForm.isPreparedFor(name)),

  /// Of a transposed convolution with strides: what corrects for a zero point, or for the sign of
  /// an s8 input, belongs to other taps.
  CORRECTED_STRIDES(
      (spec, name) -> spec.isInt8() && name.contains("brgconv_strided") && isCorrected(spec)),

  /// Of a transposed convolution some of whose pixels no tap reaches: those are corrected for a
  /// zero point all the same, lack what is added, or are not written.
  BEYOND_THE_TAPS(
      (spec, name) ->
          spec.isInt8()
              && spec.transposed()
              && !name.startsWith("brg_deconv")
              && passesPixelsOver(spec)),

  /// A single s8 channel with a zero point: beyond 32 outputs, or 64, sums of small unpadded images
  /// are corrected by memory that nobody wrote. Seen with AVX-512 VNNI on Zen 4 and Sapphire
  /// Rapids, on the latter also beside AMX, where many taps are left to this implementation. Where
  /// it begins hangs on the image and its threads: none is trusted.
  SINGLE_SIGNED_CHANNEL(
      (spec, name) ->
          isInt8WithoutAmx(spec, name)
              && hasSingleChannels(spec)
              && spec.x().type() == DataType.S8
              && spec.x().quant().zeroPoint() != 0);

  /// Which implementation, by oneDNN's name, may serve a convolution.
  @FunctionalInterface
  interface Trust {
    /// Whether it is right, as far as is known.
    boolean isDue(Conv spec, String implementation);
  }

  private static final int LARGEST_LOWERED_GROUP = 32;

  private static final int SMALLEST_OUTPUT_BLOCK = 16;

  private final BiPredicate<Conv, String> shows;

  ConvFaults(BiPredicate<Conv, String> shows) {
    this.shows = shows;
  }

  /// Whether the implementation of that name is right for this convolution, as far as is known.
  static boolean none(Conv spec, String implementation) {
    return of(spec, implementation).isEmpty();
  }

  /// Why the implementation of that name is passed over for this convolution.
  static Optional<ConvFaults> of(Conv spec, String implementation) {
    return Arrays.stream(values()).filter(f -> f.shows.test(spec, implementation)).findFirst();
  }

  private static boolean isBrgemm(String name) {
    return name.startsWith("brg_conv_fwd");
  }

  private static boolean isInt8Amx(Conv spec, String name) {
    return isBrgemm(name) && spec.isInt8() && name.endsWith("amx");
  }

  private static boolean isInt8WithoutAmx(Conv spec, String name) {
    return isBrgemm(name) && spec.isInt8() && !name.endsWith("amx");
  }

  private static boolean lowersSeveralBlocks(Conv spec) {
    long inputs = spec.weights().values().shape().size(1);
    long outputs = spec.weights().channels() / spec.groups();
    return spec.groups() > 1
        && inputs <= LARGEST_LOWERED_GROUP
        && outputs > SMALLEST_OUTPUT_BLOCK
        && hasTaps(spec);
  }

  private static boolean hasSingleChannels(Conv spec) {
    return spec.weights().values().shape().size(1) == 1 && hasTaps(spec);
  }

  private static boolean hasTaps(Conv spec) {
    return spec.window().taps() > 1;
  }

  private static boolean hasOneColumn(Conv spec) {
    return columns(spec.y()) == 1 && spec.window().kernelW() > 1;
  }

  /// Somewhere every tap lies in the padding.
  private static boolean windowMayMissTheImage(Conv spec) {
    Window w = spec.window();
    for (int axis = 0; axis < w.axes(); axis++) {
      Taps taps =
          new Taps(
              w.kernel().get(axis),
              w.strides().get(axis),
              w.dilations().get(axis),
              w.padsBefore().get(axis));
      if (misses(spec.x().shape().size(2 + axis), spec.y().shape().size(2 + axis), taps)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isCorrected(Conv spec) {
    return spec.transposed()
        && (spec.x().type() == DataType.S8 || spec.x().quant().zeroPoint() != 0);
  }

  /// Whether windows may leave pixels of the output between them, or behind the last.
  private static boolean passesPixelsOver(Conv spec) {
    Window w = spec.window();
    for (int axis = 0; axis < w.axes(); axis++) {
      long last = (spec.x().shape().size(2 + axis) - 1) * w.strides().get(axis) + w.extent(axis);
      boolean gaps = w.dilations().get(axis) > 1 || w.kernel().get(axis) < w.strides().get(axis);
      if (gaps || spec.y().shape().size(2 + axis) > last - w.padsBefore().get(axis)) {
        return true;
      }
    }
    return false;
  }

  private static long columns(TensorDesc image) {
    return image.shape().size(image.shape().rank() - 1);
  }

  private static boolean padsCancel(Conv spec) {
    Window w = spec.window();
    long end = (columns(spec.y()) - 1) * w.strideW() - w.padLeft() + w.extentW();
    return w.padLeft() > 0 && columns(spec.x()) - end == w.padLeft();
  }

  private record Taps(int count, int stride, int dilation, int before) {}

  private static boolean misses(long in, long out, Taps taps) {
    for (long position = 0; position < out; position++) {
      long first = position * taps.stride() - taps.before();
      boolean inside = false;
      for (int tap = 0; tap < taps.count(); tap++) {
        long at = first + (long) tap * taps.dilation();
        inside |= at >= 0 && at < in;
      }
      if (!inside) {
        return true;
      }
    }
    return false;
  }
}
