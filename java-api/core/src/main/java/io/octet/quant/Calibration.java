package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.quant.observe.Observer;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The observers of one network. Whoever can run {@link #graph()} feeds {@link #accept} batch by
/// batch and takes the {@link #table()} at the end. Memory does not grow with the number of
/// batches. Not for several threads at once: give each its own and merge them.
public final class Calibration {
  private static final System.Logger LOG = System.getLogger("io.octet.quant");

  private final QuantizationPlan plan;
  private final Graph graph;
  private final Map<Point, Observer> observers = new LinkedHashMap<>();
  private final Set<String> infinite = new TreeSet<>();
  private long batches;

  Calibration(QuantizationPlan plan) {
    this.plan = plan;
    this.graph = withObservedOutputs(plan);
    plan.points().forEach(p -> observers.put(p, p.settings().observe()));
  }

  private static Graph withObservedOutputs(QuantizationPlan plan) {
    Graph graph = plan.graph();
    Map<String, ValueInfo> values = ShapeInference.infer(graph);
    List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
    for (Point point : plan.points()) {
      for (String value : point.observed()) {
        if (!graph.isInput(value) && !graph.isOutput(value)) {
          outputs.add(values.get(value));
        }
      }
    }
    return graph.withOutputs(outputs);
  }

  /// The prepared float graph whose outputs are the network's own and every observed value that is
  /// no input.
  public Graph graph() {
    return graph;
  }

  /// The observed values, in the order in which observers see them.
  public List<String> observed() {
    return plan.points().stream().flatMap(p -> p.observed().stream()).toList();
  }

  /// Shows one batch to the observers.
  ///
  /// @param inputs what the graph was run on, by name
  /// @param outputs what {@link #graph()} gave for it, by name
  /// @throws IllegalArgumentException if a value is missing, or holds NaN, or if an input holds
  ///   nothing but infinities: the message names it
  public void accept(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    refuseUnfit(inputs);
    observers.forEach(
        (point, observer) -> {
          for (String value : point.observed()) {
            Tensor tensor = graph.isInput(value) ? inputs.get(value) : outputs.get(value);
            if (tensor == null) {
              throw new IllegalArgumentException(
                  "calibration needs \""
                      + value
                      + "\", but got inputs "
                      + inputs.keySet()
                      + " and outputs "
                      + outputs.keySet());
            }
            long before = observer.infinities();
            observer.accept(value, tensor);
            long infinities = observer.infinities() - before;
            if (graph.isInput(value)) {
              requireFinite(value, tensor, infinities);
            }
            if (infinities > 0 && infinite.add(value)) {
              LOG.log(System.Logger.Level.WARNING, Warnings.infinitiesIn(value));
            }
          }
        });
    batches++;
  }

  /// Inputs that nobody observes are looked at too: NaN may vanish on its way through the network.
  private void refuseUnfit(Map<String, Tensor> inputs) {
    for (ValueInfo input : graph.inputs()) {
      Tensor tensor = inputs.get(input.name());
      boolean observed = plan.point(input.name()).isPresent();
      if (tensor != null && tensor.type() == DataType.F32 && !observed) {
        long infinities = Observer.countInfinities(input.name(), tensor);
        requireFinite(input.name(), tensor, infinities);
      }
    }
  }

  /// Infinities of an input become NaN further on, where nobody would look for their cause.
  private static void requireFinite(String input, Tensor tensor, long infinities) {
    if (infinities > 0 && infinities == tensor.elements()) {
      throw Warnings.nothingFinite(input, infinities);
    }
  }

  /// Takes in what another calibration of the same graph and configuration has seen.
  public void merge(Calibration other) {
    if (!plan.qconfig().equals(other.plan.qconfig())
        || !observers.keySet().equals(other.observers.keySet())) {
      throw new IllegalArgumentException("the other calibration is of another network");
    }
    observers.forEach((point, observer) -> observer.merge(other.observers.get(point)));
    infinite.addAll(other.infinite);
    batches += other.batches;
  }

  /// What was found.
  ///
  /// @throws IllegalStateException if no batch was observed
  public CalibrationTable table() {
    if (batches == 0) {
      throw new IllegalStateException("calibration needs at least one batch, but saw none");
    }
    return new Observed(plan, observers, infinite, batches).table();
  }
}
