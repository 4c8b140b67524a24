package io.octet.internal.kernel.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.octet.graph.op.Comparison;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Operands;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.reference.Reference;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Allocated;
import io.octet.testkit.Kernels;
import io.octet.testkit.Literally;
import io.octet.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The loops of operators that move, pick, compare and change types, against what these operators
/// mean, over every element type and awkward sizes; and they allocate nothing.
class MovingKernelsTest {
  /// An operator over tensors, null where an input is absent.
  private record Case(String kernel, Op op, int outputs, long seed, Tensor... inputs) {
    @Override
    public String toString() {
      return op + " of " + Arrays.toString(inputs) + ", " + Seeds.replay(seed);
    }

    List<ValueInfo> infer() {
      List<ValueInfo> infos = new ArrayList<>();
      for (Tensor input : inputs) {
        infos.add(input == null ? null : ValueInfo.of("x", input));
      }
      return op.infer(new Operands("it", infos, Arrays.asList(inputs), outputs));
    }

    KernelSpec.Literal spec() {
      List<TensorDesc> operands = new ArrayList<>();
      for (Tensor input : inputs) {
        operands.add(input == null ? null : TensorDesc.plain(input.type(), input.shape()));
      }
      return new KernelSpec.Literal(
          op, operands, infer().stream().map(y -> TensorDesc.plain(y.type(), y.shape())).toList());
    }
  }

  private static final class Maker {
    final RandomGenerator random;
    final long seed;
    final DataType type;

    Maker(long seed) {
      this.seed = seed;
      random = new SplittableRandom(seed);
      type = DataType.values()[random.nextInt(DataType.values().length)];
    }

    Tensor value(DataType type, long... sizes) {
      Tensor tensor = Literally.blank(new ValueInfo("", type, Shape.of(sizes)));
      byte[] bytes = new byte[(int) tensor.data().byteSize()];
      random.nextBytes(bytes);
      for (int i = 0; type == DataType.BOOL && i < bytes.length; i++) {
        bytes[i] &= 1;
      }
      tensor.data().copyFrom(MemorySegment.ofArray(bytes));
      return tensor;
    }

    Tensor data(long... sizes) {
      return value(type, sizes);
    }

    Tensor list(long... values) {
      return Tensor.of(values, values.length);
    }

    long[] sizes(int rank) {
      int most = rank > 3 ? 5 : 19;
      return LongStream.range(0, rank).map(_ -> random.nextInt(1, most)).toArray();
    }

    long[] numbers(int count, int least, int bound) {
      return LongStream.range(0, count).map(_ -> random.nextInt(least, bound)).toArray();
    }

    /// What broadcasts to `x`.
    long[] part(long[] x) {
      return LongStream.of(x)
          .skip(random.nextInt(x.length + 1) / 2)
          .map(n -> random.nextInt(3) == 0 ? 1 : n)
          .toArray();
    }

    Case made(String kernel, Op op, Tensor... inputs) {
      return new Case(kernel, op, 1, seed, inputs);
    }

    Stream<Case> all() {
      long[] x = sizes(random.nextInt(1, 5));
      int axis = random.nextInt(x.length);
      int b = random.nextInt(1, 4);
      long[] image = {1, 3, random.nextInt(1, 9), random.nextInt(1, 9)};
      long[] blocks = {2, 3L * b * b, image[2], image[3]};
      long[] pixels = {2, 3, b * image[2], b * image[3]};
      boolean crd = random.nextBoolean();
      return Stream.of(
          split(x, axis),
          made(
              "strided-copy",
              new Movement.Expand(),
              data(part(x)),
              list(LongStream.of(x).toArray())),
          made("strided-copy", new Movement.Tile(), data(x), list(numbers(x.length, 0, 4))),
          made("strided-copy", new Movement.DepthToSpace(b, crd), data(blocks)),
          made("strided-copy", new Movement.SpaceToDepth(b), data(pixels)),
          pad(x),
          slice(x),
          gather(x, axis),
          made(
              "where-runs",
              new Selection.Where(),
              value(DataType.BOOL, part(x)),
              data(part(x)),
              data(x)),
          compare(x),
          cast(x));
    }

    /// Few values, so that some are equal, and reals that are no numbers.
    Case compare(long[] x) {
      DataType type = one(DataType.F32, DataType.S32, DataType.S64);
      Op[] relations = {
        new Comparison.Equal(),
        new Comparison.Greater(),
        new Comparison.GreaterOrEqual(),
        new Comparison.Less(),
        new Comparison.LessOrEqual()
      };
      Tensor a = value(type, random.nextBoolean() ? x : part(x));
      Tensor b = value(type, random.nextBoolean() ? x : part(x));
      for (Tensor values : List.of(a, b)) {
        for (int i = 0; i < values.elements(); i++) {
          int small = random.nextInt(-2, 3);
          if (type == DataType.F32) {
            values.setFloat(i, small == 2 ? Float.NaN : small * 0.5f);
          } else if (random.nextInt(9) > 0) {
            values.setInteger(i, small);
          }
        }
      }
      return made("comparison-runs", relations[random.nextInt(relations.length)], a, b);
    }

