package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Equation;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.Transpose;
import io.octet.graph.op.Product.Einsum;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Reduction.ReduceSum;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Reads Einsum as products of matrices, which have kernels, between transpositions and reshapes,
/// where it is one; else it stays what it is.
final class Contraction {
  private final NodeView node;
  private final Composition nodes;
  private final Equation equation;
  private final Map<Character, Dim> sizes;

  private Contraction(NodeView node, Equation equation, List<Shape> shapes) {
    this.node = node;
    this.nodes = new Composition(node);
    this.equation = equation;
    this.sizes = equation.sizes(shapes);
  }

  static List<Node> read(NodeView node) {
    if (!node.has("equation")) {
      throw node.invalid("has no attribute \"equation\"");
    }
    Einsum op = new Einsum(node.text("equation", ""));
    node.requireInputs(1, Integer.MAX_VALUE);
    List<ValueInfo> infos = IntStream.range(0, node.inputs().size()).mapToObj(node::info).toList();
    List<Shape> shapes = infos.stream().map(ValueInfo::shape).toList();
    Equation equation = op.over(shapes.stream().map(Shape::rank).toList());
    boolean plain = equation.terms().stream().allMatch(Contraction::isPlain);
    Contraction contraction = new Contraction(node, equation, shapes);
    Optional<String> made = Optional.empty();
    if (plain && shapes.size() == 1) {
      made = Optional.of(contraction.sum());
    } else if (plain && shapes.size() == 2 && contraction.isProduct(infos)) {
      made = contraction.product();
    }
    return made.isPresent() ? contraction.nodes.end() : node.with(op);
  }

  /// No axis is taken along a diagonal, and none broadcasts.
  private static boolean isPlain(String term) {
    return term.chars().distinct().count() == term.length()
        && term.chars().noneMatch(Character::isDigit);
  }

  private boolean isProduct(List<ValueInfo> infos) {
    boolean alike = true;
    for (int i = 0; i < 2; i++) {
      Shape shape = infos.get(i).shape();
      for (int axis = 0; axis < shape.rank(); axis++) {
        char letter = equation.terms().get(i).charAt(axis);
        alike &= shape.dim(axis).equals(sizes.get(letter)) && !shape.dim(axis).equals(Dim.of(0));
        alike &= has(1 - i, letter) || equation.result().indexOf(letter) >= 0;
      }
    }
    return alike && infos.stream().allMatch(info -> info.type() == DataType.F32);
  }

  private boolean has(int term, int letter) {
    return equation.terms().get(term).indexOf(letter) >= 0;
  }

  /// The letters of the result, or those that it does not have, as the terms have them.
  private String letters(String from, boolean inResult, boolean inA, boolean inB) {
    return from.chars()
        .filter(c -> equation.result().indexOf(c) >= 0 == inResult)
        .filter(c -> has(0, c) == inA && has(1, c) == inB)
        .mapToObj(c -> String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  /// Of one operand, sums along some axes and another order of the others.
  private String sum() {
    String term = equation.terms().getFirst();
    String value = node.input(0);
    long[] summed =
        IntStream.range(0, term.length())
            .filter(i -> equation.result().indexOf(term.charAt(i)) < 0)
            .mapToLong(i -> i)
            .toArray();
    String left = term;
    if (summed.length > 0) {
      value = nodes.then(new ReduceSum(false, false), value, nodes.list("axes", summed));
      left = kept(term);
    }
    value = ordered(value, left, equation.result());
    return value.equals(node.input(0)) ? nodes.then(new Identity(), value) : value;
  }

  private String kept(String term) {
    return term.chars()
        .filter(c -> equation.result().indexOf(c) >= 0)
        .mapToObj(c -> String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  /// [batch, m, k] by [batch, k, n]; nothing where too many sizes of what must be reshaped are
  /// free.
  private Optional<String> product() {
    String batch = letters(equation.result(), true, true, true);
    String m = letters(equation.result(), true, true, false);
    String n = letters(equation.result(), true, false, true);
    String k = letters(equation.terms().getFirst(), false, true, true);
    boolean rows = batch.isEmpty() && !m.isEmpty() && k.length() == 1 && n.length() == 1;
    boolean matrices = rows || m.length() == 1 && k.length() == 1 && n.length() == 1;
    if (!matrices && (free(m) + free(k) > 1 || free(k) + free(n) > 1 || free(m) + free(n) > 1)) {
      return Optional.empty();
    }
    String a = ordered(node.input(0), equation.terms().get(0), batch + m + k);
    String b = ordered(node.input(1), equation.terms().get(1), batch + k + n);
    if (!matrices) {
      a = reshaped(a, batch, List.of(m, k));
      b = reshaped(b, batch, List.of(k, n));
    }
    String y = nodes.then(new MatMul(), a, b);
    if (!matrices) {
      List<String> axes = (m + n).chars().mapToObj(c -> String.valueOf((char) c)).toList();
      y = reshaped(y, batch, axes);
    }
    return Optional.of(ordered(y, batch + m + n, equation.result()));
  }

  /// How many of the letters have sizes that are not known.
  private long free(String letters) {
    return letters.chars().filter(c -> sizes.get((char) c).number().isEmpty()).count();
  }

  /// The batch as it is, and an axis for each group of letters.
  private String reshaped(String value, String batch, List<String> groups) {
    long[] shape = new long[batch.length() + groups.size()];
    for (int i = 0; i < groups.size(); i++) {
      Dim size = Dim.product(groups.get(i).chars().mapToObj(c -> sizes.get((char) c)).toList());
      shape[batch.length() + i] = size.number().orElse(-1);
    }
    return nodes.then(new Reshape(false), value, nodes.list("shape", shape));
  }

  private String ordered(String value, String from, String to) {
    List<Integer> perm = to.chars().mapToObj(from::indexOf).toList();
    return from.equals(to) ? value : nodes.then(new Transpose(perm), value);
  }
}
