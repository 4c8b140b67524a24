package io.octet.internal.compile;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Recurrence;
import io.octet.graph.op.Recurrence.Activation;
import io.octet.graph.op.Recurrence.Activation.Curve;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Resampling;
import io.octet.graph.op.Scanning;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operator there is, behind quantized data and without a range of its own. One that has int8
/// kernels and runs in FP32 is a fallback; whatever the others say, they are none.
class EveryOperatorTest {
  /// What reads truths, sizes, a condition, or the integers themselves: no quantized data lead into
  /// these.
  private static final Set<Class<?>> ON_NO_REALS =
      Set.of(
          Convolution.ConvInteger.class,
          Product.MatMulInteger.class,
          Unary.Not.class,
          Binary.And.class,
          Binary.Or.class,
          Binary.Xor.class,
          Binary.BitwiseAnd.class,
          Binary.BitwiseOr.class,
          Binary.BitwiseXor.class,
          Binary.BitShift.class,
          Unary.BitwiseNot.class,
          Selection.Where.class,
          Generation.Shape.class,
          Generation.Size.class,
          Generation.ConstantOfShape.class,
          Generation.Range.class,
          Generation.EyeLike.class,
          Generation.OneHot.class,
          Selection.NonZero.class);

  /// What becomes of such a node.
  private enum Fate {
    /// It has int8 kernels, and runs in FP32 for want of a range.
    FALLBACK,
    /// The same, but because sums of two activations may saturate here.
    FALLBACK_SATURATES,
    /// It keeps its input's parameters, or is a step between int8 and float itself.
    INT8,
    /// It has no int8 kernel at all.
    FLOAT
  }

  /// @param constants further inputs, after the data
  private record Expected(Op op, int dataInputs, Fate fate, Tensor... constants) {
    static Expected of(Op op, Fate fate, Tensor... constants) {
      return new Expected(op, 1, fate, constants);
    }

    static Expected ofTwo(Op op, Fate fate) {
      return new Expected(op, 2, fate);
    }

    @Override
    public String toString() {
      return dataInputs + " quantized into " + op;
    }
  }

