package io.octet.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.internal.reference.Walk;
import io.octet.onnx.op.Known;
import io.octet.onnx.op.NodeView;
import io.octet.tensor.Shape;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/// Elementwise operators on constants. Reals are computed in double and rounded once to the type:
/// for sums, products, quotients and roots that is what float arithmetic gives.
final class Arithmetic {
  /// An operator of one input; `whole` is null where ONNX has it for reals alone.
  private record Unary(DoubleUnaryOperator real, LongUnaryOperator whole) {}

  /// An operator of two inputs of one type; `whole` is null where ONNX has it for reals alone.
  private record Binary(DoubleBinaryOperator real, LongBinaryOperator whole) {}

  private static final Map<String, Unary> UNARY =
      Map.ofEntries(
          Map.entry("Neg", new Unary(x -> -x, x -> -x)),
          Map.entry("Abs", new Unary(Math::abs, Math::abs)),
          Map.entry("Relu", new Unary(x -> x > 0 || Double.isNaN(x) ? x : 0, x -> Math.max(x, 0))),
          Map.entry("Sqrt", new Unary(Math::sqrt, null)),
          Map.entry("Reciprocal", new Unary(x -> 1 / x, null)),
          Map.entry("Exp", new Unary(Math::exp, null)),
          Map.entry("Log", new Unary(Math::log, null)),
          Map.entry("Tanh", new Unary(Math::tanh, null)),
          Map.entry("Sigmoid", new Unary(x -> 1 / (1 + Math.exp(-x)), null)),
          Map.entry("Floor", new Unary(Math::floor, null)),
          Map.entry("Ceil", new Unary(Math::ceil, null)),
          Map.entry("Round", new Unary(Math::rint, null)),
          Map.entry("Not", new Unary(null, x -> x == 0 ? 1 : 0)));

  private static final Map<String, Binary> BINARY =
      Map.ofEntries(
          Map.entry("Add", new Binary(Double::sum, Long::sum)),
          Map.entry("Sub", new Binary((a, b) -> a - b, (a, b) -> a - b)),
          Map.entry("Mul", new Binary((a, b) -> a * b, (a, b) -> a * b)),
          Map.entry("Div", new Binary((a, b) -> a / b, (a, b) -> a / b)),
          Map.entry("Min", new Binary(Math::min, Math::min)),
          Map.entry("Max", new Binary(Math::max, Math::max)));

  private static final Map<String, Binary> COMPARISONS =
      Map.of(
          "Equal", new Binary((a, b) -> a == b ? 1 : 0, (a, b) -> a == b ? 1 : 0),
          "Greater", new Binary((a, b) -> a > b ? 1 : 0, (a, b) -> a > b ? 1 : 0),
          "Less", new Binary((a, b) -> a < b ? 1 : 0, (a, b) -> a < b ? 1 : 0));

  /// What is computed here by name.
  static final Set<String> OPERATORS = operators();

  private final NodeView node;
  private final FoldBudget budget;

  Arithmetic(NodeView node, FoldBudget budget) {
    this.node = node;
    this.budget = budget;
  }

  private static Set<String> operators() {
    Set<String> all = new TreeSet<>(UNARY.keySet());
    all.addAll(BINARY.keySet());
    all.addAll(COMPARISONS.keySet());
    return all;
  }

  /// One of {@link #OPERATORS}; Min and Max take any number of inputs.
  Known evaluate(Inputs in) {
    if (UNARY.containsKey(node.type())) {
      return unary(in.only());
    }
    boolean several = node.type().equals("Min") || node.type().equals("Max");
    in.require(several ? 1 : 2, several ? Integer.MAX_VALUE : 2);
    boolean compares = COMPARISONS.containsKey(node.type());
    Binary op = compares ? COMPARISONS.get(node.type()) : BINARY.get(node.type());
    Known result = in.get(0);
    for (int i = 1; i < in.size(); i++) {
      result = binary(op, result, in.get(i), compares);
    }
    return result;
  }

  /// The larger, or the smaller, of two.
  Known extremum(Known a, Known b, boolean larger) {
    return binary(BINARY.get(larger ? "Max" : "Min"), a, b, false);
  }

