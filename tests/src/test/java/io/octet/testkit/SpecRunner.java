package io.octet.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.select.Registry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Runs one {@link KernelSpec} on one backend, over memory as a plan would lay it out, and checks
/// what every kernel promises: that it writes all of its outputs and nothing else, keeps its inputs
/// and gives the same answer twice. Values are in memory order, as the spec's layouts say.
public final class SpecRunner {
  private static final int GUARD = 64;
  private static final byte GARBAGE = (byte) 0xa5;

  private SpecRunner() {}

  /// A result in memory order.
  public record Output(TensorDesc y, byte[] raw) {
    /// The elements of an F32 output.
    public float[] floats() {
      float[] values = new float[raw.length / Float.BYTES];
      ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return values;
    }

    /// The elements of a U8, S8 or S32 output, widened.
    public int[] ints() {
      return switch (y.type()) {
        case S32 -> {
          int[] values = new int[raw.length / Integer.BYTES];
          ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(values);
          yield values;
        }
        case U8, S8 -> {
          int[] values = new int[raw.length];
          for (int i = 0; i < values.length; i++) {
            values[i] = io.octet.tensor.QuantMath.widen(raw[i], y.type());
          }
          yield values;
        }
        case F32, S64, BOOL, F16, BF16, F64 -> throw new IllegalStateException("no ints in " + y);
      };
    }
  }

  /// The first result of `spec` on `backend`; fails the test where it refuses.
  ///
  /// @param inputs an array of the width of each of the spec's inputs
  public static Output run(Backend backend, KernelSpec spec, Object... inputs) {
    return runAll(backend, spec, inputs).getFirst();
  }

  /// The results of `spec` on `backend`; fails the test where it refuses.
  public static List<Output> runAll(Backend backend, KernelSpec spec, Object... inputs) {
    return tryRunAll(backend, spec, inputs)
        .orElseGet(
            () -> {
              try (WeightsCache packed = new WeightsCache()) {
                return fail(
                    backend.name() + ": " + backend.offers(spec, new KernelContext(1, packed)));
              }
            });
  }

  /// The first result of `spec` on `backend`, or nothing where it refuses.
  public static Optional<Output> tryRun(Backend backend, KernelSpec spec, Object... inputs) {
    return tryRunAll(backend, spec, inputs).map(List::getFirst);
  }

  private static Optional<List<Output>> tryRunAll(
      Backend backend, KernelSpec spec, Object... inputs) {
    assertEquals(spec.inputs().size(), inputs.length, () -> "inputs of " + spec.describe());
    try (WeightsCache packed = new WeightsCache()) {
      Optional<Kernel> made = Kernels.offered(backend, spec, new KernelContext(1, packed));
      if (made.isEmpty()) {
        return Optional.empty();
      }
      try (Kernel kernel = made.get()) {
        return Optional.of(run(kernel, spec, inputs));
      }
    }
  }

  /// The result of `spec` on `backend` where the oracle's bits are asked for, or nothing where it
  /// refuses.
  public static Optional<Output> tryRunExactly(Backend backend, KernelSpec spec, Object... inputs) {
    try (WeightsCache packed = new WeightsCache()) {
      KernelContext exact = new KernelContext(1, packed, true);
      Kernel kernel = Registry.of(List.of(backend)).select(spec, exact).kernel();
      if (kernel == null) {
        return Optional.empty();
      }
      try (kernel) {
        return Optional.of(run(kernel, spec, inputs).getFirst());
      }
    }
  }

