package io.octet.graph.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every operator says of its outputs, and what it refuses.
final class InferTest {
  private static final Window K3 = Window.of(3, 3);

  /// @param expected "f32[N,3]", with " = [N, 3]" behind it where the elements are known; or what
  ///   an error says
  /// @param operands "N,3" for f32[N,3], "s64 2" for s64[2], sizes as a list, constants as tensors
  private record Row(String expected, Op op, Object... operands) {
    @Override
    public String toString() {
      return op + " of " + Arrays.toString(operands) + ": " + expected;
    }
  }

  private static Row row(String expected, Op op, Object... operands) {
    return new Row(expected, op, operands);
  }

  private static Dim dim(Object dim) {
    return switch (dim) {
      case Integer n -> Dim.of(n);
      case Dim d -> d;
      default ->
          dim.toString().matches("-?\\d+")
              ? Dim.of(Long.parseLong(dim.toString()))
              : new Dim.Symbol(dim.toString());
    };
  }

  private static Shape shape(String dims) {
    return dims.isEmpty()
        ? Shape.of()
        : new Shape(Stream.of(dims.split(",")).map(InferTest::dim).toList());
  }

  /// A vector of sizes.
  private static ValueInfo sizes(Object... elements) {
    List<Dim> dims = Stream.of(elements).map(InferTest::dim).toList();
    return new ValueInfo("v", DataType.S64, Shape.of(dims.size()), Optional.of(dims));
  }

  private static ValueInfo scalar(Object element) {
    return new ValueInfo("v", DataType.S64, Shape.of(), Optional.of(List.of(dim(element))));
  }

  private static ValueInfo truths(Object... elements) {
    ValueInfo sizes = sizes(elements);
    return new ValueInfo("v", DataType.BOOL, sizes.shape(), sizes.values());
  }

  private static ValueInfo info(String text) {
    String[] parts = text.split(" ", 2);
    boolean typed = parts[0].matches("[a-z]+\\d*") && !parts[0].isEmpty();
    return typed
        ? new ValueInfo(
            "v",
            DataType.valueOf(parts[0].toUpperCase(Locale.ROOT)),
            shape(parts.length > 1 ? parts[1] : ""))
        : new ValueInfo("v", DataType.F32, shape(text));
  }

  private static Operands operands(Row row) {
    List<ValueInfo> infos = new ArrayList<>();
    List<Tensor> constants = new ArrayList<>();
    for (Object operand : row.operands()) {
      constants.add(operand instanceof Tensor t ? t : null);
      infos.add(
          switch (operand) {
            case null -> null;
            case Tensor t -> ValueInfo.of("v", t);
            case ValueInfo v -> v;
            case String s -> info(s);
            default -> throw new IllegalArgumentException(operand.toString());
          });
    }
    int outputs =
        row.op() instanceof Scanning.TopK
            ? 2
            : row.op() instanceof Movement.Split(int _, int parts) ? Math.max(parts, 2) : 1;
    return new Operands("it", infos, constants, outputs);
  }

  private static Tensor longs(long... values) {
    return Tensor.of(values, values.length);
  }

  private static Recurrence lstm() {
    Recurrence.Activation tanh = new Recurrence.Activation(Recurrence.Activation.Curve.TANH, 0, 0);
    return new Recurrence.LSTM(
        new Recurrence.Form(
            Recurrence.Direction.BIDIRECTIONAL, 5, Collections.nCopies(6, tanh), 1, false),
        false);
  }

  /// Of one direction, the batch first.
  private static Recurrence.Form form(int activations) {
    Recurrence.Activation tanh = new Recurrence.Activation(Recurrence.Activation.Curve.TANH, 0, 0);
    return new Recurrence.Form(
        Recurrence.Direction.REVERSE, 5, Collections.nCopies(activations, tanh), 1, true);
  }

