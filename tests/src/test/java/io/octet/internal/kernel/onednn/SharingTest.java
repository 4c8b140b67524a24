package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.Window;
import io.octet.internal.ffi.NativeFunction;
import io.octet.internal.ffi.OmpBindings;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.DataType;
import io.octet.testkit.ConvShape;
import io.octet.testkit.Kernels;
import io.octet.testkit.Machine;
import io.octet.testkit.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Kernels shared by threads, weights shared by kernels, and memory that comes back.
class SharingTest {
  @BeforeAll
  static void needsInt8() {
    Machine.requireInt8();
  }

  private static final ConvShape SHAPE =
      new ConvShape(1, 48, 14, 14, 64, 1, Window.of(3, 3).pads(1, 1, 1, 1));

  /// A leak shows in every round; what Java's own compilers hold comes and goes.
  private static final int ROUNDS = 5;

  /// Less than a thousand of the smallest objects of oneDNN.
  private static final long LEAK_OF_A_THOUSAND = 500_000;

  private final KernelSpec.Conv spec = ConvShape.raw(new SplittableRandom(7), DataType.U8, SHAPE);
  private final byte[] image = new byte[48 * 14 * 14];

  {
    new java.util.Random(8).nextBytes(image);
  }

  @Test
  void eightThreadsOnOneKernelGetTheAnswerOfOne() throws Exception {
    try (WeightsCache packed = new WeightsCache();
        Kernel kernel = kernel(spec, packed);
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      byte[] expected = runs(kernel, 1);
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        all.add(threads.submit(() -> assertArrayEquals(expected, runs(kernel, 200))));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  @Test
  void aBatchOfAnotherSizeReusesThePackedWeights() {
    KernelSpec.Conv four =
        ConvShape.raw(
            new SplittableRandom(7),
            DataType.U8,
            new ConvShape(4, 48, 14, 14, 64, 1, SHAPE.window()));
    KernelSpec.Conv sameWeights =
        new KernelSpec.Conv(
            four.x(), four.y(), spec.weights(), four.window(), four.groups(), four.post());
    try (WeightsCache packed = new WeightsCache()) {
      kernel(spec, packed).close();
      int forms = packed.size(); // more than the packed one where weights are split
      kernel(sameWeights, packed).close();
      kernel(spec, packed).close();
      assertEquals(forms, packed.size());
      assertTrue(forms > 0);
    }
  }

  /// Nothing of Java stands between one call and the next.
  @Test
  void whatNeedsNoOtherFormOfItsInputIsOneNativeCall() {
    Machine.requireVnni();
    try (WeightsCache packed = new WeightsCache();
        Kernel kernel = kernel(spec, packed);
        Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(image.length, 64);
      MemorySegment out = arena.allocate(spec.y().bytes(), 64);
      MemorySegment scratch = arena.allocate(kernel.scratchBytes(), 64);
      try (Call call = kernel.bind(new Buffers(List.of(in), out, scratch))) {
        Call.Native made = assertInstanceOf(Call.Native.class, call);
        assertEquals(NativeFunction.DNNL_PRIMITIVE_EXECUTE, made.function());
      }
    }
  }

  @Test
  void theCallersTeamSizeIsRestored() {
    int before = OmpBindings.getMaxThreads();
    try (WeightsCache packed = new WeightsCache();
        Kernel kernel = kernel(spec, packed)) {
      runs(kernel, 1);
    }
    assertEquals(before, OmpBindings.getMaxThreads());
  }

  @Test
  void aThousandKernelsLeaveMemoryFlat() {
    openAndClose(1000);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least >= LEAK_OF_A_THOUSAND; round++) {
      long before = NativeMemory.inUse();
      openAndClose(1000);
      least = Math.min(least, NativeMemory.inUse() - before);
    }
    long grown = least;
    assertTrue(grown < LEAK_OF_A_THOUSAND, () -> "native memory grew by " + grown + " bytes");
  }

  private void openAndClose(int times) {
    for (int i = 0; i < times; i++) {
      try (WeightsCache packed = new WeightsCache();
          Kernel kernel = kernel(spec, packed)) {
        runs(kernel, 1);
      }
    }
  }

  private static Kernel kernel(KernelSpec spec, WeightsCache packed) {
    return Kernels.made(new OnednnBackend(), spec, new KernelContext(1, packed));
  }

  /// The output after so many runs, all of which must be the same.
  private byte[] runs(Kernel kernel, int times) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(image.length, 64).copyFrom(MemorySegment.ofArray(image));
      MemorySegment out = arena.allocate(spec.y().bytes(), 64);
      MemorySegment scratch = arena.allocate(kernel.scratchBytes(), 64);
      byte[] first = null;
      try (Call call = kernel.bind(new Buffers(List.of(in), out, scratch))) {
        for (int i = 0; i < times; i++) {
          call.run();
          byte[] result = out.toArray(ValueLayout.JAVA_BYTE);
          first = first == null ? result : first;
          assertArrayEquals(first, result);
          out.fill((byte) 0x5a);
        }
      }
      return first;
    }
  }
}
