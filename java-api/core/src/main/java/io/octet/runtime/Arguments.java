package io.octet.runtime;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.Workspace;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Holds what callers give to what a network asks for, before anything native sees it.
///
/// @param graph the network
/// @param checksNumbers whether NaN in float inputs is refused
record Arguments(Graph graph, boolean checksNumbers) {
  private static final int INFINITY_BITS = 0x7f800000;

  /// Elements that are looked through at a time.
  private static final long PART = 1 << 20;

  /// The shapes of a caller's inputs.
  ///
  /// @throws IllegalArgumentException if one is missing, unknown, of another type or rank, or holds
  ///   NaN where that is to be checked
  Map<String, Shape> check(Map<String, Tensor> given) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (ValueInfo input : graph.inputs()) {
      Tensor tensor = given.get(input.name());
      if (tensor == null) {
        throw new IllegalArgumentException(
            "input \""
                + input.name()
                + "\" "
                + input.type()
                + input.shape()
                + " is missing; got "
                + given.keySet());
      }
      if (tensor.type() != input.type() || tensor.shape().rank() != input.shape().rank()) {
        throw new IllegalArgumentException(
            "input \""
                + input.name()
                + "\" is "
                + input.type()
                + input.shape()
                + ", but got "
                + tensor);
      }
      if (checksNumbers) {
        checkNumbers(input.name(), tensor.type(), tensor.data());
      }
      shapes.put(input.name(), tensor.shape());
    }
    for (String name : given.keySet()) {
      if (!shapes.containsKey(name)) {
        throw new IllegalArgumentException(
            "unknown input \"" + name + "\"; inputs: " + graph.inputs());
      }
    }
    return shapes;
  }

  /// Refuses NaN in the float inputs that a run is about to read.
  static void checkNumbers(Workspace workspace) {
    List<Plan.Port> ports = workspace.plan().inputs();
    for (int i = 0; i < ports.size(); i++) {
      ValueInfo info = ports.get(i).info();
      checkNumbers(info.name(), info.type(), workspace.input(i));
    }
  }

  /// Among the bits of numbers without their sign, those of NaN are the largest: a maximum over
  /// integers, which C2 vectorizes, is a third of what copying the input costs.
  private static void checkNumbers(String name, DataType type, MemorySegment data) {
    long count = type == DataType.F32 ? data.byteSize() / Float.BYTES : 0;
    for (long from = 0; from < count; from += PART) {
      int part = (int) Math.min(PART, count - from);
      if (largestBits(data, from * Float.BYTES, part) > INFINITY_BITS) {
        throw nanIn(name, data, from, count);
      }
    }
  }

  private static int largestBits(MemorySegment data, long start, int count) {
    int largest = 0;
    for (int i = 0; i < count; i++) {
      int bits = data.get(JAVA_INT_UNALIGNED, start + (long) i * Float.BYTES);
      largest = Math.max(largest, bits & Integer.MAX_VALUE);
    }
    return largest;
  }

  private static IllegalArgumentException nanIn(
      String name, MemorySegment data, long from, long count) {
    long at = from;
    while (at < count && !Float.isNaN(data.getAtIndex(JAVA_FLOAT_UNALIGNED, at))) {
      at++;
    }
    return new IllegalArgumentException(
        "input \""
            + name
            + "\" holds NaN at element "
            + at
            + "; SessionOptions.builder().checks(c -> c.refuseNan(false)), or --allow-nan, lets it"
            + " in");
  }

  /// The given shapes, and for the other inputs the declared ones, with 1 for every free axis.
  ///
  /// @throws IllegalArgumentException if the network cannot run on these
  Map<String, Shape> concrete(Map<String, Shape> given) {
    // Declared shapes were found to be right when the session was made.
    Map<String, ValueInfo> infos = given.isEmpty() ? Map.of() : ShapeInference.infer(graph, given);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    List<ValueInfo> open = new ArrayList<>();
    for (ValueInfo input : graph.inputs()) {
      ValueInfo info = infos.getOrDefault(input.name(), input);
      shapes.put(input.name(), withOnes(info.shape()));
      if (!info.shape().isConcrete()) {
        open.add(info);
      }
    }
    try {
      ShapeInference.infer(graph, shapes);
    } catch (IllegalArgumentException e) {
      throw open.isEmpty()
          ? e
          : new IllegalArgumentException(
              "give the shapes of " + open + ", whose free axes cannot be 1: " + e.getMessage(), e);
    }
    return shapes;
  }

  /// The declared shapes, with 1 for every free axis; empty where the network cannot run on these.
  Optional<Map<String, Shape>> ones() {
    try {
      return Optional.of(concrete(Map.of()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Shape withOnes(Shape shape) {
    Shape concrete = shape;
    for (int i = 0; i < shape.rank(); i++) {
      if (shape.dim(i) instanceof Dim.Symbol) {
        concrete = concrete.with(i, new Dim.Fixed(1));
      }
    }
    return concrete;
  }

  /// For each output of a plan the caller's memory, or null where the caller wants none.
  ///
  /// @throws IllegalArgumentException if a name, type or shape is not the plan's, or the memory is
  ///   read-only or another output's
  static MemorySegment[] outputs(Plan plan, Map<String, Tensor> wanted) {
    MemorySegment[] out = new MemorySegment[plan.outputs().size()];
    List<String> names = new ArrayList<>();
    for (int i = 0; i < out.length; i++) {
      ValueInfo info = plan.outputs().get(i).info();
      names.add(info.name());
      Tensor given = wanted.get(info.name());
      if (given == null) {
        continue;
      }
      boolean fits = given.type() == info.type() && given.shape().equals(info.shape());
      if (!fits || given.data().isReadOnly()) {
        throw new IllegalArgumentException(
            "output \""
                + info.name()
                + "\" is "
                + info.type()
                + info.shape()
                + ", but got "
                + (given.data().isReadOnly() ? "a read-only " : "")
                + given);
      }
      out[i] = given.data();
    }
    for (String name : wanted.keySet()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException("unknown output \"" + name + "\"; outputs: " + names);
      }
    }
    for (int i = 0; i < out.length; i++) {
      for (int j = i + 1; j < out.length; j++) {
        if (out[i] != null && out[j] != null && out[i].asOverlappingSlice(out[j]).isPresent()) {
          throw new IllegalArgumentException(
              "outputs \"%s\" and \"%s\" share memory".formatted(names.get(i), names.get(j)));
        }
      }
    }
    return out;
  }
}
