package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// How 8-bit pixels become a network's floats: `(pixel / 255 - mean) / std`, as torchvision's
/// ToTensor and Normalize do it, with one mean and std or one for each channel.
///
/// @param mean subtracted, in units of 0 to 1
/// @param std divided by, above 0; as many as means
public record Pixels(List<Float> mean, List<Float> std) {
  /// Pixels as 0 to 1.
  public static final Pixels UNIT = new Pixels(List.of(0f), List.of(1f));

  private static final int LEVELS = 256;

  /// Validates and copies.
  public Pixels {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.isEmpty() || mean.size() != std.size()) {
      throw new IllegalArgumentException(
          "expected as many means as stds and at least one, but got " + mean + " and " + std);
    }
    if (!mean.stream().allMatch(Float::isFinite)
        || !std.stream().allMatch(s -> s > 0 && Float.isFinite(s))) {
      throw new IllegalArgumentException(
          "mean must be finite and std positive, but got " + mean + " and " + std);
    }
    for (int i = 0; i < mean.size(); i++) {
      if (!Float.isFinite(normalize(0, mean.get(i), std.get(i)))
          || !Float.isFinite(normalize(LEVELS - 1, mean.get(i), std.get(i)))) {
        throw new IllegalArgumentException(
            "mean " + mean.get(i) + " and std " + std.get(i) + " take pixels beyond the floats");
      }
    }
  }

  /// The float that each of the 256 pixel values of a channel becomes.
  public float[] table(int channel) {
    int i = mean.size() == 1 ? 0 : channel;
    float[] values = new float[LEVELS];
    for (int pixel = 0; pixel < LEVELS; pixel++) {
      values[pixel] = normalize(pixel, mean.get(i), std.get(i));
    }
    return values;
  }

  private static float normalize(int pixel, float mean, float std) {
    return (pixel / 255f - mean) / std;
  }

  /// The floats of a U8 tensor whose planes of `planeSize` pixels belong to `channels` channels in
  /// turn (NCHW).
  ///
  /// @throws IllegalArgumentException if there is neither one mean nor one for each channel
  public float[] normalize(Tensor pixels, int channels, int planeSize) {
    if (pixels.type() != DataType.U8) {
      throw new IllegalArgumentException("pixels are u8, but got " + pixels);
    }
    if (mean.size() != 1 && mean.size() != channels) {
      throw new IllegalArgumentException(
          "the images have " + channels + " channels, but there are " + mean.size() + " means");
    }
    float[][] tables = new float[channels][];
    Arrays.setAll(tables, this::table);
    byte[] bytes = pixels.toBytes();
    float[] floats = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      floats[i] = tables[i / planeSize % channels][bytes[i] & 0xff];
    }
    return floats;
  }
}