  static List<Row> right() {
    List<Row> rows = new ArrayList<>();
    rows.add(row("f32[N,16,26,26]", new Convolution.Conv(K3, 1), "N,3,28,28", "16,3,3,3"));
    rows.add(
        row(
            "s64[1] = [8]",
            new Selection.Slice(),
            sizes(7, 8, 9),
            longs(1),
            longs(3),
            longs(0),
            longs(Long.MAX_VALUE)));
    rows.add(
        row("s64[1]", new Reduction.ReduceSum(true, false), longs(Long.MAX_VALUE, 1), longs(0)));
    rows.add(row("f32[N,10]", new Product.Gemm(1, 1, false, true), "N,64", "10,64", "10"));
    rows.add(row("f32[B,T,5]", new Product.MatMul(), "B,T,7", "7,5"));
    rows.add(row("f32[N,16,(L-4)]", new Convolution.Conv(Window.of(5), 1), "N,3,L", "16,3,5"));
    rows.add(
        row(
            "f32[N,16,8,8,8]",
            new Convolution.Conv(Window.of(3, 3, 3).autoPad(Window.AutoPad.SAME_UPPER), 1),
            "N,3,8,8,8",
            "16,3,3,3,3"));
    rows.add(
        row(
            "f32[N,6,(H*2+1),19]",
            new Convolution.ConvTranspose(K3.stride(2, 2), 2, List.of(0, 0), List.of()),
            "N,4,H,9",
            "4,3,3,3"));
    rows.add(
        row(
            "f32[N,3,20,20]",
            new Convolution.ConvTranspose(K3.stride(2, 2), 1, List.of(0, 0), List.of(20, 20)),
            "N,4,9,9",
            "4,3,3,3"));
    Resampling.Resize doubled =
        Resampling.Resize.of(
            Resampling.Mode.LINEAR, Resampling.Coordinates.HALF_PIXEL, Resampling.Nearest.FLOOR);
    rows.add(
        row("f32[N,3,H*2,5]", doubled, "N,3,H,10", null, Tensor.of(new float[] {1, 1, 2, .5f}, 4)));
    rows.add(row("u8[N,3,7,9]", doubled, "u8 N,3,H,W", null, null, sizes("N", 3, 7, 9)));
    rows.add(row("f32[N,8,9]", new Pooling.LpPool(Window.of(2), false, 2), "N,8,10"));
    rows.add(row("f32[N,8,1,1,1]", new Pooling.GlobalMaxPool(), "N,8,D,H,W"));
    rows.add(row("f32[N,8,1]", new Pooling.GlobalLpPool(2), "N,8,L"));
    rows.add(row("u8[N,8,2,2]", new Pooling.MaxPool(K3.stride(2, 2), false), "u8 N,8,6,6"));
    rows.add(row("f32[N,8,3,3]", new Pooling.AveragePool(K3.stride(2, 2), true, true), "N,8,6,6"));
    rows.add(row("f32[N,8,1,1]", new Pooling.GlobalAveragePool(), "N,8,H,W"));
    for (Op op : unaries()) {
      rows.add(row("f32[N,4]", op, "N,4"));
    }
    rows.add(row("s64[2] = [-3, (-N-1)]", new Unary.Neg(), sizes(3, new Dim.Symbol("N").plus(1))));
    rows.add(row("s64[2] = [3, N]", new Unary.Abs(), sizes(-3, "N")));
    rows.add(row("bool[3] = [1, 0, ?]", new Unary.Not(), truths(0, 1, new Dim.Unknown("w"))));
    rows.add(row("bool[N]", new Unary.Not(), "bool N"));
    rows.add(row("s64[N]", new Unary.Cast(DataType.S64), "N"));
    rows.add(row("s32[2] = [7, N]", new Unary.Cast(DataType.S32), sizes(7, "N")));
    rows.add(row("f16[2]", new Unary.Cast(DataType.F16), sizes(7, "N")));
    rows.add(row("bool[2] = [1, 0]", new Unary.Cast(DataType.BOOL), sizes(7, 0)));
    rows.add(row("f32[B,4,8]", new Binary.Add(), "4,1", "B,1,8"));
    rows.add(row("f32[?]", new Binary.Mul(), "M", "N"));
    rows.add(row("f64[3]", new Binary.Mul(), "f64 3", "f64 1"));
    rows.add(row("f32[N]", new Binary.Sub(), "N", ""));
    rows.add(row("f32[N]", new Binary.Div(), "N", ""));
    rows.add(row("f32[N]", new Binary.Pow(), "N", "s64"));
    rows.add(row("f32[N,4]", new Binary.Max(), "N,4", "4", ""));
    rows.add(row("f32[N,4]", new Binary.Min(), "N,4"));
    rows.add(row("bool[N]", new Binary.And(), "bool N", "bool"));
    rows.add(row("bool[N]", new Binary.Or(), "bool N", "bool"));
    rows.add(row("bool[2] = [0, 1]", new Binary.And(), truths(0, 1), truths(1, 1)));
    rows.add(row("bool[2] = [1, 0]", new Binary.Or(), truths(0, 0), truths(1, 0)));
    rows.add(row("s64[2] = [(N+2), 5]", new Binary.Add(), sizes("N", 3), scalar(2)));
    rows.add(row("s64[2] = [(N-2), 1]", new Binary.Sub(), sizes("N", 3), scalar(2)));
    rows.add(row("s64[] = [N*12]", new Binary.Mul(), scalar("N"), scalar(12)));
    rows.add(row("s64[2] = [floor(N/2), -1]", new Binary.Div(), sizes("N", -3), scalar(2)));
    rows.add(row("s64[1] = [?]", new Binary.Div(), sizes("N"), scalar(0)));
    rows.add(row("s64[3] = [N, 4, ?]", new Binary.Max(), sizes("N", 4, "M"), sizes(-1, 2, 3)));
    rows.add(row("s64[2] = [N, 2]", new Binary.Min(), sizes("N", 4), sizes("N", 2)));
    rows.add(row("s64[1]", new Binary.Mul(), longs(Long.MAX_VALUE), longs(2)));
    rows.add(row("bool[N,4]", new Comparison.Equal(), "N,4", "4"));
    rows.add(row("bool[N]", new Comparison.Greater(), "N", ""));
    rows.add(row("bool[N]", new Comparison.GreaterOrEqual(), "N", ""));
    rows.add(row("bool[N]", new Comparison.Less(), "s64 N", "s64"));
    rows.add(row("bool[N]", new Comparison.LessOrEqual(), "N", ""));
    rows.add(
        row("bool[3] = [0, 1, ?]", new Comparison.Equal(), sizes("N", 4, 4), sizes(-1, 4, "N")));
    rows.add(row("bool[2] = [1, 0]", new Comparison.Greater(), sizes("N", 4), sizes(-1, 4)));
    rows.add(row("f32[N,1,4]", new Reduction.ReduceMean(true, false), "N,C,4", longs(1)));
    rows.add(row("f32[N]", new Reduction.ReduceSum(false, false), "N,C,4", longs(-1, 1)));
    rows.add(row("f32[]", new Reduction.ReduceMax(false, false), "N,C,4"));
    rows.add(row("f32[N,C,4]", new Reduction.ReduceMin(false, true), "N,C,4", longs()));
    rows.add(row("f32[1,1]", new Reduction.ReduceProd(true, false), "N,C", longs()));
    rows.add(row("f32[N]", new Reduction.ReduceL1(false, false), "N,C", longs(1)));
    rows.add(row("f32[N]", new Reduction.ReduceL2(false, false), "N,C", longs(1)));
    rows.add(row("f32[N]", new Reduction.ReduceLogSum(false, false), "N,C", longs(1)));
    rows.add(row("f32[N]", new Reduction.ReduceLogSumExp(false, false), "N,C", longs(1)));
    rows.add(row("s64[1]", new Reduction.ReduceSumSquare(true, false), sizes("N", 4)));
    rows.add(row("s64[2]", new Reduction.ReduceSumSquare(true, true), sizes("N", 4)));
    rows.add(row("bool[N]", new Unary.IsNaN(), "N"));
    rows.add(row("bool[N]", new Unary.IsInf(true, false), "N"));
    rows.add(row("s64[N]", new Unary.BitwiseNot(), "s64 N"));
    rows.add(row("s64[2] = [?, ?]", new Unary.Sign(), sizes("N", 4)));
    rows.add(row("s64[2] = [1, ?]", new Binary.Mod(false), sizes(-3, "N"), scalar(2)));
    rows.add(row("s64[1] = [-1]", new Binary.Mod(true), sizes(-3), scalar(2)));
    rows.add(row("f32[N,3,L]", new Binary.PRelu(), "N,3,L", "3,1"));
    rows.add(row("bool[N]", new Binary.Xor(), "bool N", "bool"));
    rows.add(row("u8[N]", new Binary.BitwiseAnd(), "u8 N", "u8"));
    rows.add(row("u8[N]", new Binary.BitwiseOr(), "u8 N", "u8"));
    rows.add(row("u8[N]", new Binary.BitwiseXor(), "u8 N", "u8"));
    rows.add(row("u8[N]", new Binary.BitShift(true), "u8 N", "u8"));
    rows.add(row("s64[] = [N*4]", new Reduction.ReduceProd(false, false), sizes("N", 4)));
    rows.add(row("s64[1] = [(N+4)]", new Reduction.ReduceSum(true, false), sizes("N", 4)));
    rows.add(
        row("f32[N,4,2]", new Normalization.BatchNormalization(0), "N,4,2", "4", "4", "4", "4"));
    rows.add(row("f32[N,4]", new Normalization.Softmax(-1), "N,4"));
    rows.add(row("f32[N,4]", new Normalization.LogSoftmax(-1), "N,4"));
    rows.add(row("f32[N,4]", new Normalization.Hardmax(0), "N,4"));
    rows.add(row("f32[N,T,4]", new Normalization.LayerNormalization(1, 0), "N,T,4", "4", "1,4"));
    rows.add(row("f32[N,T,4]", new Normalization.RMSNormalization(-1, 0), "N,T,4", "4"));
    rows.add(row("f32[N,4,L]", new Normalization.InstanceNormalization(0), "N,4,L", "4", "4"));
    rows.add(row("f32[N,4,L]", new Normalization.GroupNormalization(2, 0), "N,4,L", "4", "4"));
    rows.add(row("f32[N,4,L]", new Normalization.LRN(3, 1, 1, 1), "N,4,L"));
    rows.addAll(movements());
    rows.addAll(selections());
    rows.addAll(picks());
    rows.addAll(scans());
    rows.addAll(sums());
    rows.addAll(generations());
    rows.add(row("f32[T,2,N,5]", lstm(), "T,N,3", "2,20,3", "2,20,5", "2,40", "s32 N"));
    rows.add(row("f32[N,T,1,5]", new Recurrence.GRU(form(2), true), "N,T,3", "1,15,3", "1,15,5"));
    rows.add(row("f32[N,T,1,5]", new Recurrence.RNN(form(1)), "N,T,3", "1,5,3", "1,5,5", "1,10"));
    rows.add(
        row("s32[N,16,26,26]", new Convolution.ConvInteger(K3, 1), "u8 N,3,28,28", "s8 16,3,3,3"));
    rows.add(row("s32[B,T,5]", new Product.MatMulInteger(), "u8 B,T,7", "s8 7,5", "u8 ", "s8 5"));
    rows.add(row("u8[N,4]", new Quantization.DynamicQuantizeLinear(), "N,4"));
    rows.add(row("s8[N,4]", new Quantization.QuantizeLinear(1, DataType.S8), "N,4", "4"));
    rows.add(row("f32[4]", new Quantization.DequantizeLinear(0), "s32 4", "4"));
    return rows;
  }

