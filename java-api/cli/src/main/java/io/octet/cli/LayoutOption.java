package io.octet.cli;

import io.octet.io.ImageLayout;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// `--layout`, of every verb that reads arrays.
final class LayoutOption {
  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      converter = Name.class,
      description =
          "The order of axes in arrays of images: nchw (the default), or nhwc, which is transposed"
              + " for the model.")
  private ImageLayout layout = ImageLayout.NCHW;

  /// picocli would take the constants' own spelling alone.
  private static final class Name implements CommandLine.ITypeConverter<ImageLayout> {
    @Override
    public ImageLayout convert(String name) {
      try {
        return ImageLayout.named(name);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.TypeConversionException(e.getMessage());
      }
    }
  }

  ImageLayout get() {
    return layout;
  }
}