  static Stream<Expected> everyOperator() {
    Window two = Window.of(2, 2);
    Tensor channels = Tensor.of(new float[] {1, 2, 3, 4}, 4);
    Tensor floatWeights = Tensor.of(new float[8 * 4], 8, 4, 1, 1);
    Tensor floatMatrix = Tensor.of(new float[6 * 5], 6, 5);
    Tensor one = Tensor.of(new long[] {1}, 1);
    Tensor last = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 6);
    return Stream.of(
        Expected.of(new Convolution.Conv(Window.of(1, 1), 1), Fate.FALLBACK, floatWeights),
        Expected.ofTwo(new Product.Gemm(1, 1, false, false), ofTwoActivations()),
        Expected.of(new Product.MatMul(), Fate.FALLBACK, floatMatrix),
        Expected.ofTwo(new Product.MatMul(), ofTwoActivations()),
        Expected.of(
            new Normalization.BatchNormalization(1e-5f),
            Fate.FLOAT,
            channels,
            channels,
            channels,
            channels),
        Expected.of(new Unary.Relu(), Fate.FALLBACK),
        Expected.of(new Unary.Clip(0, 6), Fate.FALLBACK),
        Expected.of(new Unary.LeakyRelu(0.1f), Fate.FALLBACK),
        Expected.of(new Unary.Sigmoid(), Fate.FALLBACK),
        Expected.of(new Unary.HardSigmoid(0.2f, 0.5f), Fate.FALLBACK),
        Expected.of(new Unary.HardSwish(), Fate.FALLBACK),
        Expected.of(new Unary.Tanh(), Fate.FALLBACK),
        Expected.of(new Unary.Neg(), Fate.FALLBACK),
        Expected.of(new Unary.Abs(), Fate.FALLBACK),
        Expected.of(new Unary.Sqrt(), Fate.FALLBACK),
        Expected.of(new Unary.Reciprocal(), Fate.FALLBACK),
        Expected.of(new Unary.Exp(), Fate.FALLBACK),
        Expected.of(new Unary.Log(), Fate.FALLBACK),
        Expected.of(new Unary.Erf(), Fate.FALLBACK),
        Expected.of(new Unary.Gelu(Unary.Gelu.Approximation.TANH), Fate.FALLBACK),
        Expected.of(new Unary.Cast(DataType.F64), Fate.FLOAT),
        Expected.of(new Unary.Floor(), Fate.FALLBACK),
        Expected.of(new Unary.Ceil(), Fate.FALLBACK),
        Expected.of(new Unary.Round(), Fate.FALLBACK),
        Expected.of(new Unary.Sign(), Fate.FALLBACK),
        Expected.of(new Unary.Sin(), Fate.FALLBACK),
        Expected.of(new Unary.Cos(), Fate.FALLBACK),
        Expected.of(new Unary.Tan(), Fate.FALLBACK),
        Expected.of(new Unary.Asin(), Fate.FALLBACK),
        Expected.of(new Unary.Acos(), Fate.FALLBACK),
        Expected.of(new Unary.Atan(), Fate.FALLBACK),
        Expected.of(new Unary.Sinh(), Fate.FALLBACK),
        Expected.of(new Unary.Cosh(), Fate.FALLBACK),
        Expected.of(new Unary.Asinh(), Fate.FALLBACK),
        Expected.of(new Unary.Acosh(), Fate.FALLBACK),
        Expected.of(new Unary.Atanh(), Fate.FALLBACK),
        Expected.of(new Unary.Elu(1), Fate.FALLBACK),
        Expected.of(new Unary.Selu(1.67f, 1.05f), Fate.FALLBACK),
        Expected.of(new Unary.Celu(1), Fate.FALLBACK),
        Expected.of(new Unary.Softplus(), Fate.FALLBACK),
        Expected.of(new Unary.Softsign(), Fate.FALLBACK),
        Expected.of(new Unary.ThresholdedRelu(1), Fate.FALLBACK),
        Expected.of(new Unary.Mish(), Fate.FALLBACK),
        Expected.of(new Unary.IsNaN(), Fate.FLOAT),
        Expected.of(new Unary.IsInf(true, true), Fate.FLOAT),
        Expected.ofTwo(new Binary.Add(), Fate.FALLBACK),
        Expected.ofTwo(new Binary.Mul(), Fate.FALLBACK),
        Expected.ofTwo(new Binary.Sub(), Fate.FLOAT),
        Expected.ofTwo(new Binary.Div(), Fate.FLOAT),
        Expected.ofTwo(new Binary.Pow(), Fate.FLOAT),
        Expected.ofTwo(new Binary.Mod(true), Fate.FLOAT),
        Expected.ofTwo(new Binary.PRelu(), Fate.FLOAT),
        Expected.ofTwo(new Binary.Max(), Fate.FLOAT),
        Expected.ofTwo(new Binary.Min(), Fate.FLOAT),
        Expected.ofTwo(new Comparison.Equal(), Fate.FLOAT),
        Expected.ofTwo(new Comparison.Greater(), Fate.FLOAT),
        Expected.ofTwo(new Comparison.GreaterOrEqual(), Fate.FLOAT),
        Expected.ofTwo(new Comparison.Less(), Fate.FLOAT),
        Expected.ofTwo(new Comparison.LessOrEqual(), Fate.FLOAT),
        Expected.of(new Reduction.ReduceMean(true, false), Fate.FLOAT, one),
        Expected.of(new Reduction.ReduceSum(true, false), Fate.FLOAT, one),
        Expected.of(new Reduction.ReduceProd(true, false), Fate.FLOAT, one),
        Expected.of(new Reduction.ReduceMax(true, false), Fate.INT8, one),
        Expected.of(new Reduction.ReduceMin(true, false), Fate.INT8, one),
        Expected.of(new Reduction.ReduceL1(true, false), Fate.FLOAT, one),
        Expected.of(new Reduction.ReduceL2(true, false), Fate.FLOAT, one),
        Expected.of(new Reduction.ReduceLogSum(true, false), Fate.FLOAT, one),
        Expected.of(new Reduction.ReduceLogSumExp(true, false), Fate.FLOAT, one),
        Expected.of(new Reduction.ReduceSumSquare(true, false), Fate.FLOAT, one),
        Expected.of(new Selection.Gather(1), Fate.INT8, one),
        Expected.of(new Selection.Slice(), Fate.INT8, one, Tensor.of(new long[] {3}, 1)),
        Expected.of(new Movement.Expand(), Fate.INT8, Tensor.of(new long[] {2, 1, 1, 1}, 4)),
        Expected.of(new Pooling.MaxPool(two, false), Fate.INT8),
        Expected.of(new Pooling.AveragePool(two, false, false), Fate.FALLBACK),
        Expected.of(new Pooling.GlobalAveragePool(), Fate.FALLBACK),
        Expected.of(new Pooling.GlobalMaxPool(), Fate.INT8),
        Expected.of(
            Resampling.Resize.of(
                Resampling.Mode.NEAREST,
                Resampling.Coordinates.ASYMMETRIC,
                Resampling.Nearest.FLOOR),
            Fate.INT8,
            null,
            Tensor.of(new float[] {1, 1, 2, 2}, 4)),
        Expected.of(
            new Resampling.Resize(
                Resampling.Mode.CUBIC,
                Resampling.Coordinates.ALIGN_CORNERS,
                Resampling.Nearest.FLOOR,
                -0.75f,
                false,
                0,
                false,
                Resampling.Policy.STRETCH,
                List.of(3)),
            Fate.FALLBACK,
            null,
            null,
            one),
        Expected.of(new Pooling.LpPool(two, false, 2), Fate.FLOAT),
        Expected.of(new Pooling.GlobalLpPool(2), Fate.FLOAT),
        Expected.of(
            new Convolution.ConvTranspose(two, 1, List.of(0, 0), List.of()),
            Fate.FALLBACK,
            Tensor.of(new float[4 * 3 * 2 * 2], 4, 3, 2, 2)),
        Expected.of(new Movement.Flatten(1), Fate.INT8),
        Expected.of(new Movement.Reshape(false), Fate.INT8, Tensor.of(new long[] {1, 4, 36}, 3)),
        Expected.of(new Movement.Transpose(List.of(0, 2, 3, 1)), Fate.INT8),
        Expected.of(new Movement.Split(1, 1), Fate.INT8),
        Expected.of(new Movement.Tile(), Fate.INT8, Tensor.of(new long[] {1, 2, 1, 1}, 4)),
        Expected.of(
            new Movement.Pad(Movement.PadMode.CONSTANT, List.of(2, 3)),
            Fate.INT8,
            Tensor.of(new long[] {1, 0, 1, 2}, 4)),
        Expected.of(new Movement.DepthToSpace(2, false), Fate.INT8),
        Expected.of(new Movement.SpaceToDepth(2), Fate.INT8),
        Expected.of(new Selection.GatherND(1), Fate.INT8, Tensor.of(new long[] {1}, 1, 1)),
        Expected.of(
            new Selection.GatherElements(1), Fate.INT8, Tensor.of(new long[] {1}, 1, 1, 1, 1)),
        Expected.of(
            new Selection.ScatterND(Selection.Meeting.NONE),
            Fate.FLOAT,
            Tensor.of(new long[] {0, 1, 2, 3}, 1, 4),
            Tensor.of(new float[] {1}, 1)),
        Expected.of(
            new Selection.ScatterElements(1, Selection.Meeting.ADD),
            Fate.FLOAT,
            Tensor.of(new long[] {1}, 1, 1, 1, 1),
            Tensor.of(new float[] {1}, 1, 1, 1, 1)),
        Expected.of(
            new Selection.Compress(1, false),
            Fate.INT8,
            Tensor.of(DataType.BOOL, new byte[] {1, 0, 1}, 3)),
        Expected.of(new Selection.ReverseSequence(0, 1), Fate.INT8, Tensor.of(new long[] {3}, 1)),
        Expected.of(new Selection.Trilu(true), Fate.FLOAT),
        Expected.of(new Scanning.ArgMax(1, true, false), Fate.FLOAT),
        Expected.of(new Scanning.ArgMin(1, false, true), Fate.FLOAT),
        Expected.of(new Scanning.TopK(1, true), Fate.INT8, Tensor.of(new long[] {2}, 1)),
        Expected.of(new Scanning.CumSum(false, true), Fate.FLOAT, one),
        Expected.of(new Product.Einsum("abcd->dcba"), Fate.FLOAT),
        Expected.ofTwo(new Movement.Concat(1), Fate.FALLBACK),
        Expected.of(new Normalization.Softmax(1), Fate.FLOAT),
        Expected.of(
            new Recurrence.LSTM(form(Curve.SIGMOID, Curve.TANH, Curve.TANH), false),
            Fate.FLOAT,
            Tensor.of(new float[8 * 6], 1, 8, 6),
            Tensor.of(new float[8 * 2], 1, 8, 2)),
        Expected.of(
            new Recurrence.GRU(form(Curve.SIGMOID, Curve.TANH), true),
            Fate.FLOAT,
            Tensor.of(new float[6 * 6], 1, 6, 6),
            Tensor.of(new float[6 * 2], 1, 6, 2)),
        Expected.of(
            new Recurrence.RNN(form(Curve.TANH)),
            Fate.FLOAT,
            Tensor.of(new float[2 * 6], 1, 2, 6),
            Tensor.of(new float[2 * 2], 1, 2, 2)),
        Expected.of(new Normalization.LogSoftmax(1), Fate.FLOAT),
        Expected.of(new Normalization.Hardmax(1), Fate.FLOAT),
        Expected.of(new Normalization.LayerNormalization(-1, 1e-5f), Fate.FLOAT, last, last),
        Expected.of(new Normalization.RMSNormalization(-1, 1e-5f), Fate.FLOAT, last),
        Expected.of(new Normalization.InstanceNormalization(0), Fate.FLOAT, channels, channels),
        Expected.of(new Normalization.GroupNormalization(2, 0), Fate.FLOAT, channels, channels),
        Expected.of(new Normalization.LRN(3, 1, 0.75f, 1), Fate.FLOAT),
        Expected.of(new Movement.Squeeze(), Fate.INT8, Tensor.of(new long[] {0}, 1)),
        Expected.of(new Movement.Unsqueeze(), Fate.INT8, Tensor.of(new long[] {0}, 1)),
        Expected.of(new Movement.Identity(), Fate.INT8),
        Expected.of(new Movement.Dropout(), Fate.INT8),
        Expected.of(
            new Quantization.QuantizeLinear(0, DataType.U8),
            Fate.INT8,
            Tensor.scalar(0.5f),
            Tensor.of(DataType.U8, new byte[] {3})),
        Expected.of(new Quantization.DynamicQuantizeLinear(), Fate.FLOAT),
        Expected.of(new Quantization.DequantizeLinear(0), Fate.INT8, Tensor.scalar(0.5f)));
  }

  private static Fate ofTwoActivations() {
    return DnnlIsa.effective().hasVnni() ? Fate.INT8 : Fate.FALLBACK_SATURATES;
  }

  private static Recurrence.Form form(Curve... curves) {
    List<Activation> activations =
        Arrays.stream(curves).map(curve -> new Activation(curve, 0, 0)).toList();
    return new Recurrence.Form(
        Recurrence.Direction.FORWARD, 2, activations, Float.POSITIVE_INFINITY, false);
  }

  @Test
  void noOperatorIsLeftOut() {
    Set<Class<?>> walked = everyOperator().map(e -> e.op().getClass()).collect(toSet());
    Set<Class<?>> expected = new HashSet<>(Op.members());
    expected.removeAll(ON_NO_REALS);
    assertEquals(expected, walked);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyOperator")
  void anOperatorWithInt8KernelsThatRunsInFloatBehindQuantizedDataIsAFallback(Expected expected) {
    NodePlan row = row(expected);
    boolean fallback =
        expected.fate() == Fate.FALLBACK || expected.fate() == Fate.FALLBACK_SATURATES;
    assertEquals(fallback, row.fallback(), row::toString);
    assertEquals(expected.fate() == Fate.INT8, row.int8(), row::toString);
    switch (expected.fate()) {
      case FALLBACK -> assertEquals(RefusalCode.MISSING_RANGE, row.code(), row::toString);
      case FALLBACK_SATURATES ->
          assertEquals(RefusalCode.WOULD_SATURATE, row.code(), row::toString);
      case FLOAT -> assertEquals(RefusalCode.NOT_QUANTIZED, row.code(), row::toString);
      case INT8 -> assertEquals(null, row.code(), row::toString);
    }
    assertEquals(expected.fate() == Fate.INT8, row.detail().isEmpty(), row::toString);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyOperator")
  void noOperatorOnFloatDataIsAFallback(Expected expected) {
    if (!(expected.op() instanceof Quantization.DequantizeLinear)) {
      assertEquals(false, row(expected, false).fallback());
    }
  }

  private static NodePlan row(Expected expected) {
    return row(expected, true);
  }

  /// The row of the operator in a network that reads its result as floats.
  private static NodePlan row(Expected expected, boolean quantized) {
    QdqNet net = new QdqNet();
    List<String> inputs = new ArrayList<>();
    boolean matrix = expected.op() instanceof Product.Gemm;
    boolean raw = expected.op() instanceof Quantization.DequantizeLinear;
    for (int i = 0; i < expected.dataInputs(); i++) {
      String x =
          matrix
              ? net.input("x" + i, 6, 6)
              : expected.op() instanceof Recurrence
                  ? net.input("x" + i, 4, 6, 6)
                  : net.input("x" + i, 1, 4, 6, 6);
      float scale = 0.03f + 0.02f * i;
      inputs.add(
          raw
              ? net.quantize("q", x, DataType.S8, scale, 0)
              : quantized ? net.s8("q" + i, x, scale) : x);
    }
    for (int i = 0; i < expected.constants().length; i++) {
      Tensor constant = expected.constants()[i];
      inputs.add(constant == null ? "" : net.constant("c" + i, constant));
    }
    String it = net.node("it", expected.op(), inputs.toArray(String[]::new));
    boolean integers = expected.op() instanceof Quantization.QuantizeLinear;
    String out =
        integers ? net.node("out", new Quantization.DequantizeLinear(0), it, "c0", "c1") : it;
    Graph graph = net.graph(out);
    Map<String, Tensor> images = new HashMap<>();
    graph.inputs().forEach(i -> images.put(i.name(), QdqNet.image(1, i.shape().sizes())));
    try (Compiled compiled = new Compiled(graph, "onednn", CompileOptions.DEFAULT, images)) {
      compiled.run(images);
      NodePlan row = compiled.row("it");
      return row != null
          ? row
          : compiled.rows().stream()
              .filter(r -> r.op().equals(expected.op().name()))
              .findFirst()
              .orElseThrow(() -> new AssertionError(Arrays.toString(compiled.rows().toArray())));
    }
  }
}
