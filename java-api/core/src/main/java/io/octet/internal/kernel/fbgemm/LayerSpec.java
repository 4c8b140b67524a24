package io.octet.internal.kernel.fbgemm;

import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.Saturation;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;

/// What convolutions and linear layers have in common, and which of them FBGEMM computes.
///
/// @param layout in which x and y must lie
record LayerSpec(TensorDesc x, TensorDesc y, Weights weights, PostOps post, Layout layout) {
  /// FBGEMM rounds by an instruction that turns what is beyond 32 bits into the smallest integer.
  private static final double LARGEST_STEPS = 1 << 30;

  static LayerSpec of(KernelSpec.Conv spec) {
    return new LayerSpec(spec.x(), spec.y(), spec.weights(), spec.post(), Layout.CHANNELS_LAST);
  }

  static LayerSpec of(KernelSpec.Linear spec) {
    return new LayerSpec(spec.x(), spec.y(), spec.weights(), spec.post(), Layout.ROW_MAJOR);
  }

  /// Why FBGEMM has no kernel for this; null where it has.
  String obstacle() {
    if (x.layout() != layout || y.layout() != layout) {
      return "layout " + x + " -> " + y + ", FBGEMM wants " + layout;
    }
    if (x.shape().elements() == 0 || y.shape().elements() == 0) {
      return "an empty value";
    }
    if (x.bytes() > Integer.MAX_VALUE || y.shape().elements() > Integer.MAX_VALUE) {
      return "more than 2^31 elements";
    }
    if (y.type() == DataType.S32) {
      return null;
    }
    if (!y.isInt8()) {
      return "FBGEMM's output is int8 or raw int32, not " + y.type();
    }
    if (post.hasResidual()) {
      return "a residual";
    }
    if (!post.isResidualThenClamp(y)) {
      return "post-ops " + post.ops();
    }
    return clamp() == null ? "a clamp other than ReLU" : scaleObstacle();
  }

  private String scaleObstacle() {
    // Every sum is at most that of all weights of one sign, twice.
    double sum = 2.0 * Saturation.largestSum(weights.values().tensor());
    for (int c = 0; c < weights.channels(); c++) {
      float unit = biasScale(c);
      double steps = sum * multiplier(c) + Math.abs(weights.bias(c)) / (double) y.quant().scale();
      if (unit < Float.MIN_NORMAL || multiplier(c) < Float.MIN_NORMAL) {
        return "scales so small that their product vanishes";
      }
      if (!(steps < LARGEST_STEPS)) {
        return "scales so far apart that sums reach 2^30 steps of the output";
      }
    }
    return null;
  }

  /// Whether the clamp is a ReLU that the output's range does not do by itself; null where it is
  /// something that FBGEMM has not.
  Boolean clamp() {
    float scale = y.quant().scale();
    int zero = y.quant().zeroPoint();
    int low = QuantMath.quantize(post.min(), scale, zero, y.type());
    int high = QuantMath.quantize(post.max(), scale, zero, y.type());
    if (high != y.type().max()) {
      return null;
    }
    if (low == y.type().min()) {
      return false;
    }
    return post.min() == 0 ? true : null;
  }

  /// How many real units a sum's step is.
  float biasScale(int channel) {
    return (float) ((double) x.quant().scale() * weights.scale(channel));
  }

  /// How many steps of the output a sum's step is.
  float multiplier(int channel) {
    return (float) ((double) x.quant().scale() * weights.scale(channel) / y.quant().scale());
  }
}
