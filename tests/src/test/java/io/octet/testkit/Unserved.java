package io.octet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import java.util.HashSet;
import java.util.Set;

/// Operators that have a place in the graph, and none yet on some floor above. Each set shrinks
/// until it is empty: what is served must not stand in it.
public final class Unserved {
  /// What the models of `resources/onnx-ops` do not have.
  public static final Set<Class<?>> BY_MODELS =
      Set.of(
          Unary.Erf.class,
          Unary.Not.class,
          Unary.Cast.class,
          Binary.Sub.class,
          Binary.Div.class,
          Binary.Pow.class,
          Binary.Max.class,
          Binary.Min.class,
          Binary.And.class,
          Binary.Or.class,
          Comparison.Equal.class,
          Comparison.Greater.class,
          Comparison.GreaterOrEqual.class,
          Comparison.Less.class,
          Comparison.LessOrEqual.class,
          Reduction.ReduceMean.class,
          Reduction.ReduceSum.class,
          Reduction.ReduceProd.class,
          Reduction.ReduceMax.class,
          Reduction.ReduceMin.class,
          Movement.Expand.class,
          Selection.Gather.class,
          Selection.Slice.class,
          Selection.Where.class,
          Generation.Shape.class,
          Generation.Size.class,
          Generation.ConstantOfShape.class,
          Generation.Range.class,
          Unary.Neg.class,
          Unary.Abs.class,
          Unary.Sqrt.class,
          Unary.Reciprocal.class,
          Unary.Exp.class,
          Unary.Log.class,
          Unary.Floor.class,
          Unary.Ceil.class,
          Unary.Round.class,
          Movement.Squeeze.class,
          Movement.Unsqueeze.class);

  private Unserved() {}

  /// Checks that each operator is either seen or known to be missing.
  public static void assertComplete(Set<Class<?>> seen, Set<Class<?>> missing) {
    Set<Class<?>> expected = new HashSet<>(Op.members());
    expected.removeAll(missing);
    assertEquals(expected, seen);
  }
}