  private static List<Op> unaries() {
    return List.of(
        new Unary.Relu(),
        new Unary.Clip(0, 6),
        new Unary.LeakyRelu(0.1f),
        new Unary.Sigmoid(),
        new Unary.HardSigmoid(0.2f, 0.5f),
        new Unary.HardSwish(),
        new Unary.Tanh(),
        new Unary.Neg(),
        new Unary.Abs(),
        new Unary.Sqrt(),
        new Unary.Reciprocal(),
        new Unary.Exp(),
        new Unary.Log(),
        new Unary.Erf(),
        new Unary.Gelu(Unary.Gelu.Approximation.NONE),
        new Unary.Floor(),
        new Unary.Ceil(),
        new Unary.Round(),
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
        new Unary.Elu(1),
        new Unary.Selu(1.67f, 1.05f),
        new Unary.Celu(1),
        new Unary.Softplus(),
        new Unary.Softsign(),
        new Unary.ThresholdedRelu(1),
        new Unary.Mish(),
        new Unary.Sign());
  }

  private static List<Row> movements() {
    Op reshape = new Movement.Reshape(false);
    Op expand = new Movement.Expand();
    return List.of(
        row("f32[N,C*64]", new Movement.Flatten(-3), "N,C,8,8"),
        row("f32[N,12,T,32]", reshape, "N,T,384", longs(0, 12, -1, 32)),
        row("f32[N,T,384]", reshape, "N,T,12,32", sizes("N", "T", 384)),
        row("f32[N,T,384]", reshape, "N,T,12,32", sizes("N", -1, 384)),
        row("f32[N,?]", reshape, "N,T", sizes("N", new Dim.Unknown("w"))),
        row("f32[?,?]", reshape, "N,T", sizes(-1, new Dim.Unknown("w"))),
        row("s64[1] = [N]", reshape, scalar("N"), longs(1)),
        row("f32[B,W,C]", new Movement.Transpose(List.of(0, 2, 1)), "B,C,W"),
        row("f32[(M+N+3),4]", new Movement.Concat(0), "M,4", "N,4", "3,4"),
        row("s64[3] = [N, 12, -1]", new Movement.Concat(0), sizes("N"), sizes(12, -1)),
        row("f32[N,4]", new Movement.Squeeze(), "N,1,4", longs(-2)),
        row("f32[N,4]", new Movement.Squeeze(), "N,1,4,1"),
        row("s64[] = [N]", new Movement.Squeeze(), sizes("N"), longs(0)),
        row("f32[1,N,4,1]", new Movement.Unsqueeze(), "N,4", longs(0, -1)),
        row("s64[1] = [N]", new Movement.Unsqueeze(), scalar("N"), longs(0)),
        row("f32[N,T,4]", expand, "T,1", sizes("N", 1, 4)),
        row("s64[3] = [N, N, N]", expand, scalar("N"), longs(3)),
        row("f32[ceil(N/2),4]", new Movement.Split(0, 2), "N,4"),
        row("s64[2] = [N, C]", new Movement.Split(0, 0), sizes("N", "C", "H"), longs(2, 1)),
        row("s64[2] = [N, C]", new Movement.Split(0, 2), sizes("N", "C", "H")),
        row("f32[N,?]", new Movement.Split(1, 0), "N,4", "s64 2"),
        row("f32[N,8]", new Movement.Tile(), "N,4", longs(1, 2)),
        row("f32[?,?]", new Movement.Tile(), "N,4", "s64 2"),
        row("s64[4] = [N, 3, N, 3]", new Movement.Tile(), sizes("N", 3), longs(2)),
        row("f32[N,7]", pad(Movement.PadMode.REFLECT), "N,4", longs(0, 1, 0, 2)),
        row("f32[(N-2),4]", pad(Movement.PadMode.CONSTANT), "N,4", longs(-1, 0, -1, 0), ""),
        row("f32[N,5]", pad(Movement.PadMode.EDGE, -1), "N,4", longs(0, 1)),
        row("f32[?,?]", pad(Movement.PadMode.WRAP), "N,4", "s64 4"),
        row("f32[N,7]", pad(Movement.PadMode.EDGE), "N,4", longs(1, 2), "", longs(-1)),
        row("f32[?,?]", pad(Movement.PadMode.EDGE), "N,4", longs(1, 2), "", "s64 1"),
        row("f32[N,2,H*3,W*3]", new Movement.DepthToSpace(3, true), "N,18,H,W"),
        row("f32[N,18,2,4]", new Movement.SpaceToDepth(3), "N,2,6,12"),
        row("f32[N,4]", new Movement.Identity(), "N,4"),
        row("s64[1] = [N]", new Movement.Identity(), sizes("N")),
        row("bool[N,4]", new Movement.Dropout(), "bool N,4"));
  }

