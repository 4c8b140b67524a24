package io.octet.internal.kernel.jvm;

import java.util.Arrays;

/// A convolution as a matrix product: for each output pixel the values under its window lie side by
/// side, group after group.
final class DenseSums implements WindowSums {
  private final Matrix[] groups;
  private final Reach columns;
  private final int channels;
  private final int section;
  private final float[][] patches;
  private final float[] sums;

  /// @param channels input channels of one group
  /// @param outputs output channels of one group
  /// @param width output pixels in a row
  DenseSums(FloatLayer layer, Reach columns, int channels, int outputs, int width) {
    this.groups = layer.groups();
    this.columns = columns;
    this.channels = channels;
    this.section = groups[0].rows().length;
    this.patches = new float[width][groups.length * section];
    this.sums = new float[outputs];
  }

  @Override
  public void begin() {
    for (float[] patch : patches) {
      Arrays.fill(patch, 0);
    }
  }

  @Override
  public void take(int tapRow, float[][] in, float[][] out) {
    for (int w = 0; w < patches.length; w++) {
      for (int j = 0; j < columns.count(); j++) {
        int at = columns.at(w, j);
        if (columns.inside(at)) {
          int tap = (tapRow * columns.count() + j) * channels;
          for (int g = 0; g < groups.length; g++) {
            System.arraycopy(in[at], g * channels, patches[w], g * section + tap, channels);
          }
        }
      }
    }
  }

  @Override
  public void end(float[][] out) {
    if (groups.length == 1) {
      multiply(out);
      return;
    }
    for (int w = 0; w < out.length; w++) {
      for (int g = 0; g < groups.length; g++) {
        System.arraycopy(out[w], g * sums.length, sums, 0, sums.length);
        groups[g].multiplyAdd(patches[w], g * section, 0, section, sums);
        System.arraycopy(sums, 0, out[w], g * sums.length, sums.length);
      }
    }
  }

  /// All pixels pass a part of the matrix while it is in the cache.
  private void multiply(float[][] out) {
    int step = groups[0].rowsInCache();
    for (int from = 0; from < section; from += step) {
      int to = Math.min(section, from + step);
      for (int w = 0; w < out.length; w++) {
        groups[0].multiplyAdd(patches[w], 0, from, to, out[w]);
      }
    }
  }
}
