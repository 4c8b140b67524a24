package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;
import static io.octet.tensor.DataType.S32;
import static io.octet.tensor.DataType.S8;
import static io.octet.tensor.DataType.U8;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Products of matrices.
public sealed interface Product extends Op {
  /// `alpha * A' * B' + beta * C`. Inputs: A [M,K], B [K,N], optional C, broadcast to [M,N];
  /// transposed first where `transA` or `transB` says so.
  record Gemm(float alpha, float beta, boolean transA, boolean transB) implements Product {}

  /// Matrix product with broadcast batch axes, as numpy.matmul. Inputs: A, B.
  record MatMul() implements Product {}

  /// Matrix product of 8-bit integers less their zero points, in 32 bits. Inputs: A, B, optional
  /// zero point of A (one, or one for each row), optional zero point of B (one, or one for each
  /// column).
  record MatMulInteger() implements Product {}

  /// A sum of products under Einstein's convention, such as `bij,bjk->bik`. Inputs: one for each
  /// term.
  record Einsum(String equation) implements Product {
    /// What the equation says of inputs of such ranks.
    ///
    /// @throws IllegalArgumentException if it says nothing
    public Equation over(List<Integer> ranks) {
      return Equation.of(equation, ranks);
    }
  }

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("Gemm")
            .in("T", "A", "B")
            .optional("T", "C")
            .out("T", "Y")
            .where("T", F32)
            .alsoInt8(),
        Signature.of("MatMul").in("T", "A", "B").out("T", "Y").where("T", F32).alsoInt8(),
        Signature.of("MatMulInteger")
            .since(10)
            .in("T1", "A")
            .in("T2", "B")
            .optional("T1", "zero point of A")
            .optional("T2", "zero point of B")
            .out("T3", "Y")
            .where("T1", U8, S8)
            .where("T2", U8, S8)
            .where("T3", S32),
        Signature.of("Einsum")
            .since(12)
            .variadic("T", "inputs")
            .out("T", "output")
            .where("T", Signature.NUMBERS));
  }

  @Override
  default Traits traits() {
    return switch (this) {
      case Gemm _ -> new Traits(Values.NEW, Axes.ORDERED, signature().int8(), Set.of(1, 2));
      case MatMul _, MatMulInteger _ ->
          new Traits(Values.NEW, Axes.ORDERED, signature().int8(), Set.of(1));
      case Einsum _ -> Traits.of(Values.NEW, Axes.ORDERED, signature().int8());
    };
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case Gemm gemm -> in.result(in.type(0), gemm(in, gemm));
      case MatMul _ -> in.result(in.type(0), matMul(in));
      case Einsum einsum -> in.result(in.type(0), einsum(in, einsum));
      case MatMulInteger _ -> {
        requireZeros(in, 2, 2);
        requireZeros(in, 3, 1);
        yield in.result(S32, matMul(in));
      }
    };
  }

  /// Zero points are one for all, or one for each row or column.
  ///
  /// @param fromEnd which axis of the matrices they lie along, counted from the end
  private static void requireZeros(Operands in, int index, int fromEnd) {
    if (!in.has(index)) {
      return;
    }
    Shape zeros = in.shape(index);
    Shape matrices = in.shape(index - 2);
    boolean one = zeros.isConcrete() && zeros.elements() == 1;
    boolean each =
        zeros.rank() == 1
            && matrices.rank() >= fromEnd
            && zeros.dim(0).mayEqual(matrices.dim(matrices.rank() - fromEnd));
    if (!one && !each) {
      throw in.unsupported("zero points " + zeros + " of matrices " + matrices);
    }
  }

  private static Shape einsum(Operands in, Einsum einsum) {
    List<Shape> shapes = in.infos().stream().map(ValueInfo::shape).toList();
    try {
      return einsum.over(shapes.stream().map(Shape::rank).toList()).result(shapes);
    } catch (IllegalArgumentException e) {
      throw in.invalid(e.getMessage());
    }
  }

  private static Shape gemm(Operands in, Gemm gemm) {
    Shape a = in.shape(0);
    Shape b = in.shape(1);
    if (a.rank() != 2 || b.rank() != 2) {
      throw in.invalid("takes two matrices, but got " + a + " and " + b);
    }
    Dim inner = a.dim(gemm.transA() ? 0 : 1);
    Dim expected = b.dim(gemm.transB() ? 1 : 0);
    if (!inner.mayEqual(expected)) {
      throw in.invalid(
          "input has "
              + inner
              + " features, weights expect "
              + expected
              + " (input "
              + a
              + ", weights "
              + b
              + ")");
    }
    Shape y = new Shape(List.of(a.dim(gemm.transA() ? 1 : 0), b.dim(gemm.transB() ? 0 : 1)));
    if (in.has(2) && !in.broadcast(in.shape(2), y).equals(y)) {
      throw in.invalid("bias " + in.shape(2) + " does not broadcast to " + y);
    }
    return y;
  }

  private static Shape matMul(Operands in) {
    Shape a = in.shape(0);
    Shape b = in.shape(1);
    if (a.rank() == 0 || b.rank() == 0) {
      throw in.invalid("takes no scalars, but got " + a + " and " + b);
    }
    Dim inner = a.dim(a.rank() - 1);
    Dim expected = b.dim(Math.max(0, b.rank() - 2));
    if (!inner.mayEqual(expected)) {
      throw in.invalid(
          "inner axes are " + inner + " and " + expected + " (" + a + " times " + b + ")");
    }
    Shape batchA = new Shape(a.dims().subList(0, Math.max(0, a.rank() - 2)));
    Shape batchB = new Shape(b.dims().subList(0, Math.max(0, b.rank() - 2)));
    List<Dim> y = new ArrayList<>(in.broadcast(batchA, batchB).dims());
    if (a.rank() > 1) {
      y.add(a.dim(a.rank() - 2));
    }
    if (b.rank() > 1) {
      y.add(b.dim(b.rank() - 1));
    }
    return new Shape(y);
  }
}
