package io.octet.quant;

import io.octet.internal.pass.LayerNode;
import io.octet.quant.CalibrationTable.Entry;
import io.octet.quant.CalibrationTable.Histogram;
import io.octet.quant.observe.Observer;
import io.octet.quant.observe.Range;
import io.octet.tensor.QuantParams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the observers of a network have seen, and the table that it makes.
///
/// @param infinite values in which infinities were left out
record Observed(
    QuantizationPlan plan, Map<Point, Observer> observers, Set<String> infinite, long batches) {
  private static final System.Logger LOG = System.getLogger("io.octet.quant");
  private static final int SUMMARY_BINS = 128;

  CalibrationTable table() {
    List<Entry> entries = observers.entrySet().stream().map(Observed::entry).toList();
    Map<String, QuantParams> params = new HashMap<>();
    entries.forEach(e -> params.put(e.value(), e.params()));
    List<IntegerLayer> layers = layers(params);
    List<String> floored = new ArrayList<>();
    float smallest = plan.qconfig().preset().smallestScale();
    entries.stream()
        .filter(e -> isFloored(e, smallest))
        .map(Warnings::flooredValue)
        .forEach(floored::add);
    layers.stream()
        .filter(layer -> layer.floored() > 0)
        .map(layer -> Warnings.flooredWeights(layer, smallest))
        .forEach(floored::add);
    floored.forEach(w -> LOG.log(System.Logger.Level.WARNING, w));
    List<String> warnings = new ArrayList<>();
    infinite.stream().map(Warnings::infinitiesIn).forEach(warnings::add);
    warnings.addAll(floored);
    return new CalibrationTable(
        plan.qconfig(),
        batches,
        entries,
        layers.stream().flatMap(layer -> layer.raised().stream()).toList(),
        plan.floatNodes(),
        warnings);
  }

  private static Entry entry(Map.Entry<Point, Observer> observed) {
    Point point = observed.getKey();
    Observer observer = observed.getValue();
    if (observer.isEmpty()) {
      throw Warnings.nothingFinite(point.value(), observer.infinities());
    }
    Range seen = observer.seen();
    Range range = point.known() != null ? point.known() : observer.range();
    return new Entry(
        point.value(),
        point.members().subList(1, point.members().size()),
        seen.low(),
        seen.high(),
        range.low(),
        range.high(),
        point.settings().params(range, point.nonNegative()),
        new Histogram(summary(observer.bins())));
  }

  private static float[] summary(float[] bins) {
    float[] sums = new float[bins.length == 0 ? 0 : SUMMARY_BINS];
    for (int i = 0; i < bins.length; i++) {
      sums[i * SUMMARY_BINS / bins.length] += bins[i];
    }
    return sums;
  }

  private List<IntegerLayer> layers(Map<String, QuantParams> params) {
    List<IntegerLayer> layers = new ArrayList<>();
    for (LayerNode layer : plan.layers()) {
      QuantParams input = params.get(plan.point(layer.data()).orElseThrow().value());
      layers.add(IntegerLayer.of(plan.graph(), layer, input, plan.settings(layer)));
    }
    return layers;
  }

  /// Whether the preset's smallest scale stands where the range asks for a smaller one.
  private static boolean isFloored(Entry entry, float smallest) {
    boolean isZero = entry.low() == 0 && entry.high() == 0;
    return !isZero && entry.params().scale() == smallest;
  }
}
