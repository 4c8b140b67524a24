package io.octet.internal.kernel.onednn;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelSpec;
import io.octet.testkit.Case;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner.Output;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A kernel run twice, over memory that is filled with another pattern each time: what is not
/// written, and what is read without having been written, shows as two answers.
final class TwiceRun {
  /// Wide enough for whatever was ever seen to be written beside an output.
  private static final int GUARD = 1 << 14;

  private static final byte[] PATTERNS = {0x5a, (byte) 0xc3};

  /// What the kernel did.
  enum Verdict {
    RIGHT,
    /// Twice the same, and not what the oracle gives.
    WRONG,
    /// Something else each time.
    UNSTABLE,
    /// Wrote beside its output or scratch memory, or into its input.
    BEYOND
  }

  private TwiceRun() {}

  static Verdict of(Kernel kernel, Case c, Output expected) {
    byte[][] answers = new byte[PATTERNS.length][];
    for (int i = 0; i < PATTERNS.length; i++) {
      answers[i] = once(kernel, c, PATTERNS[i]);
      if (answers[i] == null) {
        return Verdict.BEYOND;
      }
    }
    if (!Arrays.equals(answers[0], answers[1])) {
      return Verdict.UNSTABLE;
    }
    try {
      Parity.assertMatches(c, expected, new Output(c.spec().y(), answers[0]));
      return Verdict.RIGHT;
    } catch (AssertionError e) {
      return Verdict.WRONG;
    }
  }

  /// The output; null where other memory was touched.
  private static byte[] once(Kernel kernel, Case c, byte pattern) {
    KernelSpec spec = c.spec();
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> all = new ArrayList<>();
      List<MemorySegment> inputs = new ArrayList<>();
      for (int i = 0; i < c.inputs().length; i++) {
        MemorySegment input = guarded(arena, spec.inputs().get(i).bytes(), pattern, all);
        inputs.add(input.copyFrom(values(c.inputs()[i])));
      }
      int inPlace = kernel.inPlaceInput();
      MemorySegment out =
          inPlace < 0 ? guarded(arena, spec.y().bytes(), pattern, all) : inputs.get(inPlace);
      MemorySegment scratch = guarded(arena, kernel.scratchBytes(), pattern, all);
      try (Call call = kernel.bind(new Buffers(inputs, out, scratch))) {
        call.run();
      }
      boolean kept = all.stream().allMatch(m -> hasItsGuards(m, pattern));
      for (int i = 0; i < inputs.size(); i++) {
        kept &= i == inPlace || inputs.get(i).mismatch(values(c.inputs()[i])) == -1;
      }
      return kept ? out.toArray(ValueLayout.JAVA_BYTE) : null;
    }
  }

  private static MemorySegment guarded(
      Arena arena, long bytes, byte pattern, List<MemorySegment> all) {
    MemorySegment whole = arena.allocate(bytes + 2 * GUARD, 64).fill(pattern);
    all.add(whole);
    return whole.asSlice(GUARD, bytes);
  }

  private static boolean hasItsGuards(MemorySegment whole, byte pattern) {
    byte[] strip = new byte[GUARD];
    Arrays.fill(strip, pattern);
    MemorySegment expected = MemorySegment.ofArray(strip);
    return whole.asSlice(0, GUARD).mismatch(expected) == -1
        && whole.asSlice(whole.byteSize() - GUARD).mismatch(expected) == -1;
  }

  private static MemorySegment values(Object array) {
    return switch (array) {
      case float[] f -> MemorySegment.ofArray(f);
      case int[] i -> MemorySegment.ofArray(i);
      case byte[] b -> MemorySegment.ofArray(b);
      default -> throw new IllegalArgumentException("no kernel here reads " + array.getClass());
    };
  }
}
