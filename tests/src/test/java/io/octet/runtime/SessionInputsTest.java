package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a session says to inputs and models that cannot be right.
class SessionInputsTest {
  private static final Graph NET = SmallNets.int8(1);
  private static final SessionOptions UNCHECKED =
      SessionOptions.builder().checks(c -> c.refuseNan(false)).build();

  @Test
  void wrongInputsAreNamed() {
    try (Session session = Session.open(NET)) {
      Tensor right = SmallNets.image(1, 1);
      assertRefused(session, Map.of(), "input \"input\"", "is missing");
      assertRefused(session, Map.of("image", right), "input \"input\"", "missing", "image");
      assertRefused(session, Map.of("input", right, "image", right), "unknown input \"image\"");
      Tensor flat = right.reshape(Shape.of(1, 432));
      assertRefused(session, Map.of("input", flat), "\"input\"", "f32[1,432]", "[N,3,12,12]");
      Tensor grey = Tensor.of(new float[144], 1, 1, 12, 12);
      assertRefused(session, Map.of("input", grey), "\"input\"", "[1,1,12,12]", "3,12,12");
      Tensor large = Tensor.of(new float[3 * 169], 1, 3, 13, 13);
      assertRefused(session, Map.of("input", large), "\"input\"", "[1,3,13,13]", "3,12,12");
      Tensor bytes = Tensor.of(DataType.U8, new byte[432], 1, 3, 12, 12);
      assertRefused(session, Map.of("input", bytes), "\"input\"", "u8[1,3,12,12]", "f32");
      assertEquals(10, Expected.run(session, right).length);
    }
  }

  @Test
  void ofNoImageThereIsNoAnswer() {
    for (Graph graph : List.of(NET, SmallNets.fp32(1))) {
      try (Session session = Session.open(graph)) {
        Tensor none = Tensor.of(new float[0], 0, 3, 12, 12);
        assertEquals(0, Expected.run(session, none).length);
        assertEquals(10, Expected.run(session, SmallNets.image(1, 1)).length);
      }
    }
  }

  private static void assertRefused(Session session, Map<String, Tensor> inputs, String... parts) {
    for (int i = 0; i <= session.options().threads().maxConcurrentRuns(); i++) {
      try (Arena arena = Arena.ofConfined()) {
        IllegalArgumentException refused =
            assertThrows(IllegalArgumentException.class, () -> session.run(inputs, arena));
        for (String part : parts) {
          assertTrue(
              refused.getMessage().contains(part), () -> part + " in: " + refused.getMessage());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e38f})
  void whateverAnInputHoldsTheAnswerIsSomeValueOfTheRange(float odd) {
    for (Graph graph : List.of(NET, SmallNets.fp32(1))) {
      try (Session session = Session.open(graph, UNCHECKED)) {
        Tensor input = SmallNets.image(1, 1);
        float[] expected = Expected.run(session, input);
        for (int i = 0; i < 432; i += 7) {
          input.setFloat(i, odd);
        }
        assertEquals(10, Expected.run(session, input).length);
        assertArrayEquals(expected, Expected.run(session, SmallNets.image(1, 1)));
      }
    }
  }

  @Test
  void anInt8AnswerToNaNIsFinite() {
    try (Session session = Session.open(NET, UNCHECKED)) {
      Tensor input = SmallNets.image(1, 1);
      input.setFloat(5, Float.NaN);
      for (float score : Expected.run(session, input)) {
        assertTrue(Float.isFinite(score), () -> "score " + score);
      }
    }
  }

  /// Of either sign, quiet or signalling; infinities and the largest numbers are none.
  @Test
  void nanIsFoundWhereverItStands() {
    float[] nans = {
      Float.NaN,
      Float.intBitsToFloat(0xffc0_0000),
      Float.intBitsToFloat(0x7f80_0001),
      Float.intBitsToFloat(0xff80_0001)
    };
    try (Session session = Session.open(NET)) {
      Tensor input = SmallNets.image(1, 1);
      int last = (int) input.elements() - 1;
      float[] numbers = {
        Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, -0f, Float.MIN_VALUE
      };
      for (int i = 0; i < numbers.length; i++) {
        input.setFloat(10 + i, numbers[i]);
      }
      Expected.run(session, input);
      for (int at : new int[] {0, 1, 7, 63, 200, last - 1, last}) {
        float before = input.getFloat(at);
        for (float nan : nans) {
          input.setFloat(at, nan);
          assertRefused(session, Map.of("input", input), "\"input\"", "NaN at element " + at);
        }
        input.setFloat(at, before);
      }
    }
  }

  @Test
  void inputsAreCheckedUnlessTheyAreNotToBe() {
    try (Session session = Session.open(NET)) {
      Tensor input = SmallNets.image(1, 1);
      Tensor output = Tensor.of(new float[10], 1, 10);
      Binding binding = session.bind(Map.of("input", input), Map.of("output", output));
      session.run(binding);
      input.setFloat(5, Float.NaN);
      assertRefused(session, Map.of("input", input), "input \"input\"", "NaN", "element 5");
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> session.run(binding));
      assertTrue(refused.getMessage().contains("element 5"), refused::getMessage);
      assertThrows(
          IllegalArgumentException.class,
          () -> session.bind(Map.of("input", input), Map.of("output", output)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -5, Integer.MIN_VALUE})
  void aProfileOfNoRunIsRefused(int runs) {
    try (Session session = Session.open(NET)) {
      Map<String, Tensor> inputs = Map.of("input", SmallNets.image(1, 1));
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> session.profile(inputs, runs));
      assertEquals("runs must be at least 1, but is " + runs, refused.getMessage());
      assertEquals(session.profile(inputs, 1).size(), session.profile(inputs, 3).size());
    }
  }

  @Test
  void nanInWeightsIsNamed() {
    Graph net = SmallNets.fp32(1);
    String weight =
        net.initializers().keySet().stream().filter(n -> n.endsWith("weight")).findFirst().get();
    Tensor spoilt =
        Tensor.of(net.constant(weight).toFloats(), net.constant(weight).shape().sizes());
    spoilt.setFloat(3, Float.NaN);
    assertInvalid(replaced(net, weight, spoilt), weight);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 0, -1})
  void aScaleThatIsNoneIsNamed(float scale) {
    for (Node node : NET.nodes()) {
      boolean scaled =
          node.op() instanceof Quantization.QuantizeLinear
              || node.op() instanceof Quantization.DequantizeLinear;
      if (scaled) {
        Tensor scales = NET.constant(node.input(1));
        Tensor spoilt = Tensor.of(scales.toFloats(), scales.shape().sizes());
        spoilt.setFloat(scales.elements() - 1, scale);
        assertInvalid(replaced(NET, node.input(1), spoilt), node.input(1));
      }
    }
  }

  private static Graph replaced(Graph graph, String constant, Tensor value) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    constants.put(constant, value);
    return graph.with(constants, graph.nodes());
  }

  private static void assertInvalid(Graph graph, String name) {
    InvalidModel refused =
        assertThrows(
            InvalidModel.class,
            () -> {
              try (Session session = Session.open(graph)) {
                session.explain();
              }
            });
    assertTrue(refused.getMessage().contains(name), refused::getMessage);
  }
}
