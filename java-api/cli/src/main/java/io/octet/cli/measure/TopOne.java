package io.octet.cli.measure;

import io.octet.io.Samples;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The class that a network gives each sample: where its first output is largest.
public final class TopOne {
  private TopOne() {}

  /// One class for each sample; -1 where the network gave nothing but NaN. As many batches run at
  /// once as the session allows, and twice as many are in memory.
  ///
  /// @param watch is told samples
  public static int[] of(Session session, Samples samples, Watch watch) {
    int[] classes = new int[Math.toIntExact(samples.count())];
    int callers = session.options().threads().maxConcurrentRuns();
    Deque<Future<Integer>> running = new ArrayDeque<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(callers)) {
      int begun = 0;
      int done = 0;
      while (samples.hasNext() || !running.isEmpty()) {
        if (samples.hasNext() && running.size() < 2 * callers) {
          Map<String, Tensor> batch = samples.next();
          int first = begun;
          int n = Math.min(samples.batchSize(), classes.length - first);
          running.add(pool.submit(() -> classify(session, batch, n, classes, first)));
          begun += n;
        } else {
          done += result(running.remove());
          watch.accept(done);
        }
      }
    }
    return classes;
  }

  private static int classify(
      Session session, Map<String, Tensor> batch, int n, int[] classes, int first) {
    try (Arena arena = Arena.ofConfined()) {
      String output = session.outputs().getFirst().name();
      largest(session.run(batch, arena).get(output), n, classes, first);
    }
    return n;
  }

  private static int result(Future<Integer> run) {
    try {
      return run.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while batches ran", e);
    }
  }

  private static void largest(Tensor scores, int n, int[] classes, int first) {
    if (scores.type() != DataType.F32 || scores.shape().rank() < 2 || scores.shape().size(0) != n) {
      throw new IllegalArgumentException(
          "top-1 needs an output f32[" + n + ",classes] of " + n + " samples, but got " + scores);
    }
    float[] values = scores.toFloats();
    int width = values.length / n;
    for (int i = 0; i < n; i++) {
      classes[first + i] = largest(values, i * width, width);
    }
  }

  /// The first of the largest; -1 where all are NaN.
  static int largest(float[] values, int offset, int width) {
    int best = -1;
    float most = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < width; c++) {
      float value = values[offset + c];
      if (value > most || (best < 0 && value == most)) {
        most = value;
        best = c;
      }
    }
    return best;
  }

  /// The part of samples where both say the same, 0 to 1.
  ///
  /// @throws IllegalArgumentException if there are not as many of the one as of the other
  public static double agreement(int[] one, int[] other) {
    if (one.length != other.length || one.length == 0) {
      throw new IllegalArgumentException(
          "expected a label for each sample, but got "
              + one.length
              + " samples and "
              + other.length
              + " labels");
    }
    int same = 0;
    for (int i = 0; i < one.length; i++) {
      same += one[i] == other[i] ? 1 : 0;
    }
    return (double) same / one.length;
  }

  /// Refuses labels of classes that the network does not have.
  ///
  /// @param scores the shape of its first output
  /// @param where how errors name the labels
  public static void requireLabels(int[] labels, Shape scores, Object where) {
    long classes = scores.elements() / Math.max(1, scores.rank() == 0 ? 1 : scores.size(0));
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "%s: the label of sample %d is %d, but the network has classes 0 to %d"
                .formatted(where, i, labels[i], classes - 1));
      }
    }
  }
}
