package io.octet.internal.select;

import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import java.util.List;

/// In which order backends are asked where nobody prefers one: a list for each class of processor,
/// after PyTorch's `x86` engine. The oracle is in none: it serves only where it is asked for by
/// name.
final class CpuOrder {
  private static final List<String> ONEDNN_FIRST = List.of("onednn", "fbgemm", "jvm");
  private static final List<String> FBGEMM_FIRST = List.of("fbgemm", "onednn", "jvm");
  private static final List<String> JVM_FIRST = List.of("jvm", "onednn", "fbgemm");

  /// Convolutions of more groups than this go to FBGEMM first, as in PyTorch's
  /// `should_use_onednn_quant`, where it has a kernel for one channel in a group. Elsewhere it
  /// multiplies a matrix for each group: 150 times oneDNN's time for 144 channels under a window of
  /// 5x5 that is padded by 1 and 2.
  private static final int MANY_GROUPS = 100;

  /// int8 maxima over at most this many channels go to Java first: oneDNN's kernel takes a vector's
  /// time for each pixel, however few its channels are. On AVX-512, Java was measured to be 1.1 to
  /// 8 times as fast (0.9 to 3 times at 31 channels, whose pixels are no whole longs), and at 128
  /// channels half as fast.
  private static final int FEW_CHANNELS = 32;

  /// The same where Java's vectors are shorter.
  private static final int FEW_CHANNELS_WITHOUT_VNNI = 16;

  /// Conversions of at most this many elements go to Java first: they take less than the call of
  /// oneDNN.
  private static final int FEW_ELEMENTS = 256;

  /// Asked of the machine with the first kernel, not before: asking loads libraries.
  private volatile Verdict.Path path;

  List<String> of(KernelSpec spec) {
    Verdict.Path known = path;
    if (known == null) {
      known = Cpu.verdict().path();
      path = known;
    }
    return of(spec, known);
  }

  static List<String> of(KernelSpec spec, Verdict.Path path) {
    if (isNarrowMaximum(spec, path) || isSmallConversion(spec)) {
      return JVM_FIRST;
    }
    return switch (path) {
      case INT8_VNNI ->
          spec instanceof KernelSpec.Conv conv && conv.groups() > MANY_GROUPS && isDepthwise(conv)
              ? FBGEMM_FIRST
              : ONEDNN_FIRST;
      case INT8_REDUCED -> spec.isInt8() ? FBGEMM_FIRST : ONEDNN_FIRST;
      case FP32 -> ONEDNN_FIRST;
    };
  }

  /// Whether FBGEMM has a depthwise kernel for it: a square window around its middle.
  private static boolean isDepthwise(KernelSpec.Conv conv) {
    Window window = conv.window();
    int side = window.kernel().getFirst();
    return conv.isInt8()
        && window.axes() == 2
        && conv.groups() == conv.y().shape().size(1)
        && conv.groups() == conv.x().shape().size(1)
        && side > 1
        && side % 2 == 1
        && isAll(window.kernel(), side)
        && isAll(window.padsBefore(), side / 2)
        && isAll(window.padsAfter(), side / 2)
        && isAll(window.dilations(), 1);
  }

  private static boolean isAll(List<Integer> values, int value) {
    return values.stream().allMatch(v -> v == value);
  }

  private static boolean isNarrowMaximum(KernelSpec spec, Verdict.Path path) {
    int few = path == Verdict.Path.INT8_VNNI ? FEW_CHANNELS : FEW_CHANNELS_WITHOUT_VNNI;
    return spec instanceof KernelSpec.Pool pool
        && pool.kind() == KernelSpec.PoolKind.MAX
        && pool.window().axes() == 2
        && pool.isInt8()
        && pool.x().layout() == Layout.CHANNELS_LAST
        && pool.x().shape().size(1) <= few;
  }

  private static boolean isSmallConversion(KernelSpec spec) {
    return spec instanceof KernelSpec.Convert(var x, var _) && x.shape().elements() <= FEW_ELEMENTS;
  }
}
