package io.octet.runtime;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// What plans of one network are told apart by: the inputs' shapes, and what those inputs hold that
/// decide shapes inside, such as the `shape` of a Reshape that the caller gives.
///
/// @param shapes by the name of an input
/// @param values the bytes of each deciding input, in the order of their places
record Request(Map<String, Shape> shapes, List<ByteBuffer> values) {
  /// More elements than shapes, axes or pads have: longer inputs are data.
  private static final int MOST_ELEMENTS = 64;

  /// Shapes alone.
  static Request of(Map<String, Shape> shapes) {
    return new Request(shapes, List.of());
  }

  /// Shapes, and copies of what the deciding inputs hold now.
  ///
  /// @param deciding their places among the inputs
  /// @param memory of each input
  static Request of(Map<String, Shape> shapes, int[] deciding, MemorySegment[] memory) {
    return new Request(
        shapes,
        IntStream.of(deciding)
            .mapToObj(i -> ByteBuffer.wrap(memory[i].toArray(ValueLayout.JAVA_BYTE)))
            .toList());
  }

  /// The places of a prepared graph's deciding inputs: small ones that a value hangs on whose
  /// elements decide a shape.
  static int[] deciding(Graph graph, Map<String, ValueInfo> infos) {
    if (graph.inputs().stream().noneMatch(input -> isSmall(input.shape()))) {
      return new int[0]; // as most networks are: nothing more is inferred
    }
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(ShapeInference.undecided(graph));
    while (!open.isEmpty()) {
      String value = open.pop();
      Node maker = graph.producer(value);
      if (!seen.add(value) || maker == null) {
        continue;
      }
      for (String input : maker.inputs()) {
        boolean hangs = !input.isEmpty() && infos.get(input).values().isEmpty();
        if (hangs && graph.constant(input) == null) {
          open.push(input);
        }
      }
    }
    List<ValueInfo> inputs = graph.inputs();
    return IntStream.range(0, inputs.size())
        .filter(i -> seen.contains(inputs.get(i).name()) && isSmall(inputs.get(i).shape()))
        .toArray();
  }

  private static boolean isSmall(Shape shape) {
    return shape.rank() <= 1 && (!shape.isConcrete() || shape.elements() <= MOST_ELEMENTS);
  }

  /// Whether the deciding inputs still hold this. Allocates nothing.
  boolean holds(int[] deciding, MemorySegment[] memory) {
    for (int i = 0; i < deciding.length; i++) {
      MemorySegment now = memory[deciding[i]];
      ByteBuffer then = values.get(i);
      for (int at = 0; at < then.limit(); at++) {
        if (now.get(ValueLayout.JAVA_BYTE, at) != then.get(at)) {
          return false;
        }
      }
    }
    return true;
  }

  /// The tensors that deciding inputs are, by name.
  Map<String, Tensor> known(List<ValueInfo> inputs, int[] deciding) {
    Map<String, Tensor> known = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      ValueInfo input = inputs.get(deciding[i]);
      MemorySegment bytes = MemorySegment.ofArray(values.get(i).array());
      known.put(input.name(), Tensor.wrap(input.type(), shapes.get(input.name()), bytes));
    }
    return known;
  }
}
