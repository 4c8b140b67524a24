package io.octet.onnx;

import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Dim;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// The free axes of a model's inputs: given sizes as the model is read, and named where only their
/// sizes tell what the model does.
final class FreeAxes {
  private FreeAxes() {}

  /// The inputs with those sizes.
  ///
  /// @throws IllegalArgumentException if a size is not positive, or none of the inputs has a free
  ///   axis of that name
  static List<ValueInfo> bound(List<ValueInfo> inputs, Map<String, Long> sizes) {
    Set<String> free = names(inputs);
    sizes.forEach((name, size) -> require(name, size, free));
    return inputs.stream()
        .map(i -> new ValueInfo(i.name(), i.type(), i.shape().bind(sizes), i.values()))
        .toList();
  }

  private static void require(String name, long size, Set<String> free) {
    if (!free.contains(name)) {
      throw new IllegalArgumentException(
          "no input has a free axis \"" + name + "\"; free axes: " + free);
    }
    if (size < 1) {
      throw new IllegalArgumentException(
          "the size of axis \"" + name + "\" must be at least 1, not " + size);
    }
  }

  private static Set<String> names(Collection<ValueInfo> values) {
    Set<String> names = new TreeSet<>();
    for (ValueInfo value : values) {
      for (Dim dim : value.shape().dims()) {
        if (dim instanceof Dim.Symbol(String name)) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /// The free axes whose sizes decide a value; nothing where data decide it too.
  ///
  /// @param inputs of the model
  /// @param maker of a value; null for none
  /// @param info what is known of a value
  static Optional<Set<String>> deciding(
      String value,
      List<ValueInfo> inputs,
      Function<String, Node> maker,
      Function<String, Optional<ValueInfo>> info) {
    Set<String> free = names(inputs);
    Set<String> found = new TreeSet<>();
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(value));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (next.isEmpty() || !seen.add(next)) {
        continue;
      }
      Optional<List<Dim>> sizes = info.apply(next).flatMap(ValueInfo::values);
      Node made = maker.apply(next);
      if (sizes.isPresent() && !isUnknown(sizes.get())) {
        free.stream().filter(axis -> dependsOn(sizes.get(), axis)).forEach(found::add);
      } else if (made == null) {
        return Optional.empty();
      } else {
        open.addAll(made.inputs());
      }
    }
    return Optional.of(found).filter(axes -> !axes.isEmpty());
  }

  private static boolean isUnknown(List<Dim> sizes) {
    return sizes.stream().anyMatch(Dim.Unknown.class::isInstance);
  }

  private static boolean dependsOn(List<Dim> sizes, String axis) {
    return sizes.stream().anyMatch(size -> !size.bind(Map.of(axis, 1L)).equals(size));
  }
}
