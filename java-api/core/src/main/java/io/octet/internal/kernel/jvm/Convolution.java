package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.PostOps;

/// FP32 convolution, one row of output pixels at a time.
final class Convolution implements Runnable {
  private final PostOps post;
  private final float[] bias;
  private final Reach rows;
  private final WindowSums sums;
  private final ImageInput x;
  private final ImageInput residual;
  private final ImageOutput y;
  private final float[][] in;
  private final float[][] added;
  private final float[][] out;

  private Convolution(KernelSpec.Conv spec, FloatLayer layer, Buffers buffers) {
    this.post = spec.post();
    this.bias = bias(spec);
    this.x = new ImageInput(spec.x(), RealInput.of(spec.x(), buffers.inputs().getFirst()));
    this.residual =
        post.hasResidual()
            ? new ImageInput(
                post.residual(), RealInput.of(post.residual(), buffers.inputs().getLast()))
            : null;
    this.y =
        new ImageOutput(
            spec.y(), RealOutput.of(spec.y(), buffers.output(), ImageOutput.longestRun(spec.y())));
    this.rows = Met.of(spec, 0, spec.window().axes() - 1);
    this.sums = isDepthwise(spec) ? depthwise(spec, layer) : dense(spec, layer);
    this.in = x.newRow();
    this.added = residual == null ? null : residual.newRow();
    this.out = y.newRow();
  }

  private WindowSums depthwise(KernelSpec.Conv spec, FloatLayer layer) {
    Window k = spec.window();
    Taps columns = new Taps(k.kernelW(), k.strideW(), k.dilationW(), k.padLeft(), x.width());
    return new DepthwiseSums(layer.groups()[0], columns);
  }

  private WindowSums dense(KernelSpec.Conv spec, FloatLayer layer) {
    Met columns = Met.of(spec, spec.window().axes() - 1, spec.window().axes());
    int groups = spec.groups();
    return new DenseSums(layer, columns, x.channels() / groups, y.channels() / groups, y.width());
  }

  static Offer offer(KernelSpec.Conv spec) {
    boolean depthwise = isDepthwise(spec);
    String name = depthwise ? "conv-depthwise" : "conv-rows";
    int groups = depthwise ? 1 : spec.groups();
    return FloatLayer.offer(
        name, spec.weights(), groups, (layer, b) -> new Convolution(spec, layer, b));
  }

  private static boolean isDepthwise(KernelSpec.Conv spec) {
    return spec.groups() > 1
        && !spec.transposed()
        && spec.weights().channels() == spec.groups()
        && spec.x().shape().size(1) == spec.groups();
  }

  private static float[] bias(KernelSpec.Conv spec) {
    float[] bias = new float[spec.weights().channels()];
    for (int m = 0; m < bias.length; m++) {
      bias[m] = spec.weights().bias(m);
    }
    return bias;
  }

  @Override
  public void run() {
    for (int n = 0; n < y.images(); n++) {
      for (int h = 0; h < y.height(); h++) {
        sum(n, h);
        finish(n, h);
        y.write(out, n, h);
      }
    }
  }

  private void sum(int n, int h) {
    for (float[] pixel : out) {
      System.arraycopy(bias, 0, pixel, 0, pixel.length);
    }
    sums.begin();
    for (int i = 0; i < rows.count(); i++) {
      int at = rows.at(h, i);
      if (rows.inside(at)) {
        x.read(n, at, in);
        sums.take(i, in, out);
      }
    }
    sums.end(out);
  }

  private void finish(int n, int h) {
    if (residual != null) {
      residual.read(n, h, added);
      for (int w = 0; w < out.length; w++) {
        Epilogue.add(out[w], added[w]);
      }
    }
    if (post.clamps()) {
      for (float[] pixel : out) {
        Epilogue.clamp(pixel, pixel.length, post);
      }
    }
  }
}
