package io.octet.internal.kernel.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.op.Reduction.ReduceMean;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.DataType;
import io.octet.testkit.Allocated;
import io.octet.testkit.Case;
import io.octet.testkit.Kernels;
import io.octet.testkit.Literals;
import io.octet.testkit.Specs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AllocationTest {
  static Stream<Case> aRunAllocatesNothing() {
    return Stream.<Case.Family>of(
            r -> Specs.floatConv(r, Layout.CHANNELS_LAST),
            r -> Specs.floatConv(r, Layout.ROW_MAJOR),
            r -> Specs.linear(r, DataType.F32, DataType.F32),
            Specs::matMul,
            Specs::pool,
            Specs::resample,
            Specs::binary,
            Specs::unary,
            Specs::softmax,
            Specs::convert,
            Specs::runtimeQuantize,
            Specs::quantizeRows,
            Specs::scaleSums,
            Specs::channelAffine,
            Specs::concat,
            Specs::transpose,
            Specs::recurrence,
            Specs::recurrence,
            Literals::normalization,
            r ->
                Literals.reduction(
                    new ReduceMean(true, false), new long[] {r.nextInt(2, 9), 70}, 0))
        .flatMap(family -> Case.random(3, family));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void aRunAllocatesNothing(Case c) {
    try (Arena arena = Arena.ofShared();
        WeightsCache packed = new WeightsCache();
        Kernel kernel = Kernels.made(new JvmBackend(), c.spec(), new KernelContext(1, packed));
        Call call = kernel.bind(buffers(arena, c, kernel))) {
      assertEquals(0, Allocated.least(200, call::run), c::toString);
    }
  }

  private static Buffers buffers(Arena arena, Case c, Kernel kernel) {
    List<MemorySegment> inputs = new ArrayList<>();
    for (TensorDesc a : c.spec().inputs()) {
      inputs.add(arena.allocate(a.bytes(), 64));
    }
    List<MemorySegment> outputs = new ArrayList<>();
    for (TensorDesc a : c.spec().outputs()) {
      outputs.add(arena.allocate(a.bytes(), 64));
    }
    return new Buffers(inputs, outputs, arena.allocate(kernel.scratchBytes(), 64));
  }
}
