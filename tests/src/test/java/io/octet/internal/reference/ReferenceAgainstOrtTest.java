package io.octet.internal.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.octet.OctetException;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Resampling;
import io.octet.graph.op.Scanning;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Signature;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.onnx.Onnx;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literally;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.Seeds;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.IntToLongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Random small nodes of every operator that needs no weights, over every element type: what they
/// mean here, and what a session computes, is what ONNX Runtime computes. Types that it has no
/// kernel for are passed over; sessions take no empty inputs.
final class ReferenceAgainstOrtTest {
  private static final int CASES = 7000;

  /// Operators and types that ONNX Runtime may refuse: means of bytes, slices of scalars, blocks of
  /// integers, pads that wrap, most functions of doubles.
  private static final int MOST_PASSED_OVER = 90;

  private static final List<DataType> TYPES =
      List.of(
          DataType.F32,
          DataType.F64,
          DataType.S32,
          DataType.S64,
          DataType.U8,
          DataType.S8,
          DataType.BOOL);

  /// One node under construction.
  private static final class Case {
    final RandomGenerator random;
    final List<ValueInfo> inputs = new ArrayList<>();
    final Map<String, Tensor> given = new LinkedHashMap<>();
    final Map<String, Tensor> constants = new LinkedHashMap<>();
    final List<String> names = new ArrayList<>();
    int outputs = 1;
    Op op;

    Case(long seed) {
      random = new SplittableRandom(seed);
      DataType type = random.nextInt(3) == 0 ? DataType.F32 : any(TYPES);
      int rank = random.nextInt(0, 4);
      long[] x = LongStream.range(0, rank).map(_ -> random.nextInt(0, 5)).toArray();
      switch (random.nextInt(20)) { // the largest families oftener
        case 19 -> resampling();
        case 13 -> pooling();
        case 14 -> {
          if (random.nextInt(3) == 0) {
            integerConvolution();
          } else {
            convolution();
          }
        }
        case 0, 7, 8, 9 -> unary(type, x);
        case 1, 10 -> binary(type, x);
        case 2 -> comparison(type, x);
        case 3, 15 -> movement(type, x);
        case 4, 16, 17 -> selection(type, x);
        case 18 -> scan(type, x);
        case 5 -> generation(type, x);
        case 11, 12 -> normalization(x);
        default -> reduction(type, x);
      }
    }

    <T> T any(List<T> all) {
      return all.get(random.nextInt(all.size()));
    }

    void value(DataType type, long... sizes) {
      String name = "x" + names.size();
      Tensor tensor = Literally.blank(new ValueInfo(name, type, Shape.of(sizes)));
      for (long i = 0; i < tensor.elements(); i++) {
        int number = type == DataType.U8 ? random.nextInt(1, 9) : random.nextInt(-8, 9);
        if (type.isFloat()) {
          tensor.setReal(i, number / 4.0);
        } else {
          tensor.setInteger(i, type == DataType.BOOL ? number & 1 : number == 0 ? 3 : number);
        }
      }
      inputs.add(new ValueInfo(name, type, Shape.of(sizes)));
      given.put(name, tensor);
      names.add(name);
    }

    int[] integers(int count, int least, int bound) {
      return IntStream.range(0, count).map(_ -> random.nextInt(least, bound)).toArray();
    }

    /// A window of one to three axes, and no image smaller than it.
    Window window(int axes, boolean dilated) {
      int[] kernel = integers(axes, 1, 4);
      Window window = Window.of(kernel).stride(integers(axes, 1, 4));
      if (dilated) {
        window = window.dilation(integers(axes, 1, 3));
      }
      int[] pads = new int[2 * axes];
      for (int i = 0; i < pads.length; i++) { // ONNX Runtime wants a pad smaller than its kernel
        pads[i] = random.nextInt(kernel[i % axes]);
      }
      return window.pads(pads);
    }

    long[] image(int axes, int channels) {
      long[] sizes = new long[2 + axes];
      Arrays.setAll(sizes, i -> random.nextInt(5, 9));
      sizes[0] = random.nextInt(1, 3);
      sizes[1] = channels;
      return sizes;
    }

