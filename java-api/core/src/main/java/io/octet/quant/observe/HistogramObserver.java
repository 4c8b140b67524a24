package io.octet.quant.observe;

import io.octet.tensor.Tensor;

/// PyTorch's HistogramObserver (2.13), to the last bit of its float arithmetic: 2048 bins over the
/// range seen so far, and the range with the smallest expected quantization error ({@link
/// HistogramSearch}). Where the range grows, each old bin is split into 16 pieces and each piece
/// put where its middle lies. Infinities are left out. Very small and very large values are
/// measured in a {@link Unit} of their own size.
final class HistogramObserver extends EndsObserver {
  /// Number of bins.
  static final int BINS = 2048;

  private static final int SPLIT = 16;

  private final boolean anyUnit;
  private float[] bins = new float[BINS];

  HistogramObserver() {
    this(false);
  }

  private HistogramObserver(boolean anyUnit) {
    this.anyUnit = anyUnit;
  }

  /// One whose range does not hang on the unit of the data, from the smallest to the largest float.
  static HistogramObserver inAnyUnit() {
    return new HistogramObserver(true);
  }

  private Unit unit(float low, float high) {
    return anyUnit ? Unit.of(low, high) : Unit.ONE;
  }

  @Override
  public void accept(String name, Tensor batch) {
    Extent extent = Extent.of(name, batch);
    infinities += extent.infinities();
    if (extent.isEmpty()) {
      return;
    }
    float low = Math.min(min, extent.min());
    float high = Math.max(max, extent.max());
    requireCountable(name, low, high);
    float[] update = count(batch, low, high);
    if (!isEmpty()) {
      addTo(update, over(low, high));
    }
    min = low;
    max = high;
    bins = update;
  }

  private void requireCountable(String name, float low, float high) {
    Range range = unit(low, high).in(new Range(low, high));
    if (Float.isInfinite((range.high() - range.low()) * BINS)) {
      throw new IllegalArgumentException(
          "\""
              + name
              + "\" lies in ["
              + low
              + ", "
              + high
              + "], which is too wide for PyTorch's histogram in float; the qconfig auto takes it");
    }
  }

  @Override
  public void merge(Observer other) {
    if (!(other instanceof HistogramObserver that)) {
      throw new IllegalArgumentException("expected a HistogramObserver, but got " + other);
    }
    infinities += that.infinities;
    if (that.isEmpty()) {
      return;
    }
    float low = Math.min(min, that.min);
    float high = Math.max(max, that.max);
    float[] joined = that.over(low, high).clone();
    if (!isEmpty()) {
      addTo(joined, over(low, high));
    }
    min = low;
    max = high;
    bins = joined;
  }

  @Override
  public Range range() {
    Unit unit = unit(min, max);
    Range best = new HistogramSearch(unit.in(seen()), bins).range();
    return new Range(unit.out(best.low()), unit.out(best.high()));
  }

  @Override
  public float[] bins() {
    return bins.clone();
  }

  /// The counts so far, spread over a range that contains the present one.
  private float[] over(float low, float high) {
    if (low == min && high == max) {
      return bins;
    }
    Unit unit = unit(low, high);
    if (min == max) {
      float[] one = new float[BINS];
      one[bin(unit.in(min), unit.in(low), unit.in(high))] = HistogramSearch.sum(bins);
      return one;
    }
    return upscale(unit, low, high);
  }

  private float[] upscale(Unit unit, float low, float high) {
    int pieces = BINS * SPLIT;
    float first = unit.in(min);
    float last = unit.in(max);
    float half = 0.5f * ((last - first) / pieces);
    float[] edges = new float[BINS + 1];
    for (int i = 0; i <= BINS; i++) {
      edges[i] = linspace(unit.in(low), unit.in(high), BINS + 1, i);
    }
    float[] wide = new float[BINS];
    for (int i = 0; i < pieces; i++) {
      float middle = linspace(first, last, pieces + 1, i) + half;
      int k = upperBound(edges, middle) - 1;
      wide[Math.clamp(k, 0, BINS - 1)] += bins[i / SPLIT] / SPLIT;
    }
    return wide;
  }

  private static void addTo(float[] sum, float[] terms) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] = terms[i] + sum[i];
    }
  }

  /// torch.histc over [low, high]; a range of one value is widened by 1 on either side.
  private float[] count(Tensor batch, float low, float high) {
    Unit unit = unit(low, high);
    boolean constant = low == high;
    float from = constant ? (float) (unit.in(low) - 1.0) : unit.in(low);
    float to = constant ? (float) (unit.in(high) + 1.0) : unit.in(high);
    long[] counts = new long[BINS];
    long n = batch.elements();
    for (long i = 0; i < n; i++) {
      float x = unit.in(batch.getFloat(i));
      if (x >= from && x <= to) {
        counts[bin(x, from, to)]++;
      }
    }
    float[] bins = new float[BINS];
    for (int i = 0; i < BINS; i++) {
      bins[i] = counts[i];
    }
    return bins;
  }

  /// Multiplied first, then divided: where x lies on an edge, that decides.
  private static int bin(float x, float low, float high) {
    long position = (long) ((x - low) * (float) BINS / (high - low));
    return Math.clamp(position, 0, BINS - 1);
  }

  /// torch.linspace: element `i` of `n`, counted from the nearer end with one rounding.
  private static float linspace(float start, float end, int n, int i) {
    float step = (end - start) / (n - 1);
    return i < n / 2 ? Math.fma(step, (float) i, start) : Math.fma(-step, (float) (n - 1 - i), end);
  }

  /// How many of the ascending `edges` are at most `x`.
  private static int upperBound(float[] edges, float x) {
    int from = 0;
    int to = edges.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (edges[middle] <= x) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }
}
