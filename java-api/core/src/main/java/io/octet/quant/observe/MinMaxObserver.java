package io.octet.quant.observe;

import io.octet.tensor.Tensor;

/// Smallest and largest value of everything it saw (PyTorch's MinMaxObserver; infinities are left
/// out).
final class MinMaxObserver implements Observer {
  private float min = Float.POSITIVE_INFINITY;
  private float max = Float.NEGATIVE_INFINITY;
  private long infinities;

  @Override
  public void accept(String name, Tensor batch) {
    Extent extent = Extent.of(name, batch);
    min = Math.min(min, extent.min());
    max = Math.max(max, extent.max());
    infinities += extent.infinities();
  }

  @Override
  public void merge(Observer other) {
    if (!(other instanceof MinMaxObserver that)) {
      throw new IllegalArgumentException("expected a MinMaxObserver, but got " + other);
    }
    min = Math.min(min, that.min);
    max = Math.max(max, that.max);
    infinities += that.infinities;
  }

  @Override
  public boolean isEmpty() {
    return min > max;
  }

  @Override
  public Range seen() {
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
  public long infinities() {
    return infinities;
  }

  @Override
  public float[] bins() {
    return new float[0];
  }
}