    void pooling() {
      int axes = random.nextInt(1, 4);
      boolean ceil = random.nextBoolean();
      op =
          switch (random.nextInt(6)) {
            case 0 -> new Pooling.MaxPool(window(axes, true), ceil);
            case 1 -> new Pooling.AveragePool(window(axes, false), ceil, random.nextBoolean());
            case 2 -> new Pooling.LpPool(window(axes, true), false, random.nextInt(1, 4));
            case 3 -> new Pooling.GlobalAveragePool();
            case 4 -> new Pooling.GlobalMaxPool();
            default -> new Pooling.GlobalLpPool(random.nextInt(1, 4));
          };
      value(DataType.F32, image(axes, random.nextInt(1, 4)));
    }

    /// A layer whose weights arrive in the run or are there before.
    void convolution() {
      int axes = random.nextInt(1, 4);
      int groups = random.nextInt(1, 4);
      int in = random.nextInt(1, 4);
      int out = random.nextInt(1, 4);
      Window window = window(axes, true);
      boolean transposed = random.nextBoolean();
      value(DataType.F32, image(axes, groups * in));
      long[] weights = new long[2 + axes];
      for (int i = 0; i < axes; i++) {
        weights[2 + i] = window.kernel().get(i);
      }
      weights[0] = (long) groups * (transposed ? in : out);
      weights[1] = transposed ? out : in;
      value(DataType.F32, weights);
      if (random.nextBoolean()) {
        value(DataType.F32, (long) groups * out);
      }
      if (random.nextBoolean()) { // the same as constants
        names.subList(1, names.size()).forEach(name -> constants.put(name, given.remove(name)));
        inputs.subList(1, inputs.size()).clear();
      }
      op = transposed ? transposed(window, groups) : new Convolution.Conv(window, groups);
    }

    void integerConvolution() {
      int groups = random.nextInt(1, 4);
      int in = random.nextInt(1, 4);
      Window window = window(2, true);
      value(DataType.U8, image(2, groups * in));
      DataType type = random.nextBoolean() ? DataType.U8 : DataType.S8;
      value(type, groups * 2L, in, window.kernel().get(0), window.kernel().get(1));
      if (random.nextBoolean()) {
        constant(Tensor.of(DataType.U8, new byte[] {3}));
        constant(Tensor.of(type, new byte[] {(byte) random.nextInt(4)}));
      }
      op = new Convolution.ConvInteger(window, groups);
    }

    private Op transposed(Window window, int groups) {
      int axes = window.axes();
      List<Integer> more = new ArrayList<>();
      for (int i = 0; i < axes; i++) {
        int most = Math.max(window.strides().get(i), window.dilations().get(i));
        more.add(random.nextInt(most)); // ONNX Runtime wants less than both
      }
      List<Integer> sizes =
          random.nextInt(3) > 0 ? List.of() : IntStream.of(integers(axes, 5, 20)).boxed().toList();
      return new Convolution.ConvTranspose(window, groups, more, sizes);
    }

    /// Height and width anew. Where corners are aligned ONNX counts with parts of pixels, ONNX
    /// Runtime with whole ones.
    void resampling() {
      Resampling.Coordinates coordinates =
          any(
              List.of(
                  Resampling.Coordinates.HALF_PIXEL,
                  Resampling.Coordinates.PYTORCH_HALF_PIXEL,
                  Resampling.Coordinates.ALIGN_CORNERS,
                  Resampling.Coordinates.ASYMMETRIC));
      Resampling.Mode mode = any(List.of(Resampling.Mode.values()));
      boolean cubic = mode == Resampling.Mode.CUBIC;
      op =
          new Resampling.Resize(
              mode,
              coordinates,
              any(List.of(Resampling.Nearest.FLOOR, Resampling.Nearest.CEIL)), // float decides ties
              -0.5f,
              cubic && random.nextBoolean(),
              0,
              false,
              Resampling.Policy.STRETCH,
              List.of());
      long[] x = image(2, 2);
      value(DataType.F32, x);
      names.add("");
      if (coordinates == Resampling.Coordinates.ALIGN_CORNERS || random.nextBoolean()) {
        names.add("");
        list(x[0], x[1], random.nextInt(1, 20), random.nextInt(1, 20));
      } else {
        float[] scales = {1, 1, random.nextInt(1, 4), any(List.of(0.5f, 1.5f, 2.6f))};
        constant(Tensor.of(scales, 4));
      }
    }

