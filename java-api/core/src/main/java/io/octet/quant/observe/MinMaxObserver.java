package io.octet.quant.observe;

import io.octet.tensor.Tensor;

/// Smallest and largest value of everything it saw (PyTorch's MinMaxObserver; infinities are left
/// out).
final class MinMaxObserver extends EndsObserver {
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
}
