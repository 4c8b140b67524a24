package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Group;
import io.octet.internal.pass.LayerNode;
import io.octet.quant.CalibrationTable.Entry;
import io.octet.quant.CalibrationTable.Histogram;
import io.octet.quant.CalibrationTable.RaisedScale;
import io.octet.quant.observe.Extent;
import io.octet.quant.observe.HistogramObserver;
import io.octet.quant.observe.MinMaxObserver;
import io.octet.quant.observe.MovingAverageObserver;
import io.octet.quant.observe.Observer;
import io.octet.quant.observe.Range;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
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
  private static final int SUMMARY_BINS = 128;

  private final QuantizationPlan plan;
  private final QConfig qconfig;
  private final Graph graph;
  private final Map<Point, Observer> observers = new LinkedHashMap<>();
  private final Set<String> infinite = new TreeSet<>();
  private long batches;

  Calibration(QuantizationPlan plan) {
    this.plan = plan;
    this.qconfig = plan.qconfig();
    this.graph = withObservedOutputs(plan);
    plan.points().forEach(p -> observers.put(p, qconfig.observe()));
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
              LOG.log(System.Logger.Level.WARNING, infinitiesIn(value));
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
        long infinities = Extent.of(input.name(), tensor).infinities();
        requireFinite(input.name(), tensor, infinities);
      }
    }
  }

  /// Infinities of an input become NaN further on, where nobody would look for their cause.
  private static void requireFinite(String input, Tensor tensor, long infinities) {
    if (infinities > 0 && infinities == tensor.elements()) {
      throw nothingFinite(input, infinities);
    }
  }

  /// Takes in what another calibration of the same graph and configuration has seen.
  public void merge(Calibration other) {
    if (!qconfig.equals(other.qconfig) || !observers.keySet().equals(other.observers.keySet())) {
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
    List<Entry> entries = new ArrayList<>();
    Map<String, QuantParams> params = new HashMap<>();
    observers.forEach(
        (point, observer) -> {
          Entry entry = entry(point, observer);
          entries.add(entry);
          params.put(point.value(), entry.params());
        });
    List<String> warnings =
        new ArrayList<>(infinite.stream().map(Calibration::infinitiesIn).toList());
    entries.stream().filter(this::isFloored).map(Calibration::flooredValue).forEach(warnings::add);
    List<RaisedScale> raised = new ArrayList<>();
    layers(params)
        .forEach(
            layer -> {
              raised.addAll(layer.quantized().raised());
              if (layer.quantized().floored() > 0) {
                warnings.add(flooredWeights(layer));
              }
            });
    warnings.stream().skip(infinite.size()).forEach(w -> LOG.log(System.Logger.Level.WARNING, w));
    return new CalibrationTable(
        qconfig.name(), batches, entries, raised, plan.floatNodes(), warnings);
  }

  private Entry entry(Point point, Observer observer) {
    if (observer.isEmpty()) {
      throw nothingFinite(point.value(), observer.infinities());
    }
    Range seen = observer.seen();
    Range range = observer.range();
    return new Entry(
        point.value(),
        point.members().subList(1, point.members().size()),
        seen.low(),
        seen.high(),
        range.low(),
        range.high(),
        qconfig.params(range, point.nonNegative()),
        new Histogram(summary(observer)));
  }

  private static float[] summary(Observer observer) {
    return switch (observer) {
      case HistogramObserver histogram -> {
        float[] bins = histogram.bins();
        float[] sums = new float[SUMMARY_BINS];
        for (int i = 0; i < bins.length; i++) {
          sums[i * SUMMARY_BINS / bins.length] += bins[i];
        }
        yield sums;
      }
      case MinMaxObserver _, MovingAverageObserver _ -> new float[0];
    };
  }

  /// A layer of the network, quantized.
  private record Layer(String node, String weights, QuantizedLayer quantized) {}

  private List<Layer> layers(Map<String, QuantParams> params) {
    List<Layer> layers = new ArrayList<>();
    for (Group group : plan.groups().all()) {
      if (group.layer().isPresent()) {
        LayerNode layer = group.layer().get();
        QuantParams input = params.get(plan.point(layer.data()).orElseThrow().value());
        QuantizedLayer quantized = QuantizedLayer.of(plan.graph(), layer, input, qconfig);
        layers.add(new Layer(layer.core().name(), layer.weights(), quantized));
      }
    }
    return layers;
  }

  /// Whether the preset's smallest scale stands where the range asks for a smaller one.
  private boolean isFloored(Entry entry) {
    boolean isZero = entry.low() == 0 && entry.high() == 0;
    return !isZero && entry.params().scale() == qconfig.smallestScale();
  }

  private static String flooredValue(Entry entry) {
    return "\"%s\" lies in [%s, %s]: %s"
        .formatted(entry.value(), entry.low(), entry.high(), floor(entry.params().scale()));
  }

  private String flooredWeights(Layer layer) {
    return "weights \"%s\" of \"%s\", %d of %d channels: %s"
        .formatted(
            layer.weights(),
            layer.node(),
            layer.quantized().floored(),
            layer.quantized().scales().length,
            floor(qconfig.smallestScale()));
  }

  private static String floor(float scale) {
    return "too small for 8 bits of the smallest scale, "
        + scale
        + ", so that steps are lost; "
        + (scale > Float.MIN_NORMAL
            ? "the qconfig auto has no such floor"
            : "no float is smaller: give the data another unit");
  }

  private static IllegalArgumentException nothingFinite(String value, long infinities) {
    return new IllegalArgumentException(
        "calibration saw no finite number in \""
            + value
            + "\": "
            + infinities
            + " values were infinite, which no range can hold; give samples of the kind that the"
            + " network meets");
  }

  private static String infinitiesIn(String value) {
    return "infinities in \"" + value + "\" were left out of its range";
  }
}