    void list(long... values) {
      constant(Tensor.of(values, values.length));
    }

    void constant(Tensor tensor) {
      names.add("c" + names.size());
      constants.put(names.getLast(), tensor);
    }

    void unary(DataType type, long[] x) {
      op =
          any(
              List.of(
                  new Unary.Relu(),
                  new Unary.Clip(-1, 1),
                  new Unary.LeakyRelu(0.25f),
                  new Unary.Sigmoid(),
                  new Unary.HardSigmoid(0.25f, 0.5f),
                  new Unary.HardSwish(),
                  new Unary.Tanh(),
                  new Unary.Neg(),
                  new Unary.Abs(),
                  new Unary.Sqrt(),
                  new Unary.Reciprocal(),
                  new Unary.Exp(),
                  new Unary.Log(),
                  new Unary.Erf(),
                  new Unary.Gelu(any(List.of(Unary.Gelu.Approximation.values()))),
                  new Unary.Floor(),
                  new Unary.Ceil(),
                  new Unary.Round(),
                  new Unary.Not(),
                  new Unary.BitwiseNot(),
                  new Unary.Sign(),
                  new Unary.Sin(),
                  new Unary.Cos(),
                  new Unary.Tan(),
                  new Unary.Asin(),
                  new Unary.Acos(),
                  new Unary.Atan(),
                  new Unary.Sinh(),
                  new Unary.Cosh(),
                  new Unary.Asinh(),
                  new Unary.Acosh(),
                  new Unary.Atanh(),
                  new Unary.Elu(0.5f),
                  new Unary.Selu(1.5f, 1.25f),
                  new Unary.Celu(0.75f),
                  new Unary.Softplus(),
                  new Unary.Softsign(),
                  new Unary.ThresholdedRelu(0.5f),
                  new Unary.Mish(),
                  new Unary.IsNaN(),
                  new Unary.IsInf(random.nextBoolean(), random.nextBoolean()),
                  new Unary.Cast(any(TYPES)),
                  new Unary.Cast(any(TYPES))));
      value(type, x);
    }

    void binary(DataType type, long[] x) {
      op =
          any(
              List.of(
                  new Binary.Add(),
                  new Binary.Mul(),
                  new Binary.Sub(),
                  new Binary.Div(),
                  new Binary.Pow(),
                  new Binary.Max(),
                  new Binary.Min(),
                  new Binary.And(),
                  new Binary.Or(),
                  new Binary.Xor(),
                  new Binary.Mod(type.isFloat() || random.nextBoolean()),
                  new Binary.PRelu(),
                  new Binary.BitwiseAnd(),
                  new Binary.BitwiseOr(),
                  new Binary.BitwiseXor(),
                  new Binary.BitShift(random.nextBoolean())));
      value(type, op instanceof Binary.PRelu ? x : part(x));
      value(type, part(x));
      if ((op instanceof Binary.Max || op instanceof Binary.Min) && random.nextBoolean()) {
        value(type, part(x));
      }
    }

    /// What broadcasts to `x`.
    long[] part(long[] x) {
      return LongStream.of(x)
          .skip(random.nextInt(x.length + 1) / 2)
          .map(n -> random.nextInt(3) == 0 ? 1 : n)
          .toArray();
    }

    void comparison(DataType type, long[] x) {
      op =
          any(
              List.of(
                  new Comparison.Equal(),
                  new Comparison.Greater(),
                  new Comparison.GreaterOrEqual(),
                  new Comparison.Less(),
                  new Comparison.LessOrEqual()));
      value(type, part(x));
      value(type, part(x));
    }