  private Known unary(Known x) {
    Unary op = UNARY.get(node.type());
    take(x.type(), x.shape());
    if (x.isReal()) {
      requireOne(op.real(), x);
      return Known.reals(x.type(), x.shape(), i -> op.real().applyAsDouble(x.real(i)));
    }
    requireOne(op.whole(), x);
    return Known.integers(x.type(), x.shape(), i -> op.whole().applyAsLong(x.integer(i)));
  }

  private void requireOne(Object operator, Known x) {
    if (operator == null) {
      throw node.invalid("does not take " + x.type());
    }
  }

  private Known binary(Binary op, Known a, Known b, boolean compares) {
    requireSameType(a, b);
    Shape shape = broadcast(a.shape(), b.shape());
    DataType type = compares ? DataType.BOOL : a.type();
    take(type, shape);
    Walk wa = walk(a, shape);
    Walk wb = walk(b, shape);
    if (compares && a.isReal()) {
      return Known.integers(
          type, shape, _ -> (long) op.real().applyAsDouble(a.real(wa.next()), b.real(wb.next())));
    }
    return a.isReal()
        ? Known.reals(
            type, shape, _ -> op.real().applyAsDouble(a.real(wa.next()), b.real(wb.next())))
        : Known.integers(
            type, shape, _ -> op.whole().applyAsLong(a.integer(wa.next()), b.integer(wb.next())));
  }

  /// The exponent may be of another type than the base, whose type the power has.
  Known pow(Known base, Known exponent) {
    Shape shape = broadcast(base.shape(), exponent.shape());
    take(base.type(), shape);
    Walk wa = walk(base, shape);
    Walk wb = walk(exponent, shape);
    return base.isReal()
        ? Known.reals(
            base.type(), shape, _ -> Math.pow(base.real(wa.next()), exponent.real(wb.next())))
        : Known.integers(
            base.type(),
            shape,
            _ -> (long) Math.pow(base.real(wa.next()), exponent.real(wb.next())));
  }

  Known where(Known condition, Known a, Known b) {
    requireSameType(a, b);
    Shape shape = broadcast(condition.shape(), broadcast(a.shape(), b.shape()));
    take(a.type(), shape);
    Walk wc = walk(condition, shape);
    Walk wa = walk(a, shape);
    Walk wb = walk(b, shape);
    if (a.isReal()) {
      return Known.reals(
          a.type(),
          shape,
          _ -> {
            double x = a.real(wa.next());
            double y = b.real(wb.next());
            return condition.integer(wc.next()) != 0 ? x : y;
          });
    }
    return Known.integers(
        a.type(),
        shape,
        _ -> {
          long x = a.integer(wa.next());
          long y = b.integer(wb.next());
          return condition.integer(wc.next()) != 0 ? x : y;
        });
  }

  /// Reals lose their fraction when they become integers, and anything but 0 is true.
  Known cast(Known x, DataType to) {
    take(to, x.shape());
    if (Known.isReal(to)) {
      return Known.reals(to, x.shape(), x::real);
    }
    boolean truth = to == DataType.BOOL;
    return Known.integers(
        to,
        x.shape(),
        i -> !x.isReal() ? x.integer(i) : truth ? x.real(i) != 0 ? 1 : 0 : (long) x.real(i));
  }

  /// numpy's common shape of two.
  Shape broadcast(Shape a, Shape b) {
    long[] sizes = new long[Math.max(a.rank(), b.rank())];
    for (int i = 0; i < sizes.length; i++) {
      int ia = i - (sizes.length - a.rank());
      int ib = i - (sizes.length - b.rank());
      long sa = ia < 0 ? 1 : a.size(ia);
      long sb = ib < 0 ? 1 : b.size(ib);
      if (sa != sb && sa != 1 && sb != 1) {
        throw node.invalid(a + " and " + b + " do not broadcast");
      }
      sizes[i] = sa == 1 ? sb : sa;
    }
    return Shape.of(sizes);
  }

  private static Walk walk(Known x, Shape shape) {
    return new Walk(shape.sizes(), Walk.broadcastStrides(x.shape(), shape));
  }

  private void requireSameType(Known a, Known b) {
    if (a.type() != b.type()) {
      throw node.invalid("takes inputs of one type, but got " + a + " and " + b);
    }
  }

  private void take(DataType type, Shape shape) {
    budget.take(node, shape, Known.storage(type));
  }
}
