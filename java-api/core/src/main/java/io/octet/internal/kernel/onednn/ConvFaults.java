package io.octet.internal.kernel.onednn;

import io.octet.graph.Window;
import io.octet.internal.kernel.KernelSpec.Conv;

/// The convolutions for which implementations of oneDNN 3.13 were seen to fail, found by random
/// comparison with the oracle: wrong sums, and two that touch foreign memory. The next
/// implementation in oneDNN's list serves them. Each rule here has its case in the tests.
final class ConvFaults {
  private static final int LARGEST_LOWERED_GROUP = 32;

  private static final int SMALLEST_OUTPUT_BLOCK = 16;

  private ConvFaults() {}

  /// Whether the implementation of that name is right for this convolution, as far as is known.
  static boolean none(Conv spec, String implementation) {
    if (implementation.contains("jit_dw:sse41") && spec.post().hasResidual()) {
      return false; // adds the residual by aligned loads from wherever a channel lies: SIGSEGV
    }
    if (spec.isInt8() && implementation.startsWith("jit:") && implementation.endsWith("amx")) {
      return false; // writes beyond the output under zero points, dilation and much padding
    }
    if (spec.isInt8() && implementation.contains("gemm_") && windowMayMissTheImage(spec)) {
      return false; // corrects for the zero point there, or writes nothing
    }
    if (!implementation.startsWith("brg_conv_fwd")) {
      return true;
    }
    if (!spec.isInt8()) {
      return !(hasSingleChannels(spec) && hasOneColumn(spec));
    }
    return !windowMayMissTheImage(spec)
        && (implementation.endsWith("amx")
            ? !(lowersSeveralBlocks(spec) || hasOneColumn(spec) || stepsOverRows(spec))
            : !(hasSingleChannels(spec) && (spec.groups() > 1 || hasOneColumn(spec))));
  }

  /// AMX lowers small groups: it makes channels of a row's taps. Such a group reads the weights of
  /// its first block of output channels for all blocks.
  private static boolean lowersSeveralBlocks(Conv spec) {
    long inputs = spec.weights().values().shape().size(1);
    long outputs = spec.weights().channels() / spec.groups();
    return spec.groups() > 1
        && inputs <= LARGEST_LOWERED_GROUP
        && outputs > SMALLEST_OUTPUT_BLOCK
        && hasTaps(spec);
  }

  /// Without AMX only single channels are lowered.
  private static boolean hasSingleChannels(Conv spec) {
    return spec.weights().values().shape().size(1) == 1 && hasTaps(spec);
  }

  private static boolean hasTaps(Conv spec) {
    return spec.window().kernelH() * spec.window().kernelW() > 1;
  }

  /// One output column under several taps.
  private static boolean hasOneColumn(Conv spec) {
    return spec.y().shape().size(3) == 1 && spec.window().kernelW() > 1;
  }

  /// Rows between two positions of the window that no tap reads: the input's copy is too small
  /// (oneDNN's pull request 5494).
  private static boolean stepsOverRows(Conv spec) {
    return spec.window().strideH() > spec.window().kernelH();
  }

  /// Somewhere every tap lies in the padding: the correction for the zero point is wrong there.
  private static boolean windowMayMissTheImage(Conv spec) {
    Window w = spec.window();
    return misses(
            spec.x().shape().size(2),
            spec.y().shape().size(2),
            new Taps(w.kernelH(), w.strideH(), w.dilationH(), w.padTop()))
        || misses(
            spec.x().shape().size(3),
            spec.y().shape().size(3),
            new Taps(w.kernelW(), w.strideW(), w.dilationW(), w.padLeft()));
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
