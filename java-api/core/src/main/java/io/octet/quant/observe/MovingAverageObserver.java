package io.octet.quant.observe;

import io.octet.tensor.Tensor;

/// Exponential moving average of each batch's smallest and largest value: `min += 0.01 * (batch -
/// min)`, the first batch counting in full (PyTorch's MovingAverageMinMaxObserver; infinities are
/// left out).
final class MovingAverageObserver extends EndsObserver {
  private static final float CONSTANT = 0.01f;

  private long batches;

  @Override
  public void accept(String name, Tensor batch) {
    Extent extent = Extent.of(name, batch);
    infinities += extent.infinities();
    if (extent.isEmpty()) {
      return;
    }
    min = isEmpty() ? extent.min() : moved(min, extent.min());
    max = isEmpty() ? extent.max() : moved(max, extent.max());
    batches++;
  }

  /// PyTorch's step, in float; where that leaves the range of floats, in double.
  private static float moved(float state, float to) {
    float step = CONSTANT * (to - state);
    return Float.isFinite(step) ? state + step : (float) (state + CONSTANT * ((double) to - state));
  }

  /// Averages both states, each weighted by the batches it saw: the order of batches that were
  /// observed side by side is not known.
  @Override
  public void merge(Observer other) {
    if (!(other instanceof MovingAverageObserver that)) {
      throw new IllegalArgumentException("expected a MovingAverageObserver, but got " + other);
    }
    infinities += that.infinities;
    if (that.isEmpty()) {
      return;
    }
    double share = (double) that.batches / (batches + that.batches);
    min = isEmpty() ? that.min : (float) (min + share * ((double) that.min - min));
    max = isEmpty() ? that.max : (float) (max + share * ((double) that.max - max));
    batches += that.batches;
  }

  @Override
  public boolean isEmpty() {
    return batches == 0;
  }
}
