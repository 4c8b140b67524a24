package io.octet.cli;

import io.octet.io.Layout;
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
  private Layout layout = Layout.NCHW;

  /// picocli would take the constants' own spelling alone.
  private static final class Name implements CommandLine.ITypeConverter<Layout> {
    @Override
    public Layout convert(String name) {
      try {
        return Layout.named(name);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.TypeConversionException(e.getMessage());
      }
    }
  }

  Layout get() {
    return layout;
  }
}
