package io.octet.internal.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/// Gives every buffer of a plan its place in one piece of memory. Two buffers share bytes if no
/// step needs both. Large ones are placed first, each at the lowest free offset: that packs best,
/// but compares every pair. Beyond {@link #MOST_PAIRED} buffers they are placed in the order of the
/// steps, each in the smallest gap that is free then, in n log n.
final class MemoryPlanner {
  /// Most buffers that are compared in pairs: some 8 million comparisons.
  static final int MOST_PAIRED = 4096;

  /// A cache line: what vector loads like best.
  static final long ALIGNMENT = 64;

  /// Where the buffers lie.
  ///
  /// @param offsets of each buffer, -1 for constants
  /// @param bytes of the whole
  record Placement(long[] offsets, long bytes) {}

  /// When a buffer's content matters: from step `first` to step `last`.
  private record Life(int buffer, long bytes, int first, int last) {
    boolean overlaps(Life other) {
      return first <= other.last && other.first <= last;
    }
  }

  private final List<Buffer> buffers;
  private final List<Step> steps;
  private final Set<Integer> outputs;
  private final int[] root;

  /// @param outputs buffers that are read after the last step
  MemoryPlanner(List<Buffer> buffers, List<Step> steps, Set<Integer> outputs) {
    this.buffers = buffers;
    this.steps = steps;
    this.outputs = outputs;
    this.root = new int[buffers.size()];
  }

  /// Lets every kernel that overwrites an input do so: its first output takes the input's place
  /// where nobody wants the input afterwards, else the place of a copy, made by a step that is put
  /// before.
  ///
  /// @param buffers grows by the copies
  static List<Step> withCopies(List<Buffer> buffers, List<Step> steps, Set<Integer> outputs) {
    List<Step> all = new ArrayList<>();
    int[] lastRead = new int[buffers.size()];
    for (int i = 0; i < steps.size(); i++) {
      for (int buffer : steps.get(i).inputs()) {
        lastRead[buffer] = i;
      }
    }
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      int overwritten = step.kernel().inPlaceInput();
      if (overwritten >= 0) {
        int buffer = step.inputs().get(overwritten);
        boolean free =
            buffers.get(buffer).kind().mayBeOverwritten()
                && !outputs.contains(buffer)
                && step.inputs().indexOf(buffer) == step.inputs().lastIndexOf(buffer)
                && lastRead[buffer] == i;
        if (!free) {
          buffers.add(Buffer.value(buffers.get(buffer).bytes()));
          int copy = buffers.size() - 1;
          all.add(new Step(step.label(), new CopyKernel(), List.of(buffer), copy));
          List<Integer> inputs = new ArrayList<>(step.inputs());
          inputs.set(overwritten, copy);
          step = new Step(step.label(), step.kernel(), inputs, step.outputs());
        }
      }
      all.add(step);
    }
    return all;
  }

  Placement place() {
    return place(MOST_PAIRED);
  }

  /// @param mostPaired {@link #MOST_PAIRED}, but for tests
  Placement place(int mostPaired) {
    for (int i = 0; i < root.length; i++) {
      root[i] = i;
    }
    for (Step step : steps) {
      int overwritten = step.kernel().inPlaceInput();
      if (overwritten >= 0) {
        root[step.output()] = root(step.inputs().get(overwritten));
      }
    }
    long[] offsets = new long[buffers.size()];
    Arrays.fill(offsets, -1);
    List<Life> lives = lives();
    long total =
        lives.size() <= mostPaired ? largestFirst(lives, offsets) : inOrder(lives, offsets);
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = offsets[root(i)];
    }
    return new Placement(offsets, total);
  }

  /// Places by size, and returns the bytes of the whole.
  private static long largestFirst(List<Life> lives, long[] offsets) {
    lives.sort(Comparator.comparingLong(Life::bytes).reversed().thenComparingInt(Life::buffer));
    List<Life> placed = new ArrayList<>();
    long total = 0;
    for (Life life : lives) {
      long offset = lowest(life, placed, offsets);
      offsets[life.buffer()] = offset;
      placed.add(life);
      total = Math.max(total, Math.addExact(offset, aligned(life.bytes())));
    }
    return total;
  }

  /// Places by time, and returns the bytes of the whole.
  private static long inOrder(List<Life> lives, long[] offsets) {
    lives.sort(Comparator.comparingInt(Life::first).thenComparingInt(Life::buffer));
    PriorityQueue<Life> alive = new PriorityQueue<>(Comparator.comparingInt(Life::last));
    Gaps gaps = new Gaps();
    for (Life life : lives) {
      while (!alive.isEmpty() && alive.peek().last() < life.first()) {
        Life over = alive.remove();
        gaps.free(offsets[over.buffer()], aligned(over.bytes()));
      }
      offsets[life.buffer()] = gaps.take(aligned(life.bytes()));
      alive.add(life);
    }
    return gaps.end();
  }

  private static long lowest(Life life, List<Life> placed, long[] offsets) {
    List<Life> rivals = new ArrayList<>(placed.stream().filter(life::overlaps).toList());
    rivals.sort(Comparator.comparingLong(r -> offsets[r.buffer()]));
    long offset = 0;
    for (Life rival : rivals) {
      long from = offsets[rival.buffer()];
      if (Math.addExact(offset, aligned(life.bytes())) <= from) {
        break;
      }
      offset = Math.max(offset, Math.addExact(from, aligned(rival.bytes())));
    }
    return offset;
  }

  private List<Life> lives() {
    int count = buffers.size();
    int[] first = new int[count];
    int[] last = new int[count];
    long[] bytes = new long[count];
    Arrays.fill(first, Integer.MAX_VALUE);
    Arrays.fill(last, Integer.MIN_VALUE);
    for (int b = 0; b < count; b++) {
      int r = root(b);
      bytes[r] = Math.max(bytes[r], buffers.get(b).bytes());
      if (buffers.get(b).kind().isInput()) {
        first[r] = -1;
        last[r] = Math.max(last[r], -1);
      }
      if (outputs.contains(b)) {
        last[r] = steps.size();
      }
    }
    for (int i = 0; i < steps.size(); i++) {
      for (int b : steps.get(i).inputs()) {
        last[root(b)] = Math.max(last[root(b)], i);
      }
      for (int b : steps.get(i).outputs()) {
        int out = root(b);
        first[out] = Math.min(first[out], i);
        last[out] = Math.max(last[out], i);
      }
    }
    List<Life> lives = new ArrayList<>();
    for (int b = 0; b < count; b++) {
      boolean used = root(b) == b && first[b] != Integer.MAX_VALUE;
      if (used && buffers.get(b).kind() != Buffer.Kind.CONSTANT) {
        lives.add(new Life(b, bytes[b], first[b], last[b]));
      }
    }
    return lives;
  }

  private int root(int buffer) {
    int b = buffer;
    while (root[b] != b) {
      root[b] = root[root[b]]; // Chains of kernels that overwrite their input stay short.
      b = root[b];
    }
    return b;
  }

  private static long aligned(long bytes) {
    return Math.addExact(bytes, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
