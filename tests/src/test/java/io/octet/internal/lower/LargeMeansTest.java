package io.octet.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.ValueInfo;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The mean of a large image, whose values have one sign or cancel, is the mean.
class LargeMeansTest {
  @ParameterizedTest
  @CsvSource({"200, 300, 1000", "1024, 2, 0", "1, 5000, 100", "33, 31, 50"})
  void manyFloatsLoseNoDigits(int height, int width, float centre) {
    ValueInfo x = new ValueInfo("x", DataType.F32, Shape.of(1, 3, height, width));
    ValueInfo y = new ValueInfo("y", DataType.F32, Shape.of(1, 3, 1, 1));
    Node pool = new Node("pool", new Pooling.GlobalAveragePool(), List.of("x"), "y");
    Random random = new Random(3);
    float[] values = new float[3 * height * width];
    double[] sums = new double[3];
    double largest = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = centre + (float) random.nextGaussian();
      sums[i / (height * width)] += values[i];
      largest = Math.max(largest, Math.abs(values[i]));
    }
    try (Session session =
        Session.open(new Graph("", List.of(x), List.of(y), Map.of(), List.of(pool)))) {
      Tensor input = Tensor.of(values, 1, 3, height, width);
      float[] means = session.run(Map.of("x", input), Arena.ofAuto()).get("y").toFloats();
      for (int c = 0; c < means.length; c++) {
        assertEquals(sums[c] / height / width, means[c], 2e-6 * largest);
      }
    }
  }
}
