package io.octet.internal.kernel.jvm;

/// The part of an image that is worked on: some channels and some pixels, small enough for the
/// cache. One of these walks over a whole value; see {@link #next}.
final class Block {
  private final long images;
  private final int allChannels;
  private final long allPixels;
  private final int mostChannels;
  private final int mostPixels;
  private long image;
  private int channel;
  private long pixel;

  /// @param images how many images there are
  /// @param channels of each image
  /// @param pixels of each channel
  /// @param mostChannels of a block
  /// @param mostPixels of a block
  Block(long images, int channels, long pixels, int mostChannels, int mostPixels) {
    this.images = images;
    this.allChannels = channels;
    this.allPixels = pixels;
    this.mostChannels = mostChannels;
    this.mostPixels = mostPixels;
  }

  /// Goes to the beginning.
  ///
  /// @return whether there is anything
  boolean first() {
    image = 0;
    channel = 0;
    pixel = 0;
    return images > 0 && allChannels > 0 && allPixels > 0;
  }

  /// Goes on.
  ///
  /// @return whether there is more
  boolean next() {
    pixel += mostPixels;
    if (pixel >= allPixels) {
      pixel = 0;
      channel += mostChannels;
    }
    if (channel >= allChannels) {
      channel = 0;
      image++;
    }
    return image < images;
  }

  /// First channel of the block.
  int channel() {
    return channel;
  }

  /// Channels in the block.
  int channels() {
    return Math.min(mostChannels, allChannels - channel);
  }

  /// Pixels in the block.
  int pixels() {
    return (int) Math.min(mostPixels, allPixels - pixel);
  }

  /// Whether the block has all channels, so that NHWC pixels follow each other without gaps.
  boolean hasAllChannels() {
    return mostChannels >= allChannels;
  }

  /// Whether the block has all pixels, so that NCHW channels follow each other without gaps.
  boolean hasAllPixels() {
    return mostPixels >= allPixels;
  }

  /// Where channel `c` of the block begins in an NCHW value.
  long inChannels(int c) {
    return (image * allChannels + channel + c) * allPixels + pixel;
  }

  /// Where pixel `p` of the block begins in an NHWC value.
  long inPixels(int p) {
    return (image * allPixels + pixel + p) * allChannels + channel;
  }
}
