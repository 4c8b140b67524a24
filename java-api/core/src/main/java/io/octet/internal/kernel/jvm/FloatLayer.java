package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;

/// F32 weights as matrices, one for each group: a row for each tap and input channel, taps
/// outermost; a column for each output channel.
record FloatLayer(Matrix[] groups) implements AutoCloseable {
  private record Format(int groups) {}

  /// Makes the loops of a layer over the memory of one workspace.
  interface Binding {
    Runnable bind(FloatLayer layer, Buffers buffers);
  }

  /// A kernel that packs the weights when it is made.
  static Offer offer(String implementation, Weights weights, int groups, Binding binding) {
    return new Offer(
        implementation,
        0,
        weights.values().bytes(),
        context -> {
          FloatLayer layer = packed(weights, groups, context.packed());
          return new JvmKernel(implementation, b -> binding.bind(layer, b));
        });
  }

  /// The packed form of `weights`, shared by all kernels that use them.
  private static FloatLayer packed(Weights weights, int groups, WeightsCache packed) {
    return packed.get(FloatLayer.class, weights.values(), new Format(groups), w -> pack(w, groups));
  }

  private static FloatLayer pack(Tensor values, int groups) {
    Shape shape = values.shape();
    int outputs = Math.toIntExact(shape.size(0)) / groups;
    int channels = Math.toIntExact(shape.size(1));
    int taps = Math.toIntExact(shape.elements() / Math.max(1, shape.size(0) * channels));
    Matrix[] matrices = new Matrix[groups];
    for (int g = 0; g < groups; g++) {
      matrices[g] = Matrix.of(taps * channels, outputs);
      for (int m = 0; m < outputs; m++) {
        long start = (long) (g * outputs + m) * channels * taps;
        for (int c = 0; c < channels; c++) {
          for (int t = 0; t < taps; t++) {
            matrices[g].rows()[t * channels + c][m] = values.getFloat(start + (long) c * taps + t);
          }
        }
      }
    }
    return new FloatLayer(matrices);
  }

  /// Nothing: the arrays are the garbage collector's.
  @Override
  public void close() {}
}
