package io.octet.internal.kernel.trust;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.reference.Oracle;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// One kernel, run twice over the same input. Its output and scratch memory hold one thing before
/// the first run and another before the second, so that both answers are the same only where the
/// kernel wrote what it read; memory around them must stay as it was.
final class Trial {
  private static final long GUARD = 64;

  /// As integers of any width they have different signs, as floats very different sizes.
  private static final byte[] GARBAGE = {0x5b, (byte) 0xa6};

  private static final int MOST_COUNTED = 512;
  private static final double COMMON = 0.875;

  private final KernelSpec spec;
  private final Kernel kernel;
  private final TrialInput input;
  private final List<MemorySegment> inputs = new ArrayList<>();
  private final List<MemorySegment> outputs = new ArrayList<>();
  private final List<MemorySegment> earlier = new ArrayList<>();
  private final MemorySegment scratch;

  private Trial(KernelSpec spec, Kernel kernel, TrialInput input, Room room) {
    this.spec = spec;
    this.kernel = kernel;
    this.input = input;
    for (int i = 0; i < spec.inputs().size(); i++) {
      inputs.add(room.next(spec.inputs().get(i).bytes()));
      input.fill(i, inputs.get(i));
    }
    for (TensorDesc y : spec.outputs()) {
      outputs.add(room.next(y.bytes() + 2 * GUARD));
      earlier.add(room.next(y.bytes()));
    }
    this.scratch = room.next(kernel.scratchBytes() + 2 * GUARD);
  }

  /// How much memory a trial takes; the largest number where a long does not count it.
  static long bytes(KernelSpec spec, Kernel kernel) {
    double bytes = LongStream.of(pieces(spec, kernel)).asDoubleStream().sum();
    return (long) bytes;
  }

  private static Room room(KernelSpec spec, Kernel kernel) {
    return Room.of(pieces(spec, kernel));
  }

  private static long[] pieces(KernelSpec spec, Kernel kernel) {
    LongStream.Builder pieces = LongStream.builder();
    spec.inputs().forEach(x -> pieces.add(x.bytes()));
    spec.outputs().forEach(y -> pieces.add(y.bytes()).add(y.bytes() + 2 * GUARD));
    pieces.add(kernel.scratchBytes() + 2 * GUARD);
    return pieces.build().toArray();
  }

  /// What came of it.
  ///
  /// @param fault what is wrong with the kernel on that input; empty where nothing is
  /// @param tells whether a wrong sum would have shown: not where nearly all outputs saturate
  record Outcome(Optional<String> fault, boolean tells) {}

  /// Tries the kernel on that input.
  ///
  /// @param all whether every element is compared with the oracle, not a sample
  static Outcome of(KernelSpec spec, Kernel kernel, TrialInput input, boolean all) {
    try (Room room = room(spec, kernel)) {
      Trial trial = new Trial(spec, kernel, input, room);
      return new Outcome(trial.runTwice().or(() -> trial.compare(all)), trial.tells());
    }
  }

  private Optional<String> runTwice() {
    int inPlace = kernel.inPlaceInput();
    List<MemorySegment> bound = new ArrayList<>(inputs);
    List<MemorySegment> written = outputs.stream().map(Trial::inner).toList();
    if (inPlace >= 0) {
      bound.set(inPlace, written.getFirst());
    }
    try (Call call = kernel.bind(new Buffers(bound, written, inner(scratch)))) {
      for (byte garbage : GARBAGE) {
        for (int i = 0; i < outputs.size(); i++) {
          if (garbage != GARBAGE[0]) {
            earlier.get(i).copyFrom(written.get(i));
          }
          outputs.get(i).fill(garbage);
        }
        scratch.fill(garbage);
        if (inPlace >= 0) {
          written.getFirst().copyFrom(inputs.get(inPlace));
        }
        call.run();
        if (!outputs.stream().allMatch(y -> isIntact(y, garbage)) || !isIntact(scratch, garbage)) {
          return Optional.of("writes beyond its memory");
        }
      }
    }
    return whatChanged();
  }

  private Optional<String> whatChanged() {
    for (int i = 0; i < outputs.size(); i++) {
      long difference = earlier.get(i).mismatch(inner(outputs.get(i)));
      if (difference >= 0) {
        return Optional.of(
            "gives another answer the second time, from element "
                + difference / spec.outputs().get(i).type().bytes()
                + " in memory on: it reads or leaves what nobody wrote");
      }
    }
    return Optional.empty();
  }

  private Optional<String> compare(boolean all) {
    Optional<String> fault = Optional.empty();
    for (int i = 0; i < outputs.size() && fault.isEmpty(); i++) {
      fault = compare(i, all);
    }
    return fault;
  }

  private Optional<String> compare(int output, boolean all) {
    TensorDesc y = spec.outputs().get(output);
    Oracle oracle = Oracle.of(spec, output, new Buffers(inputs, earlier, scratch));
    Distance distance = new Distance(y, oracle, earlier.get(output), inner(outputs.get(output)));
    long[] sample = all ? null : Sample.of(y, oracle.terms());
    long count = all ? y.shape().elements() : sample.length;
    Optional<String> fault = Optional.empty();
    for (long i = 0; i < count && fault.isEmpty(); i++) {
      fault = distance.fault(all ? i : sample[(int) i]);
    }
    return fault;
  }

  /// Whether 8-bit outputs have values enough: the two commonest of them are not nearly all.
  private boolean tells() {
    if (!spec.y().type().isInt8()) {
      return true;
    }
    MemorySegment bytes = inner(outputs.getFirst());
    long step = Math.max(1, bytes.byteSize() / MOST_COUNTED);
    int[] counts = new int[256];
    int all = 0;
    for (long i = 0; i < bytes.byteSize(); i += step) {
      counts[bytes.get(JAVA_BYTE, i) & 0xff]++;
      all++;
    }
    Arrays.sort(counts);
    return counts[255] + counts[254] <= all * COMMON;
  }

  private static MemorySegment inner(MemorySegment guarded) {
    return guarded.asSlice(GUARD, guarded.byteSize() - 2 * GUARD);
  }

  private static boolean isIntact(MemorySegment guarded, byte garbage) {
    long end = guarded.byteSize() - GUARD;
    for (long i = 0; i < GUARD; i++) {
      if (guarded.get(JAVA_BYTE, i) != garbage || guarded.get(JAVA_BYTE, end + i) != garbage) {
        return false;
      }
    }
    return true;
  }
}
