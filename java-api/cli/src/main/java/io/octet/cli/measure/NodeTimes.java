package io.octet.cli.measure;

import io.octet.runtime.NodeTime;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Time of each node. Medians of several means, since an interruption of a millisecond would double
/// the mean of a short layer.
public final class NodeTimes {
  private static final int ROUNDS = 15;
  private static final int RUNS = 20;

  private NodeTimes() {}

  /// Nanoseconds by node name.
  public static Map<String, Double> of(Session session, Map<String, Tensor> inputs) {
    Map<String, List<Double>> means = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (NodeTime time : session.profile(inputs, RUNS + 1)) {
        means.computeIfAbsent(time.name(), n -> new ArrayList<>()).add(time.nanos());
      }
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    means.forEach((name, all) -> medians.put(name, median(all)));
    return medians;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
