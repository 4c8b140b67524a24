package io.octet.internal.pass;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Names of which no two are the same.
public final class Names {
  private final Set<String> taken;
  private final int first;
  private final Map<String, Integer> next = new HashMap<>();

  /// @param taken what nobody is called any more
  /// @param first the number that follows a name which is taken
  public Names(Set<String> taken, int first) {
    this.taken = new HashSet<>(taken);
    this.first = first;
  }

  /// `wanted`, or `wanted_N` with the first number that makes it a name nobody has; taken from now
  /// on. Goes on counting where the last caller who wanted the same name stopped.
  public String fresh(String wanted) {
    if (taken.add(wanted)) {
      return wanted;
    }
    int number = next.getOrDefault(wanted, first);
    while (!taken.add(wanted + "_" + number)) {
      number++;
    }
    next.put(wanted, number + 1);
    return wanted + "_" + number;
  }
}