    Case cast(long[] x) {
      DataType from = one(DataType.BOOL, DataType.U8, DataType.S8, DataType.S32, DataType.S64);
      DataType to = one(DataType.F32, DataType.S32, DataType.S64);
      return made("whole-numbers", new Unary.Cast(to), value(from, x));
    }

    DataType one(DataType... types) {
      return types[random.nextInt(types.length)];
    }

    Case split(long[] x, int axis) {
      int first = random.nextInt((int) x[axis] + 1);
      Tensor sizes = list(first, 0, x[axis] - first);
      return new Case("strided-copy", new Movement.Split(axis, 0), 3, seed, data(x), sizes);
    }

    Case pad(long[] x) {
      Movement.PadMode[] modes = Movement.PadMode.values();
      Movement.PadMode mode = modes[random.nextInt(modes.length)];
      boolean last = random.nextBoolean();
      int count = last ? 1 : x.length;
      long[] pads = numbers(2 * count, -1, 7);
      for (int i = 0; i < count; i++) { // something is left
        pads[i] = Math.max(pads[i], (last ? x[x.length - 1] : x[i]) > 2 ? -1 : 0);
        pads[count + i] = Math.max(pads[count + i], pads[i] < 0 ? 0 : -1);
        pads[count + i] = x[last ? x.length - 1 : i] == 1 ? 3 : pads[count + i];
      }
      Movement.Pad op = new Movement.Pad(mode, last ? List.of(-1) : List.of());
      Tensor fill = random.nextBoolean() ? data() : null;
      if (last && random.nextBoolean()) {
        Movement.Pad open = new Movement.Pad(mode, List.of());
        return made("pad-runs", open, data(x), list(pads), fill, list(-1));
      }
      return made("pad-runs", op, data(x), list(pads), fill);
    }

    Case slice(long[] x) {
      int count = random.nextInt(x.length + 1);
      long[] steps = numbers(count, -3, 4);
      for (int i = 0; i < count; i++) {
        steps[i] = steps[i] == 0 ? 1 : steps[i];
      }
      return made(
          "strided-copy",
          new Selection.Slice(),
          data(x),
          list(numbers(count, -9, 9)),
          list(numbers(count, -9, 20)),
          list(LongStream.range(0, count).map(i -> i - x.length).toArray()),
          list(steps));
    }

    Case gather(long[] x, int axis) {
      long n = x[axis];
      long[] places = LongStream.range(0, 6).map(_ -> random.nextLong(-n, n)).toArray();
      Tensor indices =
          random.nextBoolean()
              ? Tensor.of(places, 2, 3)
              : Tensor.of(LongStream.of(places).mapToInt(i -> (int) i).toArray(), 6);
      return made("gather-rows", new Selection.Gather(axis - x.length), data(x), indices);
    }
  }

  static Stream<Case> theyDoWhatTheOperatorMeans() {
    return Seeds.cases(40).boxed().flatMap(seed -> new Maker(seed).all());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void theyDoWhatTheOperatorMeans(Case c) {
    List<Tensor> expected = c.infer().stream().map(Literally::blank).toList();
    Reference.evaluate(c.op(), Arrays.asList(c.inputs()), expected);
    try (Arena arena = Arena.ofShared();
        WeightsCache packed = new WeightsCache();
        Kernel kernel = Kernels.made(new JvmBackend(), c.spec(), new KernelContext(1, packed))) {
      boolean nothing = expected.stream().allMatch(y -> y.elements() == 0);
      assertEquals(nothing ? "literal" : c.kernel(), kernel.implementation());
      Buffers buffers = buffers(arena, c);
      try (Call call = kernel.bind(buffers)) {
        call.run();
        call.run(); // Nothing is left of a run.
        for (int i = 0; i < expected.size(); i++) {
          byte[] actual = buffers.outputs().get(i).toArray(ValueLayout.JAVA_BYTE);
          byte[] wanted = expected.get(i).data().toArray(ValueLayout.JAVA_BYTE);
          assertArrayEquals(wanted, Arrays.copyOf(actual, wanted.length), c::toString);
        }
        if (!nothing) {
          assertEquals(0, Allocated.least(200, call::run), c::toString);
        }
      }
    }
  }

  private static Buffers buffers(Arena arena, Case c) {
    List<MemorySegment> inputs = new ArrayList<>();
    for (Tensor input : c.inputs()) {
      if (input != null) {
        MemorySegment memory = arena.allocate(Math.max(1, input.data().byteSize()), 64);
        inputs.add(memory.copyFrom(input.data()));
      }
    }
    List<MemorySegment> outputs = new ArrayList<>();
    for (TensorDesc y : c.spec().outputs()) {
      outputs.add(arena.allocate(Math.max(1, y.bytes()), 64).fill((byte) 77));
    }
    return new Buffers(inputs, outputs, arena.allocate(1));
  }

  @Test
  void anIndexBeyondItsAxisIsRefused() {
    Maker maker = new Maker(1);
    Case c = maker.made("", new Selection.Gather(0), maker.data(3, 2), maker.list(3));
    try (Arena arena = Arena.ofShared();
        WeightsCache packed = new WeightsCache();
        Kernel kernel = Kernels.made(new JvmBackend(), c.spec(), new KernelContext(1, packed));
        Call call = kernel.bind(buffers(arena, c))) {
      String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
      assertEquals("index 3 is not within axis 0 of [3,2]", message);
    }
  }
}
