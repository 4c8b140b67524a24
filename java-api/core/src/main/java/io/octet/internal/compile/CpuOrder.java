package io.octet.internal.compile;

import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import io.octet.internal.kernel.KernelSpec;
import java.util.List;

/// In which order backends are asked where nobody prefers one: a list for each class of processor,
/// after PyTorch's `x86` engine. The oracle is in none: it serves only where it is asked for by
/// name.
final class CpuOrder {
  private static final List<String> ONEDNN_FIRST = List.of("onednn", "fbgemm", "jvm");
  private static final List<String> FBGEMM_FIRST = List.of("fbgemm", "onednn", "jvm");

  /// Convolutions of more groups than this go to FBGEMM first, as in PyTorch's
  /// `should_use_onednn_quant`.
  private static final int MANY_GROUPS = 100;

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
    return switch (path) {
      case INT8_VNNI ->
          spec instanceof KernelSpec.Conv conv && conv.isInt8() && conv.groups() > MANY_GROUPS
              ? FBGEMM_FIRST
              : ONEDNN_FIRST;
      case INT8_REDUCED -> spec.isInt8() ? FBGEMM_FIRST : ONEDNN_FIRST;
      case FP32 -> ONEDNN_FIRST;
    };
  }
}
