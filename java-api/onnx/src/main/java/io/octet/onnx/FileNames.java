package io.octet.onnx;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The names that a model uses, for nodes and values alike.
final class FileNames {
  private final Set<String> used;
  private final Map<String, Integer> numbers = new HashMap<>();

  FileNames(Set<String> used) {
    this.used = new HashSet<>(used);
  }

  /// `base`, or that with the first number that makes it a name nobody has. Counting goes on where
  /// it stopped for the same base.
  String fresh(String base) {
    if (used.add(base)) {
      return base;
    }
    int i = numbers.getOrDefault(base, 1);
    String name;
    do {
      i++;
      name = base + "_" + i;
    } while (!used.add(name));
    numbers.put(base, i);
    return name;
  }
}