    void movement(DataType type, long[] x) {
      value(type, x);
      int place = random.nextInt(x.length + 1);
      switch (random.nextInt(11)) {
        case 7 -> {
          op = new Movement.Tile();
          list(numbers(x.length, 0, 4));
        }
        case 8, 9 -> pad(x);
        case 10 -> blocks(type, x);
        case 0 -> {
          op = new Movement.Unsqueeze();
          list(random.nextBoolean() ? place : place - x.length - 1);
        }
        case 1 -> {
          op = new Movement.Squeeze();
          long[] ones = LongStream.range(0, x.length).filter(i -> x[(int) i] == 1).toArray();
          if (random.nextBoolean() && ones.length > 0) {
            list(ones[0] - (random.nextBoolean() ? x.length : 0));
          }
        }
        case 2 -> {
          op = new Movement.Expand();
          list(LongStream.of(x).map(n -> n == 1 ? random.nextInt(4) : n).toArray());
        }
        case 3 -> {
          op = new Movement.Concat(x.length == 0 ? 0 : random.nextInt(-x.length, x.length));
          value(type, x);
        }
        case 4 -> {
          List<Integer> perm = new ArrayList<>(IntStream.range(0, x.length).boxed().toList());
          Collections.shuffle(perm, Random.from(random));
          op = new Movement.Transpose(random.nextBoolean() ? List.of() : perm);
        }
        case 5 -> split(x);
        default -> op = new Movement.Flatten(random.nextInt(-x.length, x.length + 1));
      }
    }

    /// Images of their own.
    void blocks(DataType type, long[] x) {
      names.clear();
      inputs.clear();
      given.clear();
      int b = random.nextInt(1, 4);
      boolean apart = random.nextBoolean();
      long[] sizes = {1, 2, random.nextInt(1, 4), random.nextInt(1, 4)};
      sizes[1] *= apart ? b * b : 1;
      sizes[2] *= apart ? 1 : b;
      sizes[3] *= apart ? 1 : b;
      op =
          apart ? new Movement.DepthToSpace(b, random.nextBoolean()) : new Movement.SpaceToDepth(b);
      value(type, sizes);
    }

    void pad(long[] x) {
      Movement.PadMode mode = any(List.of(Movement.PadMode.values()));
      boolean some = x.length > 1 && random.nextBoolean();
      int axes = some ? 1 : x.length;
      op = new Movement.Pad(mode, some ? List.of(-1) : List.of());
      // ONNX Runtime mirrors no more than there is, and does not crop what it repeats.
      int most = mode == Movement.PadMode.CONSTANT ? 4 : 2;
      list(numbers(2 * axes, mode == Movement.PadMode.CONSTANT ? -1 : 0, most));
    }

    void split(long[] x) {
      int axis = x.length == 0 ? 0 : random.nextInt(-x.length, x.length);
      long size = x.length == 0 ? 0 : x[Math.floorMod(axis, x.length)];
      outputs = random.nextInt(1, 4);
      if (random.nextBoolean() && size % outputs == 0) {
        op = new Movement.Split(axis, outputs);
        return;
      }
      op = new Movement.Split(axis, 0);
      long[] sizes = new long[outputs];
      for (int i = 0; i < outputs; i++) {
        sizes[i] = i == outputs - 1 ? size : random.nextLong(size + 1);
        size -= sizes[i];
      }
      list(sizes);
    }

    /// The names of the node's outputs.
    List<String> made() {
      return IntStream.range(0, outputs).mapToObj(i -> "y" + i).toList();
    }