  private static List<Output> run(Kernel kernel, KernelSpec spec, Object[] inputs) {
    try (Arena arena = Arena.ofShared()) {
      List<MemorySegment> ins = new ArrayList<>();
      for (int i = 0; i < inputs.length; i++) {
        ins.add(guarded(arena, spec.inputs().get(i).bytes()));
      }
      int inPlace = kernel.inPlaceInput();
      List<MemorySegment> outs = new ArrayList<>();
      for (TensorDesc y : spec.outputs()) {
        boolean shared = outs.isEmpty() && inPlace >= 0;
        outs.add(shared ? ins.get(inPlace) : guarded(arena, y.bytes()));
      }
      MemorySegment scratch = guarded(arena, kernel.scratchBytes());
      List<Output> first;
      try (Call call = kernel.bind(new Buffers(inner(ins), inner(outs), inner(scratch)))) {
        first = once(call, spec, inputs, ins, outs, inPlace);
        List<Output> second = once(call, spec, inputs, ins, outs, inPlace);
        for (int i = 0; i < outs.size(); i++) {
          assertArrayEquals(
              first.get(i).raw(), second.get(i).raw(), () -> "the same again: " + spec.describe());
        }
      }
      checkGuard(scratch, "scratch", spec);
      return first;
    }
  }

  private static List<Output> once(
      Call call,
      KernelSpec spec,
      Object[] inputs,
      List<MemorySegment> ins,
      List<MemorySegment> outs,
      int inPlace) {
    inner(outs).forEach(out -> out.fill(GARBAGE));
    for (int i = 0; i < inputs.length; i++) {
      MemorySegment.copy(
          bytes(inputs[i], spec.inputs().get(i)),
          0,
          inner(ins.get(i)),
          0,
          spec.inputs().get(i).bytes());
    }
    call.run();
    for (int i = 0; i < inputs.length; i++) {
      if (i != inPlace) {
        long difference = inner(ins.get(i)).mismatch(bytes(inputs[i], spec.inputs().get(i)));
        if (difference != -1) {
          fail("input " + i + " was overwritten by " + spec.describe());
        }
      }
      checkGuard(ins.get(i), "input " + i, spec);
    }
    List<Output> made = new ArrayList<>();
    for (int i = 0; i < outs.size(); i++) {
      checkGuard(outs.get(i), "output " + i, spec);
      byte[] raw = inner(outs.get(i)).toArray(ValueLayout.JAVA_BYTE);
      made.add(new Output(spec.outputs().get(i), raw));
    }
    return made;
  }

  /// Memory between two strips that nobody may touch.
  private static MemorySegment guarded(Arena arena, long bytes) {
    MemorySegment all = arena.allocate(bytes + 2 * GUARD, 64);
    all.fill(GARBAGE);
    return all;
  }

  private static MemorySegment inner(MemorySegment guarded) {
    return guarded.asSlice(GUARD, guarded.byteSize() - 2 * GUARD);
  }

  private static List<MemorySegment> inner(List<MemorySegment> guarded) {
    return guarded.stream().map(SpecRunner::inner).toList();
  }

  private static void checkGuard(MemorySegment guarded, String what, KernelSpec spec) {
    byte[] expected = new byte[GUARD];
    Arrays.fill(expected, GARBAGE);
    MemorySegment strip = MemorySegment.ofArray(expected);
    long after = guarded.byteSize() - GUARD;
    boolean intact =
        guarded.asSlice(0, GUARD).mismatch(strip) == -1
            && guarded.asSlice(after).mismatch(strip) == -1;
    if (!intact) {
      fail("memory beside the " + what + " was overwritten by " + spec.describe());
    }
  }

  private static MemorySegment bytes(Object array, TensorDesc activation) {
    MemorySegment segment =
        switch (array) {
          case float[] f -> MemorySegment.ofArray(f);
          case int[] i -> MemorySegment.ofArray(i);
          case byte[] b -> MemorySegment.ofArray(b);
          case short[] s -> MemorySegment.ofArray(s);
          case long[] l -> MemorySegment.ofArray(l);
          case double[] d -> MemorySegment.ofArray(d);
          default -> throw new IllegalArgumentException("no kernel reads " + array.getClass());
        };
    assertEquals(activation.bytes(), segment.byteSize(), () -> "bytes for " + activation);
    return segment;
  }
}
