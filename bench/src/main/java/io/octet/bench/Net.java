package io.octet.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The shapes of a network, read from a data file beside this class, whose head explains its lines.
///
/// @param name the file's name
/// @param input name of the image
/// @param channels of the image
/// @param size height and width of the image
/// @param layers each behind those that it reads
record Net(String name, String input, int channels, int size, List<Layer> layers) {
  /// One line.
  sealed interface Layer {
    /// What this layer, and its result, are called.
    String name();

    /// The value that it reads.
    String from();
  }

  /// A convolution over square images, padded by half its kernel.
  ///
  /// @param out output channels
  /// @param add a value that is added before the activation, or ""
  record Conv(
      String name,
      String from,
      int out,
      int kernel,
      int stride,
      int groups,
      String add,
      Activation activation)
      implements Layer {}

  /// A maximum pool, padded by half its kernel.
  record MaxPool(String name, String from, int kernel, int stride) implements Layer {}

  /// The mean of a whole image.
  record Mean(String name, String from) implements Layer {}

  /// A fully connected layer.
  record Linear(String name, String from, int out) implements Layer {}

  /// What follows a convolution.
  enum Activation {
    NONE,
    RELU,
    RELU6
  }

  /// A value's channels, and its height and width.
  record Image(int channels, int size) {
    /// This image behind a window that is padded by half.
    Image windowed(int out, int kernel, int stride) {
      return new Image(out, (size + 2 * (kernel / 2) - kernel) / stride + 1);
    }
  }

  /// Reads a network, such as "resnet50".
  static Net named(String name) {
    InputStream file = Net.class.getResourceAsStream(name + ".net");
    if (file == null) {
      throw new IllegalArgumentException("no network is called \"" + name + "\"");
    }
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
      List<String[]> rows =
          reader
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .map(line -> line.split("\\s+"))
              .toList();
      String[] input = rows.getFirst();
      List<Layer> layers = new ArrayList<>();
      rows.subList(1, rows.size()).forEach(row -> layers.add(layer(row)));
      return new Net(name, input[1], number(input, 2), number(input, 3), List.copyOf(layers));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Layer layer(String[] row) {
    return switch (row[0]) {
      case "conv" -> conv(row);
      case "maxpool" -> new MaxPool(row[1], row[2], number(row, 3), number(row, 4));
      case "mean" -> new Mean(row[1], row[2]);
      case "linear" -> new Linear(row[1], row[2], number(row, 3));
      default -> throw new IllegalArgumentException("unknown layer: " + String.join(" ", row));
    };
  }

  private static Conv conv(String[] row) {
    int groups = 1;
    String add = "";
    Activation activation = Activation.NONE;
    for (int i = 6; i < row.length; i++) {
      String[] option = row[i].split("=");
      switch (option[0]) {
        case "groups" -> groups = Integer.parseInt(option[1]);
        case "add" -> add = option[1];
        case "relu" -> activation = Activation.RELU;
        case "relu6" -> activation = Activation.RELU6;
        default -> throw new IllegalArgumentException("unknown option: " + row[i]);
      }
    }
    return new Conv(
        row[1], row[2], number(row, 3), number(row, 4), number(row, 5), groups, add, activation);
  }

  private static int number(String[] row, int column) {
    return Integer.parseInt(row[column]);
  }

  /// Channels and size of every value, the input's included.
  Map<String, Image> images() {
    Map<String, Image> images = new LinkedHashMap<>();
    images.put(input, new Image(channels, size));
    for (Layer layer : layers) {
      Image x = images.get(layer.from());
      images.put(
          layer.name(),
          switch (layer) {
            case Conv c -> x.windowed(c.out(), c.kernel(), c.stride());
            case MaxPool p -> x.windowed(x.channels(), p.kernel(), p.stride());
            case Mean m -> new Image(x.channels(), 1);
            case Linear l -> new Image(l.out(), 1);
          });
    }
    return images;
  }
}