    void selection(DataType type, long[] x) {
      switch (random.nextInt(11)) {
        case 3 -> {
          value(type, grown(x));
          op = new Selection.GatherND(0);
          int depth = random.nextInt(1, x.length + 2);
          table(3, depth, i -> grown(x)[i]);
        }
        case 4 -> {
          value(type, grown(x));
          int axis = random.nextInt(grown(x).length);
          op = new Selection.GatherElements(axis);
          indices(grown(x), axis);
        }
        case 5 -> {
          value(type, grown(x));
          op = new Selection.ScatterND(meeting(type));
          table(1, grown(x).length, i -> grown(x)[i]);
          value(type, 1);
        }
        case 6 -> {
          value(type, grown(x));
          int axis = random.nextInt(grown(x).length);
          op = new Selection.ScatterElements(axis - grown(x).length, meeting(type));
          indices(grown(x), axis);
          value(type, grown(x));
        }
        case 7 -> {
          value(type, grown(x));
          boolean flat = random.nextBoolean();
          op = new Selection.Compress(flat ? 0 : -1, flat);
          long most = flat ? Shape.of(grown(x)).elements() : grown(x)[x.length];
          byte[] truths = new byte[(int) Math.min(most, 3)];
          random.nextBytes(truths);
          for (int i = 0; i < truths.length; i++) {
            truths[i] &= 1;
          }
          constant(Tensor.of(DataType.BOOL, truths, truths.length));
        }
        case 8 -> {
          value(type, x.length == 0 ? new long[] {3} : x);
          constant(given.remove("x0"));
          inputs.clear();
          names.removeFirst();
          op = new Selection.NonZero();
        }
        case 9 -> {
          long[] sizes = {random.nextInt(1, 5), random.nextInt(1, 4), 2};
          value(type, sizes);
          boolean batchFirst = random.nextBoolean();
          op = new Selection.ReverseSequence(batchFirst ? 0 : 1, batchFirst ? 1 : 0);
          list(numbers((int) sizes[batchFirst ? 0 : 1], 1, (int) sizes[batchFirst ? 1 : 0] + 1));
        }
        case 10 -> {
          op = new Selection.Trilu(random.nextBoolean());
          value(type, grown(grown(x)));
          constant(Tensor.of(new long[] {random.nextInt(-3, 4)}));
        }
        case 0 -> {
          op = new Selection.Where();
          value(DataType.BOOL, part(x));
          value(type, part(x));
          value(type, part(x));
        }
        case 1 -> {
          value(type, x);
          int axis = random.nextInt(Math.max(1, x.length));
          op = new Selection.Gather(random.nextBoolean() ? axis : axis - x.length);
          long size = x.length == 0 ? 0 : x[axis];
          long[] picked = new long[size == 0 ? 0 : random.nextInt(4)];
          for (int i = 0; i < picked.length; i++) {
            picked[i] = random.nextLong(-size, size);
          }
          list(picked);
        }
        default -> {
          op = new Selection.Slice();
          value(type, x);
          int count = random.nextInt(x.length + 1);
          list(numbers(count, -6, 7));
          list(numbers(count, -6, 7));
          list(LongStream.range(0, count).map(i -> i - x.length).toArray());
          list(LongStream.of(numbers(count, -3, 3)).map(n -> n == 0 ? 1 : n).toArray());
        }
      }
    }

    /// With a further axis, and none of it empty.
    long[] grown(long[] x) {
      long[] sizes = new long[x.length + 1];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = 1 + (i < x.length ? x[i] : 2);
      }
      return sizes;
    }

    Selection.Meeting meeting(DataType type) {
      boolean number = type == DataType.F32 || type == DataType.S64;
      return number ? any(List.of(Selection.Meeting.values())) : Selection.Meeting.NONE;
    }

    void table(int rows, int columns, IntToLongFunction size) {
      long[] places = new long[rows * columns];
      for (int i = 0; i < places.length; i++) {
        long n = size.applyAsLong(i % columns);
        places[i] = random.nextLong(-n, n);
      }
      constant(Tensor.of(places, rows, columns));
    }

    /// Indices along `axis`, each of them once in a line.
    void indices(long[] sizes, int axis) {
      long inner = 1;
      for (int i = axis + 1; i < sizes.length; i++) {
        inner *= sizes[i];
      }
      long[] places = new long[(int) Shape.of(sizes).elements()];
      for (int i = 0; i < places.length; i++) {
        places[i] = sizes[axis] - 1 - i / inner % sizes[axis];
      }
      constant(Tensor.of(places, sizes));
    }

    void scan(DataType type, long[] x) {
      long[] sizes = grown(x);
      int axis = random.nextInt(-sizes.length, sizes.length);
      value(type, sizes);
      switch (random.nextInt(4)) {
        case 0 -> op = new Scanning.ArgMax(axis, random.nextBoolean(), random.nextBoolean());
        case 1 -> op = new Scanning.ArgMin(axis, random.nextBoolean(), random.nextBoolean());
        case 2 -> {
          op = new Scanning.TopK(axis, random.nextBoolean());
          outputs = 2;
          list(random.nextLong(sizes[Math.floorMod(axis, sizes.length)] + 1));
        }
        default -> {
          op = new Scanning.CumSum(random.nextBoolean(), random.nextBoolean());
          constant(Tensor.of(new long[] {axis}));
        }
      }
    }

    long[] numbers(int count, int least, int bound) {
      return LongStream.range(0, count).map(_ -> random.nextInt(least, bound)).toArray();
    }