  private static Op pad(Movement.PadMode mode, Integer... axes) {
    return new Movement.Pad(mode, List.of(axes));
  }

  private static List<Row> picks() {
    Selection.Meeting none = Selection.Meeting.NONE;
    Tensor truths = Tensor.of(DataType.BOOL, new byte[] {1, 0, 1}, 3);
    return List.of(
        row("f32[B,T,8]", new Selection.GatherND(1), "B,5,8", "s64 B,T,1"),
        row("f32[T]", new Selection.GatherND(0), "4,5", "s64 T,2"),
        row("f32[N,2]", new Selection.GatherElements(1), "N,5", "s32 N,2"),
        row("f32[N,5]", new Selection.ScatterND(none), "N,5", "s64 T,1", "T,5"),
        row("f32[N,5]", new Selection.ScatterElements(1, none), "N,5", "s64 N,2", "N,2"),
        row("f32[N,2]", new Selection.Compress(1, false), "N,5", truths),
        row("f32[?]", new Selection.Compress(0, true), "N,5", "bool 3"),
        row("s64[2,?]", new Selection.NonZero(), "N,5"),
        row("s64[1,2]", new Selection.NonZero(), longs(0, 7, 8)),
        row("f32[T,N]", new Selection.ReverseSequence(1, 0), "T,N", "s64 N"),
        row("f32[B,T,T]", new Selection.Trilu(true), "B,T,T", "s64"));
  }

