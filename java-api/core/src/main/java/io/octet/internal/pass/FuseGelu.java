package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
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
      Found cubic = new Found(graph);
      String power = cubic.scaled(sum.input(1 - i), CUBIC);
      if (isCube(cubic, power, x)) {
        found.scaled(sum.input(1 - i), CUBIC);
        return isCube(found, power, x) ? x : null;
      }
    }
    return null;
  }

  private boolean isCube(Found found, String value, String x) {
    Node power = value == null ? null : graph.producer(value);
    if (power != null && power.op() instanceof Pow) {
      found.taken(power, Pow.class);
      return power.input(0).equals(x) && found.is(power.input(1), 3);
    }
    return isSquare(found, Found.other(found.maker(value, Mul.class), x), x);
  }

  private boolean isSquare(Found found, String value, String x) {
    Node square = value == null ? null : graph.producer(value);
    if (square != null && square.op() instanceof Pow) {
      found.taken(square, Pow.class);
      return square.input(0).equals(x) && found.is(square.input(1), 2);
    }
    return x.equals(Found.other(found.maker(value, Mul.class), x));
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