    void generation(DataType type, long[] x) {
      switch (random.nextInt(6)) {
        case 4 -> {
          op = new Generation.EyeLike(type, random.nextInt(-2, 3));
          value(type, random.nextInt(1, 5), random.nextInt(1, 5));
        }
        case 5 -> {
          op = new Generation.OneHot(random.nextInt(-x.length - 1, x.length + 1));
          value(random.nextBoolean() ? DataType.S64 : DataType.F32, x);
          Tensor indices = given.get("x0");
          for (long i = 0; i < indices.elements(); i++) {
            if (indices.type() == DataType.F32) {
              indices.setFloat(i, random.nextInt(-5, 6));
            }
          }
          list(random.nextInt(1, 6));
          value(type, 2);
        }
        case 0 -> {
          op = new Generation.Shape(random.nextInt(-4, 4), random.nextInt(-4, 5));
          value(type, x);
        }
        case 1 -> {
          op = new Generation.Size();
          value(type, x);
        }
        case 2 -> {
          op = new Generation.ConstantOfShape(type, type == DataType.BOOL ? 1 : 3);
          list(x);
        }
        default -> {
          op = new Generation.Range();
          for (int number :
              new int[] {random.nextInt(9), random.nextInt(9), random.nextInt(1, 4)}) {
            Tensor tensor = Literally.blank(new ValueInfo("", type, Shape.of()));
            if (type.isFloat()) {
              tensor.setReal(0, number);
            } else {
              tensor.setInteger(0, number);
            }
            constant(tensor);
          }
        }
      }
    }

    void reduction(DataType type, long[] x) {
      boolean keep = random.nextBoolean();
      boolean noop = random.nextInt(4) == 0;
      // A whole number that is no logarithm's is what the processor makes of it.
      op =
          any(
              type.isFloat() && random.nextBoolean()
                  ? List.of(
                      new Reduction.ReduceL2(keep, false),
                      new Reduction.ReduceLogSum(keep, false),
                      new Reduction.ReduceLogSumExp(keep, false))
                  : List.of(
                      new Reduction.ReduceMean(keep, false),
                      new Reduction.ReduceSum(keep, noop),
                      new Reduction.ReduceProd(keep, false),
                      new Reduction.ReduceMax(keep, false),
                      new Reduction.ReduceMin(keep, false),
                      new Reduction.ReduceL1(keep, false),
                      new Reduction.ReduceSumSquare(keep, false)));
      // What ONNX Runtime makes of none is its own.
      boolean grows = op instanceof Reduction.ReduceProd && !type.isFloat();
      value(type, LongStream.of(x).map(n -> grows ? Math.min(n + 1, 2) : n + 1).toArray());
      if (noop) {
        list();
      } else if (random.nextInt(4) > 0 && x.length > 0) {
        int axis = random.nextInt(x.length);
        list(random.nextBoolean() ? axis : axis - x.length);
      }
    }

    void normalization(long[] some) {
      long[] x = LongStream.concat(LongStream.of(2, 4), LongStream.of(some)).toArray();
      x[0] = random.nextInt(4);
      float epsilon = 1 / 64f;
      value(DataType.F32, x);
      int axis = random.nextInt(-x.length, x.length);
      switch (random.nextInt(9)) {
        case 0 -> op = new Normalization.Softmax(axis);
        case 1 -> op = new Normalization.LogSoftmax(axis);
        case 2 -> op = new Normalization.Hardmax(axis);
        case 3 -> {
          op = new Normalization.LayerNormalization(axis, epsilon);
          value(DataType.F32, from(x, axis));
          if (random.nextBoolean()) {
            value(DataType.F32, from(x, axis));
          }
        }
        case 4 -> {
          op = new Normalization.RMSNormalization(axis, epsilon);
          value(DataType.F32, from(x, axis));
        }
        case 5 -> vectors(new Normalization.InstanceNormalization(epsilon), 2);
        case 6 -> vectors(new Normalization.GroupNormalization(2, epsilon), 2);
        case 7 -> vectors(new Normalization.BatchNormalization(epsilon), 3);
        default -> op = new Normalization.LRN(1 + 2 * random.nextInt(3), 0.5f, 0.75f, 1);
      }
      if (op instanceof Normalization.BatchNormalization) {
        constant(Tensor.of(new float[] {1, 2, 0.5f, 0}, 4));
      }
    }

