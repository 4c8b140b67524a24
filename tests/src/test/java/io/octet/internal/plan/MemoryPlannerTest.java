package io.octet.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.kernel.Constant;
import io.octet.tensor.Tensor;
import io.octet.testkit.Seeds;
import io.octet.testkit.StubKernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MemoryPlannerTest {
  private final List<Buffer> buffers = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final Set<Integer> outputs = new HashSet<>();

  static LongStream seeds() {
    return Seeds.cases(500);
  }

  private int buffer(Buffer buffer) {
    buffers.add(buffer);
    return buffers.size() - 1;
  }

  private int step(int overwritten, long bytes, Integer... inputs) {
    return step(overwritten, new long[] {bytes}, inputs).getFirst();
  }

  private List<Integer> step(int overwritten, long[] bytes, Integer... inputs) {
    List<Integer> made = new ArrayList<>();
    for (long each : bytes) {
      made.add(buffer(Buffer.value(each)));
    }
    steps.add(new Step("step", StubKernel.unbound("test", overwritten), List.of(inputs), made));
    return made;
  }

  private int input(long bytes) {
    return buffer(Buffer.input(Buffer.Kind.INPUT, bytes));
  }

  private MemoryPlanner.Placement place() {
    return place(MemoryPlanner.MOST_PAIRED);
  }

  private MemoryPlanner.Placement place(int mostPaired) {
    List<Step> all = MemoryPlanner.withCopies(buffers, steps, outputs);
    steps.clear();
    steps.addAll(all);
    return new MemoryPlanner(buffers, steps, outputs).place(mostPaired);
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void everyStepFindsWhatItReads(long seed) {
    randomSteps(seed);
    simulate(place());
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void everyStepFindsWhatItReadsWhereBuffersArePlacedInOrder(long seed) {
    randomSteps(seed);
    simulate(place(0));
  }

  private void randomSteps(long seed) {
    Random random = new Random(seed);
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      input(random.nextInt(1, 1000));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      buffer(Buffer.constant(Constant.of(Tensor.scalar(1)), false));
    }
    for (int i = random.nextInt(1, 25); i > 0; i--) {
      Integer[] read = new Integer[random.nextInt(1, 4)];
      for (int k = 0; k < read.length; k++) {
        read[k] = random.nextInt(Math.max(0, buffers.size() - 8), buffers.size());
      }
      int overwritten = random.nextInt(-1, read.length);
      long bytes =
          overwritten < 0 ? random.nextInt(1, 1000) : buffers.get(read[overwritten]).bytes();
      long[] sizes = new long[random.nextInt(4) == 0 ? random.nextInt(2, 4) : 1];
      Arrays.setAll(sizes, k -> k == 0 ? bytes : random.nextInt(1, 1000));
      for (int output : step(overwritten, sizes, read)) {
        if (random.nextInt(6) == 0) {
          outputs.add(output);
        }
      }
    }
    outputs.add(random.nextInt(buffers.size()));
    outputs.add(buffers.size() - 1);
  }

  /// Runs the steps over a memory that remembers which buffer wrote each byte last.
  private void simulate(MemoryPlanner.Placement placement) {
    int[] memory = new int[Math.toIntExact(placement.bytes())];
    for (int b = 0; b < buffers.size(); b++) {
      assertEquals(0, Math.max(0, placement.offsets()[b]) % MemoryPlanner.ALIGNMENT);
      if (buffers.get(b).kind() == Buffer.Kind.INPUT && placement.offsets()[b] >= 0) {
        write(memory, placement, b);
      }
    }
    for (Step step : steps) {
      step.inputs().forEach(b -> read(memory, placement, b));
      int overwritten = step.kernel().inPlaceInput();
      if (overwritten >= 0) {
        long place = placement.offsets()[step.inputs().get(overwritten)];
        assertEquals(place, placement.offsets()[step.output()], step + " is to work in place");
      }
      for (int output : step.outputs()) {
        if (overwritten < 0 || output != step.output()) {
          step.inputs().forEach(b -> requireApart(placement, b, output));
        }
        write(memory, placement, output);
      }
      step.outputs().forEach(b -> read(memory, placement, b));
    }
    outputs.forEach(b -> read(memory, placement, b));
  }

  private void requireApart(MemoryPlanner.Placement placement, int input, int output) {
    long from = placement.offsets()[input];
    long to = placement.offsets()[output];
    boolean apart =
        from < 0
            || from + buffers.get(input).bytes() <= to
            || to + buffers.get(output).bytes() <= from;
    assertTrue(apart, () -> "buffer " + output + " overwrites " + input + " while it is read");
  }

  private void write(int[] memory, MemoryPlanner.Placement placement, int buffer) {
    int offset = Math.toIntExact(placement.offsets()[buffer]);
    for (int i = 0; i < buffers.get(buffer).bytes(); i++) {
      memory[offset + i] = buffer;
    }
  }

  private void read(int[] memory, MemoryPlanner.Placement placement, int buffer) {
    if (buffers.get(buffer).kind() == Buffer.Kind.CONSTANT) {
      assertEquals(-1, placement.offsets()[buffer], "constants have a place of their own");
      return;
    }
    int offset = Math.toIntExact(placement.offsets()[buffer]);
    for (int i = 0; i < buffers.get(buffer).bytes(); i++) {
      assertEquals(buffer, memory[offset + i], "byte " + i + " was overwritten");
    }
  }

  @Test
  void aChainNeedsTwoBuffers() {
    int value = input(1024);
    for (int i = 0; i < 20; i++) {
      value = step(-1, 1024, value);
    }
    outputs.add(value);
    MemoryPlanner.Placement placement = place();
    assertEquals(2048, placement.bytes());
    simulate(placement);
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void aVeryLongChainNeedsTwoBuffersToo() {
    int value = input(1024);
    for (int i = 0; i < 200_000; i++) {
      value = step(-1, 1024, value);
    }
    outputs.add(value);
    MemoryPlanner.Placement placement = place();
    assertEquals(2048, placement.bytes());
    simulate(placement);
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void aVeryLongChainInPlaceIsCopiedOnce() {
    int value = input(64);
    for (int i = 0; i < 200_000; i++) {
      value = step(0, 64, value);
    }
    outputs.add(value);
    MemoryPlanner.Placement placement = place();
    assertEquals(200_001, steps.size(), "the caller's input is copied, nothing else");
    assertEquals(128, placement.bytes());
  }

  @Test
  void outputsThatNobodyReadsHaveAPlaceWhileTheirStepRuns() {
    int x = input(64);
    List<Integer> made = step(0, new long[] {64, 640, 64}, step(-1, 64, x));
    outputs.add(step(-1, 64, made.get(2)));
    simulate(place());
    assertEquals(3, steps.size());
  }

  @Test
  void whatNobodyWantsAfterwardsIsOverwrittenWithoutACopy() {
    int x = input(64);
    int skip = step(-1, 64, x);
    int body = step(-1, 64, skip);
    outputs.add(step(1, 64, body, skip));
    simulate(place());
    assertEquals(3, steps.size());
  }

  @Test
  void whatALaterStepOrTheCallerWantsIsCopiedFirst() {
    int x = input(64);
    int skip = step(-1, 64, x);
    int sum = step(1, 64, x, skip);
    outputs.add(step(-1, 64, sum, skip));
    outputs.add(step(0, 64, x));
    outputs.add(sum);
    step(0, 64, sum);
    simulate(place());
    long copies = steps.stream().filter(s -> s.kernel() instanceof CopyKernel).count();
    assertEquals(3, copies, "skip is read later, x is the caller's, sum is an output");
  }

  @Test
  void aValueAddedToItselfInPlaceIsCopied() {
    int x = step(-1, 64, input(64));
    outputs.add(step(1, 64, x, x));
    simulate(place());
    assertEquals(3, steps.size());
  }
}
