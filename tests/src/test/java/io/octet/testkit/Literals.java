package io.octet.testkit;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Operands;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/// Operators of every family as {@link KernelSpec.Literal}, with optional inputs there and absent.
public final class Literals {
  private Literals() {}

  /// An operator of any family over small values.
  public static KernelSpec.Literal any(RandomGenerator random) {
    long n = random.nextInt(1, 4);
    long c = random.nextInt(1, 6);
    long h = random.nextInt(2, 8);
    long w = random.nextInt(2, 8);
    TensorDesc image = f32(n, c, h, w);
    DataType[] movable = DataType.values();
    DataType moved = movable[random.nextInt(movable.length)];
    return switch (random.nextInt(10)) {
      case 0 -> of(new Unary.HardSwish(), image);
      case 1 -> of(new Binary.Add(), image, f32(c, 1, w));
      case 2 ->
          of(
              new Convolution.Conv(Window.of(2, 2), 1),
              image,
              f32(3, c, 2, 2),
              random.nextBoolean() ? f32(3) : null);
      case 3 ->
          of(new Product.Gemm(0.5f, 2, false, true), f32(n, c), f32(h, c), perhaps(random, f32(h)));
      case 4 -> of(new Pooling.MaxPool(Window.of(2, 2), false), image);
      case 5 -> of(new Normalization.Softmax(-1), image);
      case 6 -> of(new Movement.Transpose(List.of(2, 0, 3, 1)), plain(moved, n, c, h, w));
      case 7 -> of(new Movement.Concat(1), plain(moved, n, c, h), plain(moved, n, w, h));
      case 8 ->
          of(
              new Quantization.QuantizeLinear(1, DataType.U8),
              image,
              f32(c),
              perhaps(random, plain(DataType.U8, c)));
      default ->
          of(new Normalization.BatchNormalization(1e-5f), image, f32(c), f32(c), f32(c), f32(c));
    };
  }

  /// A normalization of lines, of odd lengths.
  public static KernelSpec.Literal normalization(RandomGenerator random) {
    int groups = random.nextInt(1, 4);
    long n = random.nextInt(1, 4);
    long c = groups * random.nextInt(1, 6);
    long h = random.nextInt(1, 40);
    long w = random.nextInt(10) == 0 ? 2500 : random.nextInt(1, 70);
    TensorDesc x = f32(n, c, h, w);
    float epsilon = 1e-3f;
    return switch (random.nextInt(7)) {
      case 0 ->
          of(new Normalization.LayerNormalization(-1, epsilon), x, f32(w), perhaps(random, f32(w)));
      case 1 -> of(new Normalization.LayerNormalization(2, epsilon), x, f32(h, w), f32(h, w));
      case 2 -> of(new Normalization.LayerNormalization(1, epsilon), x, f32(c, 1, 1), f32(c, 1, 1));
      case 3 -> of(new Normalization.RMSNormalization(-2, epsilon), x, f32(1, w));
      case 4 -> of(new Normalization.InstanceNormalization(epsilon), x, f32(c), f32(c));
      case 5 -> of(new Normalization.LogSoftmax(random.nextInt(-4, 4)), x);
      default -> of(new Normalization.GroupNormalization(groups, epsilon), x, f32(c), f32(c));
    };
  }

  /// A LayerNormalization of one line.
  public static KernelSpec.Literal normalization(long length) {
    return of(new Normalization.LayerNormalization(-1, 1e-5f), f32(1, length), f32(length));
  }

  /// A reduction of floats over the given axes, all where there are none.
  public static KernelSpec.Literal reduction(Reduction op, long[] sizes, long... axes) {
    TensorDesc x = f32(sizes);
    TensorDesc second = plain(DataType.S64, axes.length);
    List<ValueInfo> infos =
        List.of(
            new ValueInfo("x", x.type(), x.shape()),
            new ValueInfo("axes", second.type(), second.shape()));
    List<Tensor> constants = Arrays.asList(null, Tensor.of(axes, axes.length));
    ValueInfo y = op.infer(new Operands(op.name(), infos, constants, 1)).getFirst();
    return new KernelSpec.Literal(
        op, List.of(x, second), List.of(TensorDesc.plain(y.type(), y.shape())));
  }

  /// The operator over those operands, with the outputs that it infers.
  ///
  /// @param operands null where one is absent
  public static KernelSpec.Literal of(Op op, TensorDesc... operands) {
    List<ValueInfo> infos =
        Arrays.asList(
            Arrays.stream(operands)
                .map(x -> x == null ? null : new ValueInfo("x", x.type(), x.shape()))
                .toArray(ValueInfo[]::new));
    List<ValueInfo> made =
        op.infer(new Operands(op.name(), infos, Collections.nCopies(operands.length, null), 1));
    return new KernelSpec.Literal(
        op,
        Arrays.asList(operands),
        made.stream().limit(1).map(y -> TensorDesc.plain(y.type(), y.shape())).toList());
  }

  private static TensorDesc perhaps(RandomGenerator random, TensorDesc operand) {
    return random.nextBoolean() ? operand : null;
  }

  private static TensorDesc f32(long... sizes) {
    return plain(DataType.F32, sizes);
  }

  private static TensorDesc plain(DataType type, long... sizes) {
    return TensorDesc.plain(type, Shape.of(sizes));
  }
}