    long[] from(long[] x, int axis) {
      return LongStream.of(x).skip(axis < 0 ? axis + x.length : axis).toArray();
    }

    void vectors(Op normalization, int count) {
      op = normalization;
      for (int i = 0; i < count; i++) {
        value(DataType.F32, 4);
      }
    }

    /// The graph, or null where this is no node of ours: of another type, say.
    Graph graph() {
      Node node = new Node("node", op, names, made());
      ValueInfo y = new ValueInfo("y0", DataType.F32, Shape.of());
      Graph untyped = new Graph("case", inputs, List.of(y), constants, List.of(node));
      try {
        Map<String, ValueInfo> infos = ShapeInference.infer(untyped);
        return untyped.withOutputs(made().stream().map(infos::get).toList());
      } catch (OctetException e) {
        return null;
      }
    }
  }

  @Test
  void everyOperatorMeansWhatItMeansToOnnxRuntime() throws Exception {
    int answered = 0;
    Set<String> missing = new TreeSet<>();
    Set<String> seen = new TreeSet<>();
    long[] seeds = Seeds.cases(CASES).toArray();
    for (long seed : seeds) {
      Case c = new Case(seed);
      Graph graph = c.graph();
      if (graph == null) {
        continue;
      }
      Map<String, Tensor> expected;
      try (OrtRunner ort = new OrtRunner(Onnx.toBytes(graph))) {
        expected = ort.run(c.given);
      } catch (OrtException | OctetException.Unsupported e) {
        missing.add(c.op.name() + " of " + (c.inputs.isEmpty() ? "" : c.inputs.getFirst().type()));
        continue;
      }
      seen.add(c.op.name());
      assertSame(expected, Literally.run(graph, c.given), c, seed);
      if (c.given.values().stream().allMatch(t -> t.elements() > 0)) {
        try (Session session = Session.open(graph);
            Arena arena = Arena.ofConfined()) {
          assertSame(expected, session.run(c.given, arena), c, seed);
        }
      }
      answered++;
    }
    if (seeds.length >= CASES) { // one that is repeated is one operator
      assertEquals(Set.of(), minus(names(), seen), "ONNX Runtime answered " + answered);
    }
    assertTrue(missing.size() < MOST_PASSED_OVER, missing::toString);
  }

  /// The operators of these families, but for those that only say a shape anew.
  private static Set<String> names() {
    Set<String> names =
        Stream.of(
                Unary.signatures(),
                Binary.signatures(),
                Comparison.signatures(),
                Movement.signatures(),
                Scanning.signatures(),
                Selection.signatures(),
                Generation.signatures(),
                Normalization.signatures(),
                Reduction.signatures(),
                Convolution.signatures(),
                Pooling.signatures(),
                Resampling.signatures())
            .flatMap(List::stream)
            .map(Signature::name)
            .collect(Collectors.toCollection(TreeSet::new));
    return minus(names, Set.of("Reshape", "Identity", "Dropout", "ConvInteger"));
  }

  private static Set<String> minus(Set<String> all, Set<String> some) {
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  private static void assertSame(
      Map<String, Tensor> expected, Map<String, Tensor> actual, Case c, long seed) {
    assertEquals(Set.copyOf(c.made()), expected.keySet());
    c.made().forEach(name -> assertSame(expected.get(name), actual.get(name), c, seed));
  }

  private static void assertSame(Tensor expected, Tensor actual, Case c, long seed) {
    String what = c.op + " " + c.inputs + " " + c.constants + ", " + Seeds.replay(seed);
    assertEquals(expected.toString(), actual.toString(), what);
    // ONNX Runtime adds up, and counts positions, in float.
    double close = c.op instanceof Resampling || c.op instanceof Convolution ? 1e-5 : 1e-6;
    for (long i = 0; i < expected.elements(); i++) {
      double e = expected.getReal(i);
      double a = actual.getReal(i);
      boolean same = e == a || Double.isNaN(e) && Double.isNaN(a);
      int at = (int) i;
      assertTrue(
          same || expected.type().isFloat() && Math.abs(e - a) <= close * Math.max(1, Math.abs(e)),
          () -> what + " at " + at + ": expected " + e + ", but is " + a);
    }
  }
}
