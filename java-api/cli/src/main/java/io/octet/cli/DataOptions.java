package io.octet.cli;

import io.octet.cli.data.ImageFolder;
import io.octet.cli.data.ImageSize;
import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.io.ImageLayout;
import io.octet.io.Pixels;
import io.octet.io.Rows;
import io.octet.io.Samples;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/// Options of every verb that reads samples: how pixels become floats, and how many samples run at
/// once.
final class DataOptions {
  private static final int DEFAULT_BATCH = 32;

  /// Of an input whose first axis is free.
  private static final long ANY = -1;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--mean",
      split = ",",
      paramLabel = "M",
      description =
          "8-bit pixels (IDX, images, u8 arrays) become (pixel/255 - mean)/std: one number, or one"
              + " for each channel. Default 0.")
  private List<Float> mean;

  @Option(names = "--std", split = ",", paramLabel = "S", description = "See --mean. Default 1.")
  private List<Float> std;

  @Option(
      names = "--size",
      paramLabel = "HxW",
      description =
          "Images of a folder are scaled to cover this size and cut around the middle. Default: the"
              + " model's own.")
  private String size;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples in one run. Default 32, or what the model is fixed to.")
  private Integer batch;

  @Mixin private LayoutOption layout;

  /// The samples of a file or folder, as that model takes them.
  Samples open(Path data, Graph graph) throws IOException {
    if (!Files.isDirectory(data)) {
      return Samples.open(data, graph.inputs(), batch(graph), pixels(), layout.get());
    }
    ValueInfo input = onlyInput(data, graph);
    ImageLayout order = order(input);
    int channels = channels(input, order);
    Rows images = ImageFolder.open(data, order, channels, imageSize(input, order));
    Shape taken = input.shape().with(order.channelAxis(), new Dim.Fixed(channels));
    ValueInfo told = new ValueInfo(input.name(), input.type(), taken);
    return Samples.of(Map.of(input.name(), images), List.of(told), batch(graph), pixels());
  }

  private static ValueInfo onlyInput(Path data, Graph graph) {
    if (graph.inputs().size() != 1 || graph.inputs().getFirst().shape().rank() != 4) {
      throw new IllegalArgumentException(
          data
              + " is a folder of images, but the model takes "
              + graph.inputs()
              + "; give an npz with an array for each input");
    }
    return graph.inputs().getFirst();
  }

  /// How the model takes images.
  private ImageLayout order(ValueInfo input) {
    ImageLayout own = ImageLayout.of(input.shape());
    ImageLayout told = layout.get().orElse(own);
    boolean colours = isColours(input.shape().dim(own.channelAxis()), false);
    if (told != own && (colours || !isColours(input.shape().dim(told.channelAxis()), true))) {
      throw new ParameterException(
          spec.commandLine(),
          "--layout " + told + ": the model takes " + input + ", which is " + own);
    }
    return told;
  }

  private static boolean isColours(Dim channels, boolean free) {
    return channels instanceof Dim.Fixed(long n) ? n == 1 || n == 3 : free;
  }

  private static int channels(ValueInfo input, ImageLayout order) {
    Dim channels = input.shape().dim(order.channelAxis());
    return channels instanceof Dim.Fixed(long n) ? (int) Math.min(n, 1 << 20) : 3;
  }

  private ImageSize imageSize(ValueInfo input, ImageLayout order) {
    Shape shape = input.shape();
    if (size != null) {
      return parsedSize();
    }
    int rows = order.heightAxis();
    if (shape.dim(rows) instanceof Dim.Fixed(long h)
        && shape.dim(rows + 1) instanceof Dim.Fixed(long w)) {
      return ImageSize.of(h, w);
    }
    throw new ParameterException(
        spec.commandLine(), "the model takes images of any size " + shape + ": give --size HxW");
  }

  private ImageSize parsedSize() {
    try {
      return ImageSize.parse(size);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--size: " + e.getMessage(), e);
    }
  }

  private Optional<Pixels> pixels() {
    if (mean == null && std == null) {
      return Optional.empty();
    }
    List<Float> means = mean == null ? List.of(0f) : mean;
    List<Float> stds = std == null ? List.of(1f) : std;
    try {
      return Optional.of(new Pixels(spread(means, stds.size()), spread(stds, means.size())));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--mean, --std: " + e.getMessage(), e);
    }
  }

  /// One number serves all channels of the other option.
  private static List<Float> spread(List<Float> numbers, int size) {
    return numbers.size() == 1 ? java.util.Collections.nCopies(size, numbers.getFirst()) : numbers;
  }

  private static long samplesAtATime(Shape input) {
    return input.rank() == 0 ? 1 : input.dim(0) instanceof Dim.Fixed(long size) ? size : ANY;
  }

  private int batch(Graph graph) {
    if (batch != null && batch < 1) {
      throw new ParameterException(spec.commandLine(), "--batch must be at least 1, not " + batch);
    }
    if (batch != null) {
      return batch;
    }
    Set<Long> sizes = new HashSet<>();
    graph.inputs().forEach(input -> sizes.add(samplesAtATime(input.shape())));
    if (sizes.equals(Set.of(ANY)) || sizes.isEmpty()) {
      return DEFAULT_BATCH;
    }
    if (sizes.size() > 1) {
      return 1; // inputs without an axis for samples stand among them
    }
    long size = sizes.iterator().next();
    if (size < 1 || size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "input %s takes %d samples at a time, but a batch has 1 to %d"
              .formatted(graph.inputs().getFirst(), size, Integer.MAX_VALUE));
    }
    return (int) size;
  }
}
