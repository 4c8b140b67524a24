package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_SCALES;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_ZERO_POINTS;
import static io.octet.internal.ffi.DnnlConstants.ARG_BIAS;
import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SCRATCHPAD;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;
import static io.octet.internal.ffi.DnnlConstants.F32;
import static io.octet.internal.ffi.DnnlConstants.S8;
import static io.octet.internal.ffi.DnnlConstants.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException;
import io.octet.testkit.Machine;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// oneDNN crashes where an argument of the attributes is missing: it must never get that far.
class PrimitiveCallTest {
  @BeforeAll
  static void needsOnednn() {
    Machine.requireOnednn();
  }

  /// The interpreter and the compilers allocate before the code is hot.
  private static final int ROUNDS = 200;

  private static final int SCALES_OF_WEIGHTS = ARG_ATTR_SCALES | ARG_WEIGHTS;
  private static final int ZERO_POINT_OF_SRC = ARG_ATTR_ZERO_POINTS | ARG_SRC;

  @Test
  void everyArgumentOfTheAttributesIsAskedFor() {
    try (Arena arena = Arena.ofConfined();
        Primitive matMul = matMul()) {
      Map<Integer, MemorySegment> complete = data(matMul, arena);
      for (int argument : complete.keySet()) {
        Map<Integer, MemorySegment> incomplete = new HashMap<>(complete);
        incomplete.remove(argument);
        IllegalArgumentException e =
            assertThrows(
                IllegalArgumentException.class, () -> PrimitiveCall.of(matMul, incomplete));
        assertTrue(
            e.getMessage().contains(ArgumentList.name(argument) + " is missing"), e::getMessage);
      }
      assertTrue(complete.containsKey(SCALES_OF_WEIGHTS));
      assertTrue(complete.containsKey(ZERO_POINT_OF_SRC));
    }
  }

  @Test
  void tooSmallHeapAndUnknownArgumentsAreRefused() {
    try (Arena arena = Arena.ofConfined();
        Primitive matMul = matMul()) {
      refuses(matMul, arena, SCALES_OF_WEIGHTS, arena.allocate(19), "has 19 bytes, expected 20");
      refuses(matMul, arena, ARG_DST, MemorySegment.ofArray(new byte[99]), "99 bytes of heap");
      refuses(matMul, arena, ARG_BIAS, arena.allocate(64), "takes no argument bias");
    }
  }

  private static void refuses(
      Primitive primitive, Arena arena, int argument, MemorySegment data, String text) {
    Map<Integer, MemorySegment> arguments = data(primitive, arena);
    arguments.put(argument, data);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> PrimitiveCall.of(primitive, arguments));
    assertTrue(e.getMessage().contains(text), e::getMessage);
  }

  @Test
  void executeAllocatesNothingOnTheHeap() {
    try (Arena arena = Arena.ofConfined();
        Primitive matMul = matMul();
        PrimitiveCall call = PrimitiveCall.of(matMul, data(matMul, arena))) {
      long least = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS && least > 0; round++) {
        least = Math.min(least, bytesAllocatedBy(call));
      }
      assertEquals(0, least, "bytes in 1,000 executes");
    }
  }

  private static long bytesAllocatedBy(PrimitiveCall call) {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 1_000; i++) {
      call.execute();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void closedObjectsAreExceptionsNotCrashes() {
    try (Arena arena = Arena.ofConfined()) {
      Primitive matMul = matMul();
      PrimitiveCall call = PrimitiveCall.of(matMul, data(matMul, arena));
      call.close();
      call.close();
      assertThrows(IllegalStateException.class, call::execute);
      matMul.close();
      matMul.close();
      assertThrows(IllegalStateException.class, matMul::address);
    }
  }

  @Test
  void aFailureNamesTheSymbolAndOnednnsWord() {
    OctetException.NativeFailure e =
        assertThrows(OctetException.NativeFailure.class, () -> MemoryDesc.dense(99, 1, 2));
    assertEquals("dnnl_memory_desc_create_with_strides", e.symbol());
    assertTrue(e.getMessage().contains("invalid_arguments"), e::getMessage);
  }

  /// u8 [3,4] by s8 [4,5] with scales, a zero point and bytes out.
  private static Primitive matMul() {
    try (Attributes attributes = Attributes.create();
        MemoryDesc src = MemoryDesc.dense(U8, 3, 4);
        MemoryDesc weights = MemoryDesc.dense(S8, 4, 5);
        MemoryDesc dst = MemoryDesc.dense(F32, 3, 5)) {
      attributes.scales(ARG_SRC, 0, 1).scales(ARG_WEIGHTS, 0b10, 5).zeroPoint(ARG_SRC);
      try (PrimitiveDesc desc =
          LayerKernels.findMatMul(src, weights, null, dst, attributes).orElseThrow()) {
        return Primitive.create(desc, attributes, ARG_SRC, ARG_WEIGHTS, ARG_DST);
      }
    }
  }

  private static Map<Integer, MemorySegment> data(Primitive primitive, Arena arena) {
    Map<Integer, MemorySegment> data = new HashMap<>();
    primitive
        .arguments()
        .forEach((argument, desc) -> data.put(argument, arena.allocate(desc.size(), 64)));
    data.get(SCALES_OF_WEIGHTS).fill((byte) 0).setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1);
    assertEquals(
        primitive.scratchpadBytes() > 0, data.containsKey(ARG_SCRATCHPAD), "scratchpad asked for");
    return data;
  }
}