  private static List<Row> scans() {
    return List.of(
        row("s64[N,1]", new Scanning.ArgMax(-1, true, false), "N,5"),
        row("s64[N]", new Scanning.ArgMin(1, false, true), "N,5"),
        row("f32[N,3]", new Scanning.TopK(-1, true), "N,5", longs(3)),
        row("f32[N,?]", new Scanning.TopK(1, false), "N,5", "s64 1"),
        row("f32[N,5]", new Scanning.CumSum(true, true), "N,5", "s32"));
  }

  private static List<Row> sums() {
    return List.of(
        row("f32[B,H,T,S]", new Product.Einsum("bhid,bhjd->bhij"), "B,H,T,64", "B,H,S,64"),
        row("f32[]", new Product.Einsum("i,i"), "5", "5"),
        row("f32[B,4]", new Product.Einsum("... i i -> ... i"), "B,4,4"),
        row("f32[A,3,5]", new Product.Einsum("...ij,...jk"), "A,3,4", "4,5"),
        row("s64[4,3]", new Product.Einsum("ba"), "s64 3,4"));
  }

  private static List<Row> selections() {
    Op slice = new Selection.Slice();
    long end = Long.MAX_VALUE;
    return List.of(
        row("f32[N,T,64]", new Selection.Gather(0), "1000,64", "s64 N,T"),
        row("f32[N,T]", new Selection.Gather(-1), "N,T,8", "s32"),
        row("s64[] = [H]", new Selection.Gather(0), sizes("N", "C", "H"), scalar(-1)),
        row("s64[2] = [H, N]", new Selection.Gather(0), sizes("N", "C", "H"), longs(2, 0)),
        row("f32[N,3]", slice, "N,8", longs(2), longs(5), longs(1)),
        row("f32[N,4]", slice, "N,8", longs(-1), longs(-end), longs(1), longs(-2)),
        row("f32[(N-1),8]", slice, "N,8", longs(1), longs(end)),
        row("f32[(N-1),8]", slice, "N,8", longs(0), longs(-1)),
        row("f32[ceil(N/2),8]", slice, "N,8", longs(0), longs(end), longs(0), longs(2)),
        row("f32[1,T,8]", slice, "1,512,8", longs(0), sizes("T"), longs(1)),
        row("f32[?,8]", slice, "N,8", longs(-3), longs(end)),
        row("f32[?,8]", slice, "N,8", "s64 1", "s64 1"),
        row("s64[2] = [H, W]", slice, sizes("N", "C", "H", "W"), longs(2), longs(end)),
        row("s64[3] = [3, 2, 1]", slice, longs(1, 2, 3), longs(-1), longs(-9), longs(0), longs(-1)),
        row("f32[N,4]", new Selection.Where(), "bool N,1", "4", ""),
        row("s64[2] = [N, 4]", new Selection.Where(), truths(1, 0), sizes("N", "M"), sizes(3, 4)),
        row(
            "s64[2] = [N, ?]",
            new Selection.Where(),
            truths(new Dim.Unknown("w"), new Dim.Unknown("w")),
            sizes("N", "N"),
            sizes("N", 4)));
  }

