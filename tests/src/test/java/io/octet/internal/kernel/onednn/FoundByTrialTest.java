package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.testkit.CappedJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// With the list of known faults emptied the self-check finds those that this processor has.
class FoundByTrialTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(names = {"AVX2", "AVX512_CORE_VNNI", "AVX512_CORE_AMX"})
  void whatComparisonFindsWrongTheSelfCheckFindsAndARightKernelServes(DnnlIsa isa) {
    List<String> lines = CappedJvm.run(isa, FoundByTrial.class, folder.toString());
    List<String> bad =
        lines.stream().filter(l -> l.startsWith("missed ") || l.startsWith("wrong ")).toList();
    assertEquals(List.of(), bad);
  }
}
