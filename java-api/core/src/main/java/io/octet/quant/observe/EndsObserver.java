package io.octet.quant.observe;

/// Keeps the two ends of what it saw. Unless a kind says otherwise, they are the range to quantize,
/// and nothing between them is counted.
abstract sealed class EndsObserver implements Observer
    permits MinMaxObserver, MovingAverageObserver, HistogramObserver {
  float min = Float.POSITIVE_INFINITY;
  float max = Float.NEGATIVE_INFINITY;
  long infinities;

  @Override
  public boolean isEmpty() {
    return min > max;
  }

  @Override
  public final Range seen() {
    if (isEmpty()) {
      throw new IllegalStateException("nothing was observed");
    }
    return new Range(min, max);
  }

  @Override
  public Range range() {
    return seen();
  }

  @Override
  public final long infinities() {
    return infinities;
  }

  @Override
  public float[] bins() {
    return new float[0];
  }
}
