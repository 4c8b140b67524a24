package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.PostOps;

/// FP32 linear layer, row by row.
final class LinearLayer implements Runnable {
  private final Matrix weights;
  private final PostOps post;
  private final float[] bias;
  private final int rows;
  private final int inner;
  private final RealInput x;
  private final RealInput residual;
  private final RealOutput y;
  private final float[] in;
  private final float[] added;
  private final float[] out;

  private LinearLayer(KernelSpec.Linear spec, FloatLayer layer, Buffers buffers) {
    this.weights = layer.groups()[0];
    this.post = spec.post();
    this.rows = Math.toIntExact(spec.x().shape().size(0));
    this.inner = Math.toIntExact(spec.x().shape().size(1));
    int columns = spec.weights().channels();
    this.bias = new float[columns];
    for (int n = 0; n < columns; n++) {
      bias[n] = spec.weights().bias(n);
    }
    this.x = RealInput.of(spec.x(), buffers.inputs().getFirst());
    this.residual =
        post.hasResidual() ? RealInput.of(post.residual(), buffers.inputs().getLast()) : null;
    this.y = RealOutput.of(spec.y(), buffers.output(), columns);
    this.in = new float[weights.rows().length];
    this.added = new float[columns];
    this.out = new float[columns];
  }

  static Offer offer(KernelSpec.Linear spec) {
    return FloatLayer.offer(
        "linear-rows", spec.weights(), 1, (layer, b) -> new LinearLayer(spec, layer, b));
  }

  @Override
  public void run() {
    for (int m = 0; m < rows; m++) {
      x.read((long) m * inner, in, inner);
      System.arraycopy(bias, 0, out, 0, out.length);
      weights.multiplyAdd(in, out);
      if (residual != null) {
        residual.read((long) m * out.length, added, out.length);
        Epilogue.add(out, added);
      }
      if (post.clamps()) {
        Epilogue.clamp(out, out.length, post);
      }
      y.write(out, (long) m * out.length, out.length);
    }
  }
}