  private static List<Row> generations() {
    Op range = new Generation.Range();
    return List.of(
        row("s64[3] = [N, 3, H]", new Generation.Shape(), "N,3,H"),
        row("s64[1] = [3]", new Generation.Shape(-2, -1), "N,3,H"),
        row("s64[0] = []", new Generation.Shape(5, 9), "N,3,H"),
        row("s64[] = [H*N*3]", new Generation.Size(), "N,3,H"),
        row("f32[N,3]", new Generation.ConstantOfShape(DataType.F32, 0.5), sizes("N", 3)),
        row("s64[2] = [-1, -1]", new Generation.ConstantOfShape(DataType.S64, -1), sizes(2)),
        row("s64[3] = [1, 3, 5]", range, scalar(1), scalar(6), scalar(2)),
        row("s64[0] = []", range, scalar(6), scalar(1), scalar(2)),
        row("s64[3] = [6, 4, 2]", range, scalar(6), scalar(1), scalar(-2)),
        row("s64[T]", range, scalar(0), scalar("T"), scalar(1)),
        row("f32[3,4]", new Generation.EyeLike(DataType.F32, 1), "s64 3,4"),
        row("f32[N,9]", new Generation.OneHot(-1), "s64 N", scalar(9), "2"),
        row("f32[4,N]", new Generation.OneHot(0), "N", Tensor.scalar(4), "2"),
        row("f32[?,N]", new Generation.OneHot(0), "N", "s64", "2"),
        row("f32[4]", range, Tensor.scalar(0), Tensor.scalar(1), Tensor.scalar(0.25f)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("right")
  void outputsFollowOnnx(Row row) {
    List<ValueInfo> made = row.op().infer(operands(row));
    ValueInfo y = made.getFirst();
    String values = y.values().map(v -> " = " + v).orElse("");
    assertEquals(row.expected(), y.type().toString() + y.shape() + values);
    assertEquals("", y.name());
    Signature signature = row.op().signature();
    Signature.Presence last = signature.outputs().getLast().presence();
    assertTrue(made.size() <= signature.outputs().size() || last == Signature.Presence.VARIADIC);
    assertTrue(signature.types().get(signature.outputs().getFirst().type()).contains(y.type()));
  }

  static List<Row> wrong() {
    List<Row> rows = new ArrayList<>();
    rows.add(row("input has 3 channels", new Convolution.Conv(K3, 1), "N,3,9,9", "64,64,3,3"));
    rows.add(row("two matrices", new Product.Gemm(1, 1, false, true), "N,4,64", "1,64"));
    rows.add(row("inner axes are 7 and 6", new Product.MatMul(), "N,7", "6,5"));
    rows.add(row("does not fit", new Pooling.MaxPool(K3, false), "N,3,2,9"));
    rows.add(row("takes f32", new Pooling.AveragePool(K3, false, false), "u8 N,3,9,9"));
    rows.add(row("needs an image", new Pooling.GlobalAveragePool(), "N,3"));
    rows.add(row("needs an image", new Pooling.GlobalMaxPool(), "N,3"));
    Resampling.Resize resize =
        Resampling.Resize.of(
            Resampling.Mode.NEAREST, Resampling.Coordinates.ASYMMETRIC, Resampling.Nearest.FLOOR);
    rows.add(row("either scales or sizes", resize, "N,3,9,9"));
    rows.add(row("2 sizes for 4 axes", resize, "N,3,9,9", null, null, longs(2, 2)));
    rows.add(row("scale -1.0", resize, "3,9", null, Tensor.of(new float[] {-1, 1}, 2)));
    rows.add(row("needs an image", new Pooling.GlobalLpPool(2), "N,3"));
    rows.add(row("needs an image of 4 axes", new Pooling.LpPool(K3, false, 2), "N,3,9"));
    rows.add(
        row(
            "weights expect 4",
            new Convolution.ConvTranspose(K3, 1, List.of(0, 0), List.of()),
            "N,3,9,9",
            "4,3,3,3"));
    unaries().forEach(op -> rows.add(row("takes ", op, "bool N")));
    rows.add(row("takes bool", new Unary.Not(), "N"));
    rows.add(row("input 0 is absent", new Unary.Cast(DataType.S64)));
    for (Op op : List.of(new Binary.Add(), new Binary.Mul(), new Binary.Sub(), new Binary.Div())) {
      rows.add(row("[N,7] and [N,6] do not broadcast", op, "N,7", "N,6"));
    }
    rows.add(row("takes its exponent as", new Binary.Pow(), "N", "bool"));
    rows.add(row("one type, the first being f32", new Binary.Max(), "N", "s64"));
    rows.add(row("input 0 is absent", new Binary.Min()));
    rows.add(row("takes bool, but \"v\" is s64[N]", new Binary.And(), "bool N", "s64 N"));
    rows.add(row("takes bool", new Binary.Or(), "N", "N"));
    rows.add(row("takes f32, but \"v\" is s64[]", new Comparison.Equal(), "N", "s64"));
    for (Op op : List.of(new Comparison.Greater(), new Comparison.GreaterOrEqual())) {
      rows.add(row("takes f32, u8", op, "bool N", "bool N"));
    }
    for (Op op : List.of(new Comparison.Less(), new Comparison.LessOrEqual())) {
      rows.add(row("do not broadcast", op, "3", "4"));
    }
    rows.add(row("axis 3 is not", new Reduction.ReduceMean(true, false), "N,C,4", longs(3)));
    rows.add(row("of no known length", new Reduction.ReduceSum(false, false), "N,C,4", "s64 R"));
    rows.add(row("takes its axes as s64", new Reduction.ReduceMax(true, false), "N,C", "2"));
    rows.add(row("axis -2 is not", new Reduction.ReduceMin(true, false), "bool N", longs(-2)));
    rows.add(row("takes f32", new Reduction.ReduceL1(true, false), "bool N"));
    rows.add(row("takes f32", new Reduction.ReduceL2(true, false), "bool N"));
    rows.add(row("takes f32", new Reduction.ReduceLogSum(true, false), "bool N"));
    rows.add(row("takes f32", new Reduction.ReduceLogSumExp(true, false), "bool N"));
    rows.add(row("takes f32", new Reduction.ReduceSumSquare(true, false), "bool N"));
    rows.add(row("takes f32", new Unary.IsNaN(), "s64 N"));
    rows.add(row("takes f32", new Unary.IsInf(true, true), "s64 N"));
    rows.add(row("takes u8", new Unary.BitwiseNot(), "N"));
    rows.add(row("takes floats only where fmod is 1", new Binary.Mod(false), "N", "N"));
    rows.add(row("slope [4] does not broadcast to [N,3]", new Binary.PRelu(), "N,3", "4"));
    rows.add(row("takes bool", new Binary.Xor(), "N", "N"));
    rows.add(row("takes u8", new Binary.BitwiseAnd(), "N", "N"));
    rows.add(row("takes u8", new Binary.BitwiseOr(), "N", "N"));
    rows.add(row("takes u8", new Binary.BitwiseXor(), "N", "N"));
    rows.add(row("takes u8", new Binary.BitShift(true), "s8 N", "s8 N"));
    rows.add(row("at most 2 inputs", new Reduction.ReduceProd(true, false), "N", "N", "N"));
    rows.add(
        row(
            "scale must be [4]",
            new Normalization.BatchNormalization(0),
            "N,4",
            "3",
            "4",
            "4",
            "4"));
    rows.add(row("axis 2", new Normalization.Softmax(2), "N,4"));
    rows.add(row("axis -3", new Normalization.LogSoftmax(-3), "N,4"));
    rows.add(row("axis 2", new Normalization.Hardmax(2), "N,4"));
    Op layer = new Normalization.LayerNormalization(-1, 0);
    rows.add(row("scale [N,4] does not broadcast to [4]", layer, "N,4", "N,4"));
    rows.add(row("bias [3] does not broadcast to [4]", layer, "N,4", "4", "3"));
    Op rms = new Normalization.RMSNormalization(2, 0);
    rows.add(row("axis 2", rms, "N,4", "4"));
    rows.add(row("scale must be [4]", new Normalization.InstanceNormalization(0), "N,4", "3", "4"));
    rows.add(row("do not make 3", new Normalization.GroupNormalization(3, 0), "N,4", "4", "4"));
    rows.add(row("needs a channel axis", new Normalization.LRN(3, 1, 1, 1), "N"));
    rows.add(row("axis 3", new Movement.Flatten(3), "N,4"));
    rows.add(row("cannot take shape [3, -1]", new Movement.Reshape(false), "4,4", longs(3, -1)));
    rows.add(row("perm [0, 0]", new Movement.Transpose(List.of(0, 0)), "N,4"));
    rows.add(row("does not join", new Movement.Concat(0), "N,4", "N,5"));
    rows.add(row("[2, 3] are not 4 together", new Movement.Split(0, 0), "4", longs(2, 3)));
    rows.add(row("[-2, 6] are no sizes", new Movement.Split(0, 0), "4", longs(-2, 6)));
    rows.add(row("makes 1 pieces, but has 2", new Movement.Split(0, 0), "4", longs(4)));
    rows.add(row("has no 4 pieces", new Movement.Split(0, 4), "5"));
    rows.add(row("neither sizes nor", new Movement.Split(0, 0), "4"));
    rows.add(row("axis 1 of input [N,2] is not 1", new Movement.Squeeze(), "N,2", longs(1)));
    rows.add(row("axes [0, 0]", new Movement.Unsqueeze(), "N", longs(0, 0)));
    rows.add(row("[3] and [4] do not broadcast", new Movement.Expand(), "3", longs(4)));
    rows.add(row("takes at most 1", new Movement.Identity(), "N", "N"));
    rows.add(row("input 0 is absent", new Movement.Dropout()));
    rows.add(row("index 3 is not within", new Selection.Gather(0), sizes(1, 2, 3), longs(3)));
    rows.add(
        row("a step is 0", new Selection.Slice(), "8", longs(0), longs(5), longs(0), longs(0)));
    rows.add(
        row(
            "cuts axis 0 twice",
            new Selection.Slice(),
            "8",
            longs(0, 0),
            longs(5, 5),
            longs(0, 0)));
    for (Op op : List.of(new Movement.DepthToSpace(2, false), new Movement.SpaceToDepth(2))) {
      rows.add(row("is no multiple of", op, "N,3,3,3"));
    }
    rows.add(row("repeats axis 0 -1 times", new Movement.Tile(), "4", longs(-1)));
    rows.add(row("repeats must be [2]", new Movement.Tile(), "4,4", longs(1)));
    rows.add(row("off input [4]", pad(Movement.PadMode.CONSTANT), "4", longs(-2, -3)));
    rows.add(row("nothing to repeat", pad(Movement.PadMode.EDGE), "0", longs(1, 0)));
    rows.add(
        row("axes [1, 1] twice", pad(Movement.PadMode.EDGE), "2,4", "s64 4", "", longs(1, -1)));
    rows.add(row("and an input", pad(Movement.PadMode.EDGE, 0), "4", longs(0, 0), "", longs(0)));
    rows.add(row("twice", pad(Movement.PadMode.EDGE, 0, -1), "4", longs(0, 0, 0, 0)));
    rows.add(row("3 axes", new Selection.GatherND(0), "4,4", "s64 5,3"));
    rows.add(row("belong together", new Selection.GatherND(2), "4,4", "s64 4,4"));
    rows.add(row("go beyond", new Selection.GatherElements(0), "4,4", "s64 4,5"));
    rows.add(row("another rank", new Selection.GatherElements(0), "4,4", "s64 4"));
    Selection.Meeting add = Selection.Meeting.ADD;
    rows.add(row("updates [5,3]", new Selection.ScatterND(add), "4,4", "s64 5,2", "5,3"));
    rows.add(row("axis 0 of [4]", new Selection.ScatterElements(0, add), "9", "s64 4", "5"));
    rows.add(row("as a vector", new Selection.Compress(0, false), "4", "bool 4,1"));
    rows.add(row("longer than 4", new Selection.Compress(0, false), "4", "bool 5"));
    rows.add(row("input 0 is absent", new Selection.NonZero()));
    rows.add(row("are axis 1", new Selection.ReverseSequence(1, 1), "4,4", "s64 4"));
    rows.add(row("needs matrices", new Selection.Trilu(true), "4"));
    rows.add(row("makes a matrix", new Generation.EyeLike(DataType.F32, 0), "4"));
    rows.add(row("its depth is -1", new Generation.OneHot(0), "4", scalar(-1), "2"));
    rows.add(row("axis 2 is no place", new Generation.OneHot(2), "4", scalar(1), "2"));
    rows.add(row("has no element", new Scanning.ArgMax(0, true, true), "0"));
    rows.add(row("axis 1 is not", new Scanning.ArgMin(1, true, true), "4"));
    rows.add(row("no 5 elements", new Scanning.TopK(0, true), "4", longs(5)));
    rows.add(row("axis 3 is not", new Scanning.CumSum(false, false), "4", scalar(3)));
    rows.add(row("2 terms for 1", new Product.Einsum("ij,jk"), "4,4"));
    rows.add(row("of 3 axes", new Product.Einsum("ij->i"), "4,4,4"));
    rows.add(row("are 4 and 5 long", new Product.Einsum("ij,jk"), "4,4", "5,4"));
    rows.add(row("makes 'z' of nothing", new Product.Einsum("ij->z"), "4,4"));
    rows.add(row("no list of letters", new Product.Einsum("i1->i"), "4,4"));
    rows.add(row("takes bool", new Selection.Where(), "N", "N", "N"));
    rows.add(row("input 0 is absent", new Generation.Shape()));
    rows.add(row("input 0 is absent", new Generation.Size()));
    rows.add(row("of no known length", new Generation.ConstantOfShape(DataType.F32, 0), "s64 R"));
    rows.add(row("its step is 0", new Generation.Range(), scalar(1), scalar(6), scalar(0)));
    rows.add(row("takes scalars", new Generation.Range(), sizes(1, 2), scalar(6), scalar(1)));
    rows.add(row("needs sequences of 3 axes", lstm(), "N,3", "2,20,3", "2,20,5"));
    rows.add(
        row(
            "needs 1 activations, but has 2",
            new Recurrence.RNN(form(2)),
            "T,N,3",
            "1,5,3",
            "1,5,5"));
    rows.add(
        row("W must be [1,15,3]", new Recurrence.GRU(form(2), true), "N,T,3", "1,5,3", "1,15,5"));
    rows.add(
        row(
            "input has 3 channels",
            new Convolution.ConvInteger(K3, 1),
            "u8 N,3,9,9",
            "u8 4,4,3,3"));
    rows.add(row("inner axes are 7 and 6", new Product.MatMulInteger(), "u8 N,7", "s8 6,5"));
    rows.add(
        row("zero points [3]", new Product.MatMulInteger(), "u8 N,7", "s8 7,5", "u8 ", "s8 3"));
    rows.add(row("takes f32", new Quantization.DynamicQuantizeLinear(), "u8 N,4"));
    rows.add(row("not to s64", new Quantization.QuantizeLinear(1, DataType.S64), "N,4", ""));
    rows.add(row("3 scales for axis 1", new Quantization.DequantizeLinear(1), "u8 N,4", "3"));
    return rows;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrong")
  void contradictionsNameTheNode(Row row) {
    OctetException e = assertThrows(OctetException.class, () -> row.op().infer(operands(row)));
    assertTrue(e.getMessage().startsWith("it: "), e::getMessage);
    assertTrue(e.getMessage().contains(row.expected()), e::getMessage);
  }

  @Test
  void everyOperatorIsInBothTables() {
    for (List<Row> table : List.of(right(), wrong())) {
      Set<Class<?>> seen = new HashSet<>();
      table.forEach(r -> seen.add(r.op().getClass()));
      assertEquals(Op.members(), seen);
    }
  }

  @Test
  void everyOperatorHasTraitsThatItsSignatureBears() {
    right()
        .forEach(
            r -> {
              Traits traits = r.op().traits();
              Signature signature = r.op().signature();
              assertTrue(traits.weights().stream().allMatch(i -> i < signature.most()));
              assertTrue(
                  traits.values() == Traits.Values.NEW
                      || signature.isData(0)
                      || signature.isData(1),
                  r::toString);
            });
  }
}
