package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.octet.tensor.Tensor;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Batches of different sizes, and what one thread alone gets for them.
final class Expected {
  private record Pair(Tensor input, float[] output) {}

  private final List<Pair> pairs = new ArrayList<>();

  /// @param batches sizes, one for each input
  Expected(Session session, int... batches) {
    for (int i = 0; i < batches.length; i++) {
      Tensor input = SmallNets.image(batches[i], 100 + i);
      pairs.add(new Pair(input, run(session, input)));
    }
  }

  static float[] run(Session session, Tensor input) {
    try (Arena arena = Arena.ofConfined()) {
      return session.run(Map.of("input", input), arena).get("output").toFloats();
    }
  }

  int size() {
    return pairs.size();
  }

  Tensor input(int index) {
    return pairs.get(index % pairs.size()).input();
  }

  float[] output(int index) {
    return pairs.get(index % pairs.size()).output();
  }

  /// Runs input `index` and compares, bit for bit.
  void check(Session session, int index) {
    assertArrayEquals(output(index), run(session, input(index)));
  }
}
