package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Op;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.LinkedHashSet;
import java.util.Set;

/// The nodes of a pattern as far as it is found, walked from one node to those around it. A step
/// that does not fit answers null, and so does every step from there.
final class Found {
  /// Constants of files are rounded, at times to few digits.
  private static final double ROUNDED = 1e-4;

  private final Graph graph;
  private final Set<Node> nodes = new LinkedHashSet<>();

  Found(Graph graph) {
    this.graph = graph;
  }

  /// The node that makes `value`, where it is of that operator.
  Node maker(String value, Class<? extends Op> op) {
    return value == null ? null : taken(graph.producer(value), op);
  }

  /// The only node that reads `value`, where it is of that operator.
  Node reader(String value, Class<? extends Op> op) {
    return value == null ? null : taken(graph.soleReader(value), op);
  }

  Node taken(Node node, Class<? extends Op> op) {
    if (node == null || !op.isInstance(node.op())) {
      return null;
    }
    nodes.add(node);
    return node;
  }

  /// The other input of a node that reads `own` and one more.
  static String other(Node node, String own) {
    if (node == null || node.inputs().size() != 2) {
      return null;
    }
    boolean first = node.input(0).equals(own);
    return first || node.input(1).equals(own) ? node.input(first ? 1 : 0) : null;
  }

  /// The input of a sum or product whose other one is about that number.
  String besides(Node node, double number) {
    if (node == null || node.inputs().size() != 2) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      if (is(node.input(i), number)) {
        return node.input(1 - i);
      }
    }
    return null;
  }

  /// What a quotient or product multiplies by about that number.
  String scaled(String value, double number) {
    Node quotient = value == null ? null : graph.producer(value);
    if (quotient != null
        && quotient.op() instanceof Binary.Div
        && is(quotient.input(1), 1 / number)) {
      nodes.add(quotient);
      return quotient.input(0);
    }
    Node product = value == null ? null : graph.producer(value);
    String factor =
        product != null && product.op() instanceof Binary.Mul ? besides(product, number) : null;
    if (factor != null) {
      nodes.add(product);
    }
    return factor;
  }

  /// Whether `value` is one constant float, about that number.
  boolean is(String value, double number) {
    Double known = scalar(value);
    return known != null && Math.abs(known - number) <= ROUNDED * Math.abs(number);
  }

  /// The constant float that `value` is; null where it is none, or several.
  Double scalar(String value) {
    Tensor constant = value == null ? null : graph.constant(value);
    boolean one = constant != null && constant.type() == DataType.F32 && constant.elements() == 1;
    return one ? (double) constant.getFloat(0) : null;
  }

  /// Puts one node in the place of all that were found, whose last is that one. Does nothing where
  /// somebody else reads what another of them makes.
  ///
  /// @return whether it did
  boolean replace(Node last, Node by, Rewrite rewrite) {
    for (Node node : nodes) {
      for (String made : node == last ? Set.<String>of() : Set.copyOf(node.outputs())) {
        if (graph.isOutput(made) || !nodes.containsAll(graph.consumers(made))) {
          return false;
        }
      }
    }
    nodes.stream().filter(node -> node != last).forEach(rewrite::remove);
    rewrite.replace(last, by);
    return true;
  }
}
