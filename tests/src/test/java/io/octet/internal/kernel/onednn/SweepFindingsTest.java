package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.testkit.Case;
import io.octet.testkit.Kernels;
import io.octet.testkit.SpecRunner;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What {@link KernelSweepTest} found on the machine that its committed table names: each wrong
/// kernel is passed over wherever its rule holds.
class SweepFindingsTest {
  static List<SweepTable.Row> rows() {
    return SweepTable.committedRows();
  }

  @Test
  void theTableSaysWhereAndWhenItWasMade() {
    List<String> head = SweepTable.committed().stream().filter(l -> l.startsWith("#")).toList();
    for (String what : List.of("processor", "instruction set", "oneDNN", "date")) {
      String line = "# " + what + ": ";
      assertTrue(head.stream().anyMatch(l -> l.startsWith(line) && l.length() > line.length()));
    }
    assertFalse(rows().isEmpty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void aWrongKernelIsPassedOver(SweepTable.Row row) {
    assertFalse(row.first().served(), "nothing wrong is served");
    boolean here =
        switch (ConvFaults.valueOf(row.first().rule())) {
          case OLDER_THAN_VNNI -> !DnnlIsa.effective().addsIn16Bits();
          case GEMM_OF_DEPTHWISE -> DnnlIsa.effective().addsIn16Bits();
          case ALIGNED_RESIDUAL,
              AMX_BEYOND_THE_OUTPUT,
              CANCELLING_PADS,
              GEMM_OUTSIDE_THE_IMAGE,
              BRGEMM_OUTSIDE_THE_IMAGE,
              FLOAT_COLUMN,
              AMX_GROUPS_OF_SEVERAL_BLOCKS,
              AMX_COLUMN,
              AMX_STEPS_OVER_ROWS,
              SINGLE_CHANNELS_IN_GROUPS,
              SINGLE_CHANNEL_COLUMN,
              SINGLE_SIGNED_CHANNEL,
              CORRECTED_STRIDES,
              BEYOND_THE_TAPS ->
              true;
        };
    KernelSpec.Conv spec = (KernelSpec.Conv) row.first().example().spec();
    assertTrue(!here || ConvFaults.of(spec, row.first().implementation()).isPresent());
  }

  static Stream<SweepCase> examples() {
    return rows().stream().map(row -> row.first().example()).distinct();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void whatServesTheExampleIsRightTwice(SweepCase example) {
    Case c = new Case(example.spec(), example.inputs(), example.toString());
    SpecRunner.Output expected = SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs());
    for (Backend backend : List.of(new OnednnBackend(), new FbgemmBackend(), new JvmBackend())) {
      try (WeightsCache packed = new WeightsCache()) {
        Optional<Kernel> made = Kernels.offered(backend, c.spec(), new KernelContext(1, packed));
        if (made.isPresent()) {
          try (Kernel kernel = made.get()) {
            assertEquals(
                TwiceRun.Verdict.RIGHT,
                TwiceRun.of(kernel, c, expected),
                () -> backend.name() + " " + kernel.implementation());
          }
        }
      }
    }
  }
}
