package io.octet.internal.kernel.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.Verify;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelCheck;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.store.Store;
import io.octet.tensor.DataType;
import io.octet.testkit.Case;
import io.octet.testkit.Convs;
import io.octet.testkit.Kernels;
import io.octet.testkit.Specs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kernels that are right pass, whatever the spec: a check that cries wolf costs speed.
class EveryKernelTest {
  private static final int COUNT = 12;

  @TempDir Path folder;

  @Test
  void rightKernelsPassTheSample() {
    assertEquals(List.of(), faults(Verify.SAMPLE, 1));
  }

  @Test
  void rightKernelsPassWholly() {
    assertEquals(List.of(), faults(Verify.FULL, 1));
  }

  @Test
  void rightKernelsOfSeveralThreadsPass() {
    assertEquals(List.of(), faults(Verify.SAMPLE, 3));
  }

  private List<String> faults(Verify verify, int threads) {
    KernelCheck check = SelfCheck.of(verify, Store.in(folder));
    List<String> faults = new ArrayList<>();
    int[] made = new int[1];
    for (Backend backend : List.of(new OnednnBackend(), new FbgemmBackend(), new JvmBackend())) {
      cases()
          .forEach(
              c -> {
                try (WeightsCache packed = new WeightsCache()) {
                  KernelContext context = new KernelContext(threads, packed);
                  Kernels.offered(backend, c.spec(), context)
                      .ifPresent(
                          kernel -> {
                            made[0]++;
                            String name = kernel.backend() + " " + kernel.implementation();
                            Optional<String> fault = check.fault(c.spec(), kernel, threads);
                            fault.ifPresent(f -> faults.add(name + " " + f + ": " + c));
                            kernel.close();
                          });
                }
              });
    }
    assertTrue(made[0] > COUNT, () -> "only " + made[0] + " kernels");
    return faults;
  }

  private static Stream<Case> cases() {
    Stream<Case.Family> layers =
        Stream.of(
            Specs::int8Conv,
            Convs::wideGroups,
            Convs::singleChannels,
            r -> Specs.floatConv(r, Layout.CHANNELS_LAST),
            r -> Specs.linear(r, DataType.F32, DataType.F32),
            r -> Specs.linear(r, DataType.F32, DataType.U8));
    return Stream.concat(layers, Specs.everyKind()).flatMap(family -> Case.random(COUNT, family));
  }
}
