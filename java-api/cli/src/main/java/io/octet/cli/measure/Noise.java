package io.octet.cli.measure;

import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.io.Samples;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Signal to quantization noise of a network's values: `10 log10(sum x^2 / sum (x - x')^2)`, x as
/// FP32 makes it, x' as int8 does.
public final class Noise {
  private final Map<String, double[]> sums = new HashMap<>();

  /// Runs both networks over all samples.
  ///
  /// @param fp32 the float network; each of its outputs is compared
  /// @param int8 the quantized one, in which those values have the same names
  public static Noise of(Graph fp32, Graph int8, Samples samples, Watch watch) {
    List<ValueInfo> compared =
        fp32.outputs().stream().filter(o -> int8.producer(o.name()) != null).toList();
    Noise noise = new Noise();
    try (Session clean = Session.open(fp32.withOutputs(compared), SessionDefaults.get());
        Session noisy = Session.open(int8.withOutputs(compared), SessionDefaults.get())) {
      long done = 0;
      while (samples.hasNext()) {
        Map<String, Tensor> batch = samples.next();
        try (Arena arena = Arena.ofConfined()) {
          Map<String, Tensor> expected = clean.run(batch, arena);
          noisy.run(batch, arena).forEach((name, y) -> noise.add(name, expected.get(name), y));
        }
        done += batch.values().iterator().next().shape().size(0);
        watch.accept(done);
      }
    }
    return noise;
  }

  /// Takes in one batch of a value.
  void add(String value, Tensor clean, Tensor noisy) {
    double[] sum = sums.computeIfAbsent(value, v -> new double[2]);
    float[] x = clean.toFloats();
    float[] y = noisy.toFloats();
    for (int i = 0; i < x.length; i++) {
      double difference = x[i] - y[i];
      sum[0] += (double) x[i] * x[i];
      sum[1] += difference * difference;
    }
  }

  /// Decibels; infinite where there is no noise, NaN for a value that was not compared.
  public double decibels(String value) {
    double[] sum = sums.get(value);
    return sum == null ? Double.NaN : 10 * Math.log10(sum[0] / sum[1]);
  }
}
