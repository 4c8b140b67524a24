package io.octet.cli;

import io.octet.io.ImageLayout;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// `--layout`, of every verb that reads arrays.
final class LayoutOption {
  @Option(
      names = "--layout",
      paramLabel = "LAYOUT",
      converter = Name.class,
      description =
          "The order of axes in arrays of images: nchw or nhwc. Where the model takes the other,"
              + " they are transposed. Default: they are taken as they are. With a folder of"
              + " images: how the model takes them, where its shape does not say it.")
  private ImageLayout layout;

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

  Optional<ImageLayout> get() {
    return Optional.ofNullable(layout);
  }
}
