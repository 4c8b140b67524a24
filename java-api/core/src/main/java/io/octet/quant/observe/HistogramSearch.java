package io.octet.quant.observe;

/// The range search of PyTorch's HistogramObserver: quantiles move inwards by 1e-5 at a time, that
/// end first which drops more bins, as long as the expected squared error of 256 levels falls. The
/// order and precision of every operation are PyTorch's, since a bin more or less hangs on them.
final class HistogramSearch {
  private static final int BINS = HistogramObserver.BINS;
  private static final int LEVELS = 256;
  private static final double STEP = 1e-5;

  private final Range seen;
  private final float[] bins;
  private int start;
  private int end = BINS - 1;

  HistogramSearch(Range seen, float[] bins) {
    this.seen = seen;
    this.bins = bins;
    search();
  }

  /// First bin that is kept.
  int start() {
    return start;
  }

  /// Last bin that is kept.
  int end() {
    return end;
  }

  /// The range of the bins that are kept.
  Range range() {
    float width = (seen.high() - seen.low()) / BINS;
    return new Range(seen.low() + width * start, seen.low() + width * (end + 1));
  }

  private void search() {
    double total = sum(bins);
    float[] cumulative = cumulative();
    double alpha = 0;
    double beta = 1;
    double best = Double.POSITIVE_INFINITY;
    while (alpha < beta) {
      double nextAlpha = alpha + STEP;
      double nextBeta = beta - STEP;
      int left = start;
      int right = end;
      while (left < end && cumulative[left] < (float) (nextAlpha * total)) {
        left++;
      }
      while (right > start && cumulative[right] > (float) (nextBeta * total)) {
        right--;
      }
      int nextStart = start;
      int nextEnd = end;
      if (left - start > end - right) {
        nextStart = left;
        alpha = nextAlpha;
      } else {
        nextEnd = right;
        beta = nextBeta;
      }
      if (nextStart == start && nextEnd == end) {
        continue;
      }
      double error = error(nextStart, nextEnd);
      if (error > best) {
        return;
      }
      best = error;
      start = nextStart;
      end = nextEnd;
    }
  }

  private float[] cumulative() {
    float[] sums = new float[BINS];
    double sum = 0;
    for (int i = 0; i < BINS; i++) {
      sum += bins[i];
      sums[i] = (float) sum;
    }
    return sums;
  }

  /// Expected squared error of the bins from `first` to `last` on 256 levels, each bin's counts
  /// spread evenly; what lies beyond goes to the outermost level.
  private double error(int first, int last) {
    double binWidth = ((double) seen.high() - (double) seen.low()) / BINS;
    double levelWidth = binWidth * (last - first + 1) / LEVELS;
    if (levelWidth == 0) {
      return 0;
    }
    float bin = (float) binWidth;
    float level = (float) levelWidth;
    float half = (float) (levelWidth / 2);
    float[] errors = new float[BINS];
    for (int i = 0; i < BINS; i++) {
      float from = (i - first) * bin;
      float to = from + bin;
      float fromLevel = Math.clamp(floorDivide(from, level), 0f, LEVELS - 1f);
      float toLevel = Math.clamp(floorDivide(to, level), 0f, LEVELS - 1f);
      float fromCenter = (fromLevel + 0.5f) * level;
      float toCenter = toLevel * level + half;
      float density = bins[i] / bin;
      float error = density * cubes(from - fromCenter, half);
      error += (toLevel - fromLevel - 1f) * (density * cubes(-half, half));
      error += density * cubes(-half, to - toCenter);
      errors[i] = error;
    }
    return sum(errors);
  }

  /// The integral of x^2 from `from` to `to`.
  private static float cubes(float from, float to) {
    return (to * to * to - from * from * from) / 3f;
  }

  /// Python's floor division in float, which torch.div(rounding_mode="floor") is.
  private static float floorDivide(float a, float b) {
    float rest = remainder(a, b);
    float quotient = (a - rest) / b;
    if (rest != 0 && b < 0 != rest < 0) {
      quotient -= 1f;
    }
    if (quotient == 0) {
      return Math.copySign(0f, a / b);
    }
    float floor = (float) Math.floor(quotient);
    return quotient - floor > 0.5f ? floor + 1f : floor;
  }

  /// `a % b` for positive `b`, ten times as fast: with a quotient this small every step is exact in
  /// double, but for the last unit of the quotient, which the sign of the rest tells.
  static float remainder(float a, float b) {
    double quotient = (double) a / b;
    if (!(Math.abs(quotient) < 1 << 24)) {
      return a % b;
    }
    double rest = a - (double) (long) quotient * b;
    if (a >= 0) {
      rest = rest < 0 ? rest + b : rest >= b ? rest - b : rest;
    } else {
      rest = rest > 0 ? rest - b : rest <= -b ? rest + b : rest;
    }
    return (float) rest;
  }

  /// torch.sum of 2048 floats: 32 lanes of 64, each in four blocks of 16, joined pairwise as its
  /// vector code joins them.
  static float sum(float[] values) {
    float total = 0;
    for (int lane = 0; lane < 8; lane++) {
      float ofLane = 0;
      for (int k = 0; k < 4; k++) {
        float column = 0;
        for (int block = 0; block < 4; block++) {
          float part = 0;
          for (int row = block * 16; row < block * 16 + 16; row++) {
            part += values[(row * 4 + k) * 8 + lane];
          }
          column += part;
        }
        ofLane = k == 0 ? column : ofLane + column;
      }
      total += ofLane;
    }
    return total;
  }
}
