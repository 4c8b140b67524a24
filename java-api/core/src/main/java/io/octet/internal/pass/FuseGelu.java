package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Pow;
import io.octet.graph.op.Unary.Erf;
import io.octet.graph.op.Unary.Gelu;
import io.octet.graph.op.Unary.Gelu.Approximation;
import io.octet.graph.op.Unary.Tanh;
import java.util.List;

/// Takes `x / 2 * (1 + erf(x / sqrt(2)))`, or its approximation by tanh, for the Gelu that they
/// are. The factors stand in any order.
final class FuseGelu {
  private static final double ROOT_HALF = Math.sqrt(0.5);
  private static final double INNER = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  /// As far as factors may be from their product.
  private static final int DEEPEST = 4;

  private static final double ROUNDED = 1e-4;

  /// `factor * x^power`.
  private record Term(double factor, int power) {}

  private final Graph graph;
  private final Rewrite rewrite;

  private FuseGelu(Graph graph) {
    this.graph = graph;
    this.rewrite = new Rewrite(graph);
  }

  static Graph rewrite(Graph graph) {
    FuseGelu pass = new FuseGelu(graph);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Erf) {
        pass.exact(node);
      } else if (node.op() instanceof Tanh) {
        pass.approximate(node);
      }
    }
    return pass.rewrite.apply();
  }

  private void exact(Node erf) {
    Found found = new Found(graph);
    found.taken(erf, Erf.class);
    String x = found.scaled(erf.input(0), ROOT_HALF);
    finish(found, erf, x, Approximation.NONE);
  }

  private void approximate(Node tanh) {
    Found found = new Found(graph);
    found.taken(tanh, Tanh.class);
    String x = sum(found, found.scaled(tanh.input(0), INNER));
    if (x == null) {
      found = new Found(graph);
      found.taken(tanh, Tanh.class);
      x = product(found, tanh.input(0));
    }
    finish(found, tanh, x, Approximation.TANH);
  }

  /// `x + 0.044715 * x^3`; null where it is something else.
  private String sum(Found found, String value) {
    Node sum = found.maker(value, Add.class);
    for (int i = 0; i < 2 && sum != null; i++) {
      String x = sum.input(i);
      if (isCubic(new Found(graph), sum.input(1 - i), x)) {
        isCubic(found, sum.input(1 - i), x);
        return x;
      }
    }
    return null;
  }

  private boolean isCubic(Found found, String value, String x) {
    Term term = term(found, value, x, DEEPEST);
    return term != null && term.power == 3 && Math.abs(term.factor - CUBIC) <= ROUNDED * CUBIC;
  }

  /// What `value` is, where it is a number times some power of x, multiplied in any order; else
  /// null.
  ///
  /// @param depth how many steps before it may belong to it
  private Term term(Found found, String value, String x, int depth) {
    if (value.equals(x)) {
      return new Term(1, 1);
    }
    Double number = found.scalar(value);
    if (number != null) {
      return new Term(number, 0);
    }
    Node node = depth == 0 ? null : graph.producer(value);
    if (node == null || node.inputs().size() != 2) {
      return null;
    }
    Term first = term(found, node.input(0), x, depth - 1);
    Term second = term(found, node.input(1), x, depth - 1);
    if (first == null || second == null) {
      return null;
    }
    Double by = found.scalar(node.input(1));
    if (found.taken(node, Mul.class) != null) {
      return new Term(first.factor * second.factor, first.power + second.power);
    }
    if (by != null && found.taken(node, Div.class) != null) {
      return new Term(first.factor / by, first.power);
    }
    boolean power = by != null && first.equals(new Term(1, 1)) && (by == 2 || by == 3);
    return power && found.taken(node, Pow.class) != null ? new Term(1, by.intValue()) : null;
  }

  /// `x * 0.797885 * (1 + 0.044715 * x * x)`; null where it is something else.
  private String product(Found found, String value) {
    Node product = found.maker(value, Mul.class);
    for (int i = 0; i < 2 && product != null; i++) {
      String x = found.scaled(product.input(i), INNER);
      if (x != null) {
        Node sum = found.maker(product.input(1 - i), Add.class);
        Node square = found.maker(found.besides(sum, 1), Mul.class);
        for (int k = 0; k < 2 && square != null; k++) {
          if (square.input(k).equals(x) && x.equals(found.scaled(square.input(1 - k), CUBIC))) {
            return x;
          }
        }
        return null;
      }
    }
    return null;
  }

  /// The sum with 1, and the product with x and a half.
  private void finish(Found found, Node function, String x, Approximation approximation) {
    if (x == null) {
      return;
    }
    Node sum = found.reader(function.output(), Add.class);
    if (found.besides(sum, 1) == null) {
      return;
    }
    Node first = found.reader(sum.output(), Mul.class);
    String factor = first == null ? null : Found.other(first, sum.output());
    if (factor == null) {
      return;
    }
    Node last = first;
    if (factor.equals(x)) {
      last = found.reader(first.output(), Mul.class);
      if (found.besides(last, 0.5) == null) {
        return;
      }
    } else if (found.is(factor, 0.5)) {
      last = found.reader(first.output(), Mul.class);
      if (!x.equals(Found.other(last, first.output()))) {
        return;
      }
    } else if (!x.equals(found.scaled(factor, 0.5))) {
      return;
    }
    Node by = new Node(last.name(), new Gelu(approximation), List.of(x), last.outputs());
    found.replace(last, by, rewrite);
  }
}
