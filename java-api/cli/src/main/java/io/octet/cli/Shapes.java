package io.octet.cli;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/// Options of the verbs that need concrete shapes and have no data to take them from. A free axis
/// is 1 unless `--batch` (the first axis) or `--shape` says otherwise.
final class Shapes {
  /// What one Java array holds.
  private static final long LARGEST = Integer.MAX_VALUE - 8L;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--batch", paramLabel = "N", description = "Samples in one run. Default 1.")
  private Integer batch;

  @Option(
      names = "--shape",
      paramLabel = "name=1x128",
      description = "The shape of one input; may be repeated.")
  private Map<String, String> shapes = Map.of();

  /// A concrete shape for each input of `graph`.
  Map<String, Shape> of(Graph graph) {
    requirePositive();
    for (String name : shapes.keySet()) {
      if (!graph.isInput(name)) {
        throw misuse("--shape: there is no input \"" + name + "\"; inputs: " + graph.inputs());
      }
    }
    Map<String, Shape> told = new LinkedHashMap<>();
    for (ValueInfo input : graph.inputs()) {
      if (shapes.containsKey(input.name())) {
        Shape shape = given(input, shapes.get(input.name()));
        requireSize(input, shape);
        told.put(input.name(), shape);
      }
    }
    Map<String, ValueInfo> bound = ShapeInference.infer(graph, told);
    Map<String, Shape> concrete = new LinkedHashMap<>();
    for (ValueInfo input : graph.inputs()) {
      Shape given = told.get(input.name());
      concrete.put(input.name(), given == null ? free(bound.get(input.name())) : given);
    }
    graph.inputs().forEach(input -> requireSize(input, concrete.get(input.name())));
    requirePossible(graph, concrete);
    return concrete;
  }

  /// Refuses inputs that no Java array, or not all of this process's memory, can hold.
  private void requireSize(ValueInfo input, Shape shape) {
    long most = Math.min(LARGEST, Runtime.getRuntime().maxMemory() / input.type().bytes());
    double elements = 1;
    for (long size : shape.sizes()) {
      elements *= size;
    }
    if (elements > most) {
      throw new IllegalArgumentException(
          "%s: input %s would have %s elements as %s, but this process holds 0 to %d"
              .formatted(option(input), input, Sizes.count((long) elements), shape, most));
    }
  }

  /// Who said how large an input is.
  private String option(ValueInfo input) {
    if (shapes.containsKey(input.name())) {
      return "--shape " + input.name() + "=" + shapes.get(input.name());
    }
    return batch == null ? "the model" : "--batch " + batch;
  }

  /// Sizes that nobody gave may be such as the network cannot run on: then the options are to say
  /// them.
  private void requirePossible(Graph graph, Map<String, Shape> concrete) {
    List<ValueInfo> open =
        graph.inputs().stream()
            .filter(input -> !input.shape().isConcrete() && !shapes.containsKey(input.name()))
            .toList();
    try {
      ShapeInference.infer(graph, concrete);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "no value of the network can have as many elements as " + concrete + " make of it", e);
    } catch (IllegalArgumentException e) {
      throw open.isEmpty()
          ? e
          : misuse(
              "--shape: give the shapes of %s, as in --shape %s=%s: %s"
                  .formatted(open, open.getFirst().name(), example(open), e.getMessage()));
    }
  }

  /// "1x3xHxW" for [N,3,H,W].
  private static String example(List<ValueInfo> open) {
    Shape shape = open.getFirst().shape();
    return IntStream.range(0, shape.rank())
        .mapToObj(axis -> axis == 0 ? "1" : shape.dim(axis).toString())
        .collect(Collectors.joining("x"));
  }

  /// Samples in one run, as the options say.
  int batch() {
    requirePositive();
    return batch == null ? 1 : batch;
  }

  /// Samples in one run over those shapes: the size that the inputs' first axes share.
  long batch(Map<String, Shape> concrete) {
    return concrete.values().stream()
        .filter(shape -> shape.rank() > 0)
        .mapToLong(shape -> shape.size(0))
        .findFirst()
        .orElse(1);
  }

  boolean hasShapes() {
    return !shapes.isEmpty();
  }

  private Shape free(ValueInfo input) {
    Shape shape = input.shape();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.dim(axis) instanceof Dim.Symbol) {
        shape = shape.with(axis, new Dim.Fixed(axis == 0 ? batch() : 1));
      }
    }
    if (batch != null && shape.rank() > 0 && shape.size(0) != batch) {
      throw misuse("--batch " + batch + ": input " + input + " is fixed to " + shape.size(0));
    }
    return shape;
  }

  private Shape given(ValueInfo input, String text) {
    Shape shape;
    try {
      shape = Shape.of(Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray());
    } catch (IllegalArgumentException e) {
      throw misuse("--shape " + input.name() + ": expected sizes such as 1x128, got " + text);
    }
    boolean fits = shape.rank() == input.shape().rank();
    for (int axis = 0; fits && axis < shape.rank(); axis++) {
      fits = !(input.shape().dim(axis) instanceof Dim.Fixed(long n)) || n == shape.size(axis);
    }
    if (!fits) {
      throw misuse("--shape " + input.name() + ": got " + shape + " for input " + input);
    }
    return shape;
  }

  private void requirePositive() {
    if (batch != null && batch < 1) {
      throw misuse("--batch must be at least 1, not " + batch);
    }
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
