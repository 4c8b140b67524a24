package io.octet.cpu;

import io.octet.internal.ffi.DnnlIsa;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How the names of /proc/cpuinfo and the instruction sets of `octet.maxIsa` go together.
final class IsaFeatures {
  /// The weakest set that has each feature; one that is not here belongs to all of them.
  private static final Map<String, DnnlIsa> WEAKEST = weakest();

  /// What decides how int8 runs, and so what an engine must see as Octet does.
  private static final List<String> TELLING =
      List.of("avx2", "avx512bw", "avx512_vnni", "amx_int8");

  private IsaFeatures() {}

  /// Those that a cap leaves.
  static List<String> within(Optional<DnnlIsa> cap, List<String> features) {
    return cap.isEmpty()
        ? features
        : features.stream()
            .filter(f -> !WEAKEST.containsKey(f) || cap.get().includes(WEAKEST.get(f)))
            .toList();
  }

  /// What an engine uses and the processor has not, or the other way round, a sentence each.
  ///
  /// @param most the largest set that the engine can make use of
  static List<String> disagreements(
      String engine, DnnlIsa used, DnnlIsa most, List<String> features) {
    List<String> found = new ArrayList<>();
    for (String feature : TELLING) {
      DnnlIsa needed = WEAKEST.get(feature);
      boolean here = features.contains(feature);
      if (used.includes(needed) && !here) {
        found.add(engine + " uses " + used.text() + ", but " + feature + " was not detected");
      } else if (here && most.includes(needed) && !used.includes(needed)) {
        found.add(feature + " was detected, but " + engine + " uses only " + used.text());
      }
    }
    return found;
  }

  private static Map<String, DnnlIsa> weakest() {
    Map<String, DnnlIsa> sets = new LinkedHashMap<>();
    put(sets, DnnlIsa.AVX, "avx");
    put(sets, DnnlIsa.AVX2, "avx2", "fma", "f16c", "bmi1", "bmi2");
    put(sets, DnnlIsa.AVX2_VNNI, "avx_vnni", "avx_ifma");
    put(sets, DnnlIsa.AVX2_VNNI_2, "avx_vnni_int8", "avx_vnni_int16", "avx_ne_convert");
    put(sets, DnnlIsa.AVX512_CORE, "avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl");
    put(sets, DnnlIsa.AVX512_CORE_VNNI, "avx512_vnni", "avx512ifma", "avx512vbmi");
    put(sets, DnnlIsa.AVX512_CORE_VNNI, "avx512_vbmi2", "avx512_bitalg", "avx512_vpopcntdq");
    put(sets, DnnlIsa.AVX512_CORE_BF16, "avx512_bf16");
    put(sets, DnnlIsa.AVX512_CORE_FP16, "avx512_fp16");
    put(sets, DnnlIsa.AVX512_CORE_AMX, "amx_tile", "amx_int8", "amx_bf16");
    put(sets, DnnlIsa.AVX512_CORE_AMX_FP16, "amx_fp16");
    return Map.copyOf(sets);
  }

  private static void put(Map<String, DnnlIsa> sets, DnnlIsa isa, String... features) {
    for (String feature : features) {
      sets.put(feature, isa);
    }
  }
}
