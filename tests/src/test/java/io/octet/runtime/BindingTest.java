package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Allocated;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BindingTest {
  private static final Shape SCORES = Shape.of(2, 10);

  private static Session session;
  private static Arena arena;
  private static float[] expected;

  @BeforeAll
  static void open() {
    session = Session.open(SmallNets.int8(1));
    arena = Arena.ofShared();
    expected = Expected.run(session, SmallNets.image(2, 1));
  }

  @AfterAll
  static void close() {
    session.close();
    arena.close();
  }

  /// An input and an output somewhere.
  record Memory(String where, Tensor input, Tensor output) {
    @Override
    public String toString() {
      return where;
    }
  }

  static Stream<Memory> memories() {
    Tensor image = SmallNets.image(2, 1);
    return Stream.of(
        new Memory("on heap", image, Tensor.of(new float[20], 2, 10)),
        new Memory("off heap", copy(image, 0), Tensor.allocate(arena, DataType.F32, SCORES)),
        new Memory("off heap, odd addresses", copy(image, 1), at(arena.allocate(81), 1)),
        new Memory("bytes on heap", copy(image, 3), at(MemorySegment.ofArray(new byte[83]), 3)),
        new Memory("read-only input", readOnly(image), Tensor.of(new float[20], 2, 10)));
  }

  private static Tensor copy(Tensor tensor, int offset) {
    MemorySegment memory = arena.allocate(tensor.data().byteSize() + offset, 64).asSlice(offset);
    return Tensor.wrap(tensor.type(), tensor.shape(), memory.copyFrom(tensor.data()));
  }

  private static Tensor at(MemorySegment memory, int offset) {
    return Tensor.wrap(DataType.F32, SCORES, memory.asSlice(offset, 80));
  }

  private static Tensor readOnly(Tensor tensor) {
    return Tensor.wrap(tensor.type(), tensor.shape(), tensor.data().asReadOnly());
  }

  private static Binding bind(Tensor input, Tensor output) {
    return session.bind(Map.of("input", input), Map.of("output", output));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("memories")
  void aRunReadsAndWritesTheCallersMemory(Memory memory) {
    Binding binding = bind(memory.input(), memory.output());
    for (int i = 0; i < 3; i++) {
      memory.output().data().fill((byte) -1);
      session.run(binding);
      assertArrayEquals(expected, memory.output().toFloats());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("memories")
  void aRunAllocatesNothing(Memory memory) {
    Binding binding = bind(memory.input(), memory.output());
    assertEquals(0, Allocated.least(500, () -> session.run(binding)));
  }

  @Test
  void aRunSeesWhatTheInputHoldsNow() {
    Tensor input = SmallNets.image(2, 7);
    Tensor output = Tensor.of(new float[20], 2, 10);
    Binding binding = bind(input, output);
    session.run(binding);
    input.data().copyFrom(SmallNets.image(2, 1).data());
    session.run(binding);
    assertArrayEquals(expected, output.toFloats());
  }

  @Test
  void anOutputThatNobodyWantsMayBeLeftOut() {
    Binding binding = session.bind(Map.of("input", SmallNets.image(1, 1)), Map.of());
    session.run(binding);
    Tensor output = Tensor.of(new float[20], 2, 10);
    session.run(bind(SmallNets.image(2, 1), output));
    assertArrayEquals(expected, output.toFloats(), "a later run has its outputs");
  }

  @Test
  void theSameMemoryMayBeInputAndOutput() {
    MemorySegment memory = arena.allocate(2 * 3 * 12 * 12 * Float.BYTES);
    memory.copyFrom(SmallNets.image(2, 1).data());
    Tensor input = Tensor.wrap(DataType.F32, Shape.of(2, 3, 12, 12), memory);
    Tensor output = Tensor.wrap(DataType.F32, SCORES, memory.asSlice(0, 80));
    session.run(bind(input, output));
    assertArrayEquals(expected, output.toFloats());
  }

  @Test
  void outputsThatDoNotFitAreNamed() {
    Tensor input = SmallNets.image(2, 1);
    assertRefused("output \"output\" is f32[2,10]", input, Tensor.of(new float[10], 1, 10));
    assertRefused("output \"output\" is f32[2,10]", input, Tensor.of(new float[20], 20));
    assertRefused("output \"output\" is f32[2,10]", input, Tensor.of(new int[20], 2, 10));
    assertRefused("read-only", input, readOnly(Tensor.of(new float[20], 2, 10)));
    assertRefused(
        "unknown output \"scores\"",
        Map.of("input", input),
        Map.of("scores", Tensor.of(new float[20], 2, 10)));
  }

  @Test
  void inputsThatDoNotFitAreNamed() {
    Tensor output = Tensor.of(new float[20], 2, 10);
    assertRefused("\"input\"", Tensor.of(new float[2 * 3 * 144], 2, 3, 144), output);
    assertRefused("\"input\"", Tensor.of(new float[2 * 4 * 144], 2, 4, 12, 12), output);
    assertRefused("\"input\"", Tensor.of(new int[2 * 3 * 144], 2, 3, 12, 12), output);
    assertRefused("\"input\"", Map.of(), Map.of("output", output));
    assertRefused(
        "unknown input \"x\"",
        Map.of("input", SmallNets.image(2, 1), "x", output),
        Map.of("output", output));
  }

  private static void assertRefused(String part, Tensor input, Tensor output) {
    assertRefused(part, Map.of("input", input), Map.of("output", output));
  }

  private static void assertRefused(
      String part, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> session.bind(inputs, outputs));
    assertTrue(refused.getMessage().contains(part), refused::getMessage);
  }

  @Test
  void anotherSessionsBindingIsRefused() {
    Binding binding = bind(SmallNets.image(2, 1), Tensor.of(new float[20], 2, 10));
    try (Session other = Session.open(SmallNets.int8(1))) {
      assertThrows(IllegalArgumentException.class, () -> other.run(binding));
    }
  }

  @Test
  void closedMemoryIsAnExceptionAndTheSessionGoesOn() {
    Tensor here = Tensor.of(new float[20], 2, 10);
    Arena gone = Arena.ofConfined();
    Tensor input = Tensor.allocate(gone, DataType.F32, Shape.of(2, 3, 12, 12));
    Tensor output = Tensor.allocate(gone, DataType.F32, SCORES);
    Binding reads = bind(input, here);
    Binding writes = bind(SmallNets.image(2, 1), output);
    gone.close();
    // As often as there are slots: none of them may be lost.
    for (int i = 0; i <= session.options().threads().maxConcurrentRuns(); i++) {
      assertThrows(IllegalStateException.class, () -> session.run(reads));
      assertThrows(IllegalStateException.class, () -> session.run(writes));
    }
    session.run(bind(SmallNets.image(2, 1), here));
    assertArrayEquals(expected, here.toFloats());
  }

  @Test
  void memoryOfAnotherThreadIsAnException() throws InterruptedException {
    Tensor[] theirs = new Tensor[1];
    Thread thread =
        Thread.ofPlatform()
            .start(() -> theirs[0] = Tensor.allocate(Arena.ofConfined(), DataType.F32, SCORES));
    thread.join();
    Binding binding = bind(SmallNets.image(2, 1), theirs[0]);
    assertThrows(WrongThreadException.class, () -> session.run(binding));
  }

  @Test
  void aBindingOutlivesItsPlan() {
    SessionOptions options = SessionOptions.builder().memory(m -> m.maxPlans(1)).build();
    try (Session small = Session.open(SmallNets.int8(1), options)) {
      Tensor output = Tensor.of(new float[20], 2, 10);
      Binding binding =
          small.bind(Map.of("input", SmallNets.image(2, 1)), Map.of("output", output));
      Expected.run(small, SmallNets.image(3, 1));
      small.run(binding);
      assertArrayEquals(expected, output.toFloats());
    }
  }
}
