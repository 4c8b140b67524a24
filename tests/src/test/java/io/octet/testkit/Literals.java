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
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
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
        made.stream().map(y -> TensorDesc.plain(y.type(), y.shape())).toList());
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
