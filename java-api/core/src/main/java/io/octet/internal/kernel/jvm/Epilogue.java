package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.PostOps;

/// What follows a row of sums: the residual, and the clamp.
final class Epilogue {
  private Epilogue() {}

  static void clamp(float[] y, int count, PostOps post) {
    float min = post.min();
    float max = post.max();
    for (int i = 0; i < count; i++) {
      y[i] = Math.max(min, Math.min(max, y[i]));
    }
  }

  static void add(float[] y, float[] residual) {
    for (int i = 0; i < y.length; i++) {
      y[i] += residual[i];
    }
  }
}
