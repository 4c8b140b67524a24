package io.octet.cli.measure;

import io.octet.io.Samples;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Map;

/// The class that a network gives each sample: where its first output is largest.
public final class TopOne {
  private TopOne() {}

  /// One class for each sample; -1 where the network gave nothing but NaN.
  ///
  /// @param watch is told samples
  public static int[] of(Session session, Samples samples, Watch watch) {
    int[] classes = new int[Math.toIntExact(samples.count())];
    String output = session.outputs().getFirst().name();
    int done = 0;
    while (samples.hasNext()) {
      Map<String, Tensor> batch = samples.next();
      int n = Math.toIntExact(batch.values().iterator().next().shape().size(0));
      try (Arena arena = Arena.ofConfined()) {
        Tensor scores = session.run(batch, arena).get(output);
        largest(scores, n, classes, done);
      }
      done += n;
      watch.accept(done);
    }
    return classes;
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

  private static int largest(float[] values, int offset, int width) {
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

  /// Refuses labels below 0, which no network gives.
  public static int[] checked(int[] labels, Object where) {
    int least = Arrays.stream(labels).min().orElse(0);
    if (least < 0) {
      throw new IllegalArgumentException(where + ": labels are at least 0, but one is " + least);
    }
    return labels;
  }
}
