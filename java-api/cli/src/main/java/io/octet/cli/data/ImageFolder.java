package io.octet.cli.data;

import io.octet.io.ImageLayout;
import io.octet.io.MalformedFileException;
import io.octet.io.Rows;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// All images below a folder, in the order of their paths, as one array `[n, channels, h, w]` or
/// `[n, h, w, channels]` of 8-bit pixels. Each is decoded when its turn comes, scaled to cover the
/// size, and cut around the middle.
public final class ImageFolder implements Rows {
  private static final Set<String> SUFFIXES = Set.of("jpg", "jpeg", "png", "bmp", "gif");

  /// What one Java array holds.
  private static final long MOST_BYTES = Integer.MAX_VALUE - 8L;

  private final Path folder;
  private final List<Path> files;
  private final ImageLayout layout;
  private final int channels;
  private final ImageSize size;
  private int position;

  private ImageFolder(
      Path folder, List<Path> files, ImageLayout layout, int channels, ImageSize size) {
    this.folder = folder;
    this.files = files;
    this.layout = layout;
    this.channels = channels;
    this.size = size;
  }

  /// Lists the images; none is decoded yet.
  ///
  /// @param folder searched with its subfolders for .jpg, .jpeg, .png, .bmp and .gif
  /// @param layout where the channels are to stand
  /// @param channels 1 for grey, 3 for red, green, blue
  /// @throws MalformedFileException if there is no image
  public static ImageFolder open(Path folder, ImageLayout layout, int channels, ImageSize size)
      throws IOException {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException(
          "images have 1 or 3 channels, but the model takes " + channels);
    }
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> images = all.filter(ImageFolder::isImage).sorted().toList();
      if (images.isEmpty()) {
        throw new MalformedFileException(
            folder.toString(), "no image below it; looked for " + new TreeSet<>(SUFFIXES));
      }
      return new ImageFolder(folder, images, layout, channels, size);
    }
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1))
        && Files.isRegularFile(file);
  }

  @Override
  public DataType type() {
    return DataType.U8;
  }

  @Override
  public Shape shape() {
    return shape(files.size());
  }

  private Shape shape(long count) {
    return layout == ImageLayout.NCHW
        ? Shape.of(count, channels, size.height(), size.width())
        : Shape.of(count, size.height(), size.width(), channels);
  }

  @Override
  public String where() {
    return folder.toString();
  }

  @Override
  public Tensor next(int count) throws IOException {
    int pixels = channels * size.height() * size.width(); // at most 3 * 2^28
    long bytes = (long) count * pixels;
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          "%s: %d images of %s in a batch are %d bytes, but a batch has at most %d: take fewer"
              .formatted(folder, count, size, bytes, MOST_BYTES));
    }
    byte[] batch = new byte[(int) bytes];
    for (int i = 0; i < count; i++) {
      Planes image = new ImageFile(files.get(position + i)).planes(channels).fit(size);
      if (layout == ImageLayout.NCHW) {
        System.arraycopy(image.pixels(), 0, batch, i * pixels, pixels);
      } else {
        interleave(image.pixels(), batch, i * pixels);
      }
    }
    position += count;
    return Tensor.of(DataType.U8, batch, shape(count).sizes());
  }

  private void interleave(byte[] planes, byte[] to, int at) {
    int plane = planes.length / channels;
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < plane; i++) {
        to[at + i * channels + c] = planes[c * plane + i];
      }
    }
  }

  @Override
  public void close() {}
}
