package io.octet.internal.reference;

import io.octet.graph.op.Resampling.Coordinates;
import io.octet.graph.op.Resampling.Mode;
import io.octet.graph.op.Resampling.Nearest;
import io.octet.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/// One axis that is resized: which pixels of the input, with which weights, make each pixel of the
/// output. Positions are computed in float, as ONNX Runtime does, for a nearest pixel hangs on
/// their last bit.
public final class ResampledAxis {
  private final int in;
  private final int out;
  private final int taps;
  private final int[] pixels;
  private final double[] weights;
  private final boolean[] outside;

  private ResampledAxis(int in, int out, int taps) {
    this.in = in;
    this.out = out;
    this.taps = taps;
    this.pixels = new int[Math.multiplyExact(out, taps)];
    this.weights = new double[pixels.length];
    this.outside = new boolean[out];
  }

  /// Axis `axis` of data of shape `x` that get shape `y`.
  ///
  /// @param scales of all axes
  /// @param region beginnings of all axes, then their ends
  public static ResampledAxis of(
      io.octet.graph.op.Resampling op,
      int axis,
      Shape x,
      Shape y,
      List<Float> scales,
      List<Float> region) {
    return of(
        op,
        Math.toIntExact(x.size(axis)),
        Math.toIntExact(y.size(axis)),
        scales.get(axis),
        region.get(axis),
        region.get(scales.size() + axis));
  }

  /// The axis of a resizing.
  ///
  /// @param in pixels of the input, at least 1
  /// @param out pixels of the output
  /// @param begin of the region, as part of the input
  /// @param end of the region
  public static ResampledAxis of(
      io.octet.graph.op.Resampling op, int in, int out, float scale, float begin, float end) {
    float least = op.antialias() ? Math.min(scale, 1) : 1;
    int half =
        switch (op.mode()) {
          case NEAREST -> 0;
          case LINEAR -> -(int) Math.floor(-1 / least);
          case CUBIC -> -(int) Math.floor(-2 / least);
        };
    boolean keeps = in == out && scale == 1 && begin == 0 && end == 1;
    ResampledAxis axis = new ResampledAxis(in, out, keeps || half == 0 ? 1 : 2 * half);
    for (int i = 0; i < out; i++) {
      float x = keeps ? i : position(op.coordinates(), i, in, out, scale, begin, end);
      axis.outside[i] = op.coordinates() == Coordinates.TF_CROP_AND_RESIZE && (x < 0 || x > in - 1);
      if (keeps || op.mode() == Mode.NEAREST) {
        axis.pixels[i] = Math.clamp(keeps ? i : nearest(op.nearest(), x), 0, in - 1);
        axis.weights[i] = 1;
      } else {
        axis.weigh(op, i, x, least);
      }
    }
    return axis;
  }

  private static float position(
      Coordinates coordinates, int x, int in, int out, float scale, float begin, float end) {
    float exact = scale * in;
    float length = Math.abs(exact - out) < 1e-3f ? out : exact;
    return switch (coordinates) {
      case HALF_PIXEL -> (x + 0.5f) / scale - 0.5f;
      case HALF_PIXEL_SYMMETRIC -> in / 2f * (1 - out / exact) + (x + 0.5f) / scale - 0.5f;
      case PYTORCH_HALF_PIXEL -> out > 1 ? (x + 0.5f) / scale - 0.5f : 0;
      case ALIGN_CORNERS -> length == 1 ? 0 : x * (in - 1f) / (length - 1);
      case ASYMMETRIC -> x / scale;
      case TF_HALF_PIXEL_FOR_NN -> (x + 0.5f) / scale;
      case TF_CROP_AND_RESIZE ->
          length == 1
              ? 0.5f * (begin + end) * (in - 1)
              : begin * (in - 1) + x * (end - begin) * (in - 1) / (length - 1);
    };
  }

  private static int nearest(Nearest nearest, float x) {
    return (int)
        switch (nearest) {
          case ROUND_PREFER_FLOOR -> Math.ceil(x - 0.5);
          case ROUND_PREFER_CEIL -> Math.floor(x + 0.5);
          case FLOOR -> Math.floor(x);
          case CEIL -> Math.ceil(x);
        };
  }

  /// The pixels around `x`, from `taps / 2 - 1` before it to `taps / 2` behind it, and what each
  /// counts.
  private void weigh(io.octet.graph.op.Resampling op, int i, double x, float least) {
    int base = (int) Math.floor(x) - taps / 2 + 1;
    double sum = 0;
    for (int k = 0; k < taps; k++) {
      double distance = Math.abs(base + k - x) * least;
      double weight =
          op.mode() == Mode.CUBIC ? cubic(distance, op.cubicA()) : Math.max(0, 1 - distance);
      boolean excluded = op.excludeOutside() && (base + k < 0 || base + k >= in);
      weights[i * taps + k] = excluded ? 0 : weight;
      pixels[i * taps + k] = Math.clamp(base + k, 0, in - 1);
      sum += weights[i * taps + k];
    }
    for (int k = 0; k < taps; k++) {
      weights[i * taps + k] /= sum == 0 ? 1 : sum;
    }
  }

  private static double cubic(double x, double a) {
    if (x <= 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }

  /// Pixels of the input.
  public int in() {
    return in;
  }

  /// Pixels of the output.
  public int out() {
    return out;
  }

  /// How many pixels make one.
  public int taps() {
    return taps;
  }

  /// Pixel `tap` of those that make pixel `i`.
  public int pixel(int i, int tap) {
    return pixels[i * taps + tap];
  }

  /// What that counts.
  public double weight(int i, int tap) {
    return weights[i * taps + tap];
  }

  /// Whether pixel `i` lies beyond the borders, and has the extrapolated value.
  public boolean isOutside(int i) {
    return outside[i];
  }

  /// Whether any pixel does.
  public boolean reachesOutside() {
    for (boolean beyond : outside) {
      if (beyond) {
        return true;
      }
    }
    return false;
  }

  /// Whether every pixel is the input's at its place.
  public boolean isIdentity() {
    return in == out && taps == 1 && !reachesOutside() && Arrays.equals(pixels, range(out));
  }

  private static int[] range(int end) {
    int[] all = new int[end];
    Arrays.setAll(all, i -> i);
    return all;
  }
}
