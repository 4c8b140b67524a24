package io.octet.internal.lower;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Unary;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.pass.Interval;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.QuantParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What follows a node and can run inside its kernel: an Add, a clamp, a QuantizeLinear, in this
/// order, each the only reader of what stands before it. In the place of Add and clamp there may be
/// a function of the value, or the value times a function of itself.
///
/// @param fused the nodes inside, in order
/// @param elided Q and DQ between the layer and its Add or function, superfluous once fused
/// @param residual the value that the Add adds, or null
/// @param min lower clamp
/// @param max upper clamp
/// @param function the function, or null
/// @param output the value that the fused kernel makes
/// @param quant what the output is quantized to, or null where it is float
record Tail(
    List<Node> fused,
    List<Node> elided,
    String residual,
    float min,
    float max,
    PostOps.PostOp function,
    String output,
    QuantParams quant) {

  /// What a search may take.
  ///
  /// @param residual tells, for a value, whether it may be added; always false forbids an Add
  /// @param clamp whether Relu and Clip may be taken
  /// @param elide whether Q -> DQ before the Add may be passed over
  /// @param quantize whether a final Q may be taken
  record Wish(Predicate<String> residual, boolean clamp, boolean elide, boolean quantize) {
    static final Wish NOTHING = new Wish(v -> false, false, false, false);
    static final Wish QUANTIZE = new Wish(v -> false, false, false, true);
    static final Wish CLAMP = new Wish(v -> false, true, false, false);
    static final Wish CLAMP_QUANTIZE = new Wish(v -> false, true, false, true);
  }

  /// What the kernel does before it quantizes, but for the residual.
  PostOps post() {
    PostOps clamp = new PostOps(null, min, max);
    return function == null ? clamp : clamp.then(function);
  }

  /// Looks behind `node`.
  static Tail behind(Graph graph, Node node, Wish wish) {
    return new Search(graph, node.output()).run(wish);
  }

  /// Takes nothing of what follows.
  static Tail nothing(Node node) {
    return new Tail(
        List.of(),
        List.of(),
        null,
        Float.NEGATIVE_INFINITY,
        Float.POSITIVE_INFINITY,
        null,
        node.output(),
        null);
  }

  /// Exactly these, up to a quantization.
  static Tail of(List<Node> fused, String output, QuantParams quant) {
    return new Tail(
        fused,
        List.of(),
        null,
        Float.NEGATIVE_INFINITY,
        Float.POSITIVE_INFINITY,
        null,
        output,
        quant);
  }

  /// The same behind another node that the kernel takes in first.
  Tail behindFused(Node first) {
    List<Node> all = new ArrayList<>(List.of(first));
    all.addAll(fused);
    return new Tail(all, elided, residual, min, max, function, output, quant);
  }

  /// This, and a function of the value behind it.
  Tail then(Node node, Unary of) {
    List<Node> all = new ArrayList<>(fused);
    all.add(node);
    PostOps.PostOp apply = new PostOps.Apply(of);
    return new Tail(all, elided, residual, min, max, apply, node.output(), null);
  }

  boolean hasResidual() {
    return residual != null;
  }

  List<String> names(List<Node> nodes) {
    return nodes.stream().map(Node::name).toList();
  }

  private static final class Search {
    private final Graph graph;
    private final List<Node> fused = new ArrayList<>();
    private final List<Node> elided = new ArrayList<>();
    private String residual;
    private Interval clamp = Interval.ALL;
    private PostOps.PostOp function;
    private String value;
    private QuantParams quant;

    Search(Graph graph, String value) {
      this.graph = graph;
      this.value = value;
    }

    Tail run(Wish wish) {
      takeResidual(wish);
      while (wish.clamp() && takeClamp()) {
        // Relu and Clip in a row are one interval.
      }
      if (wish.elide() && fused.isEmpty()) {
        takeFunction();
      }
      Node next = graph.soleReader(value);
      if (wish.quantize() && QdqNodes.isQuantize(next) && next.input(0).equals(value)) {
        quant = QdqNodes.perTensor(graph, next);
        if (quant != null) {
          take(next);
        }
      }
      return new Tail(
          List.copyOf(fused),
          List.copyOf(elided),
          residual,
          clamp.min(),
          clamp.max(),
          function,
          value,
          quant);
    }

    private void takeResidual(Wish wish) {
      Node next = graph.soleReader(value);
      Node dequantize = wish.elide() ? dequantizeBehind(next) : null;
      if (dequantize != null) {
        Node add = graph.soleReader(dequantize.output());
        if (add != null && takeAdd(add, dequantize.output(), wish)) {
          elided.add(next);
          elided.add(dequantize);
        }
      } else if (next != null && !QdqNodes.isQuantize(next)) {
        takeAdd(next, value, wish);
      }
    }

    /// The DequantizeLinear that undoes `quantize` but for the rounding, if nobody else reads that;
    /// else null.
    private Node dequantizeBehind(Node quantize) {
      if (!QdqNodes.isQuantize(quantize) || !onlyRounds(quantize)) {
        return null;
      }
      Node dequantize = graph.soleReader(quantize.output());
      return QdqNodes.isDequantize(dequantize) && sameParams(quantize, dequantize)
          ? dequantize
          : null;
    }

    /// A function of one value behind Q and DQ, up to the Q behind it.
    private void takeFunction() {
      Node quantize = graph.soleReader(value);
      Node dequantize = dequantizeBehind(quantize);
      if (dequantize == null || graph.isOutput(dequantize.output())) {
        return;
      }
      String x = dequantize.output();
      List<Node> readers = graph.consumers(x);
      Node first = readers.getFirst();
      Node last = readers.getLast();
      if (readers.size() > 2 || !(first.op() instanceof Unary unary) || isClamp(first)) {
        return;
      }
      boolean gate =
          first != last
              && last.op() instanceof Binary.Mul
              && last.equals(graph.soleReader(first.output()));
      Node end = graph.soleReader(last.output());
      if (first != last && !gate || !QdqNodes.isQuantize(end)) {
        return;
      }
      function = gate ? new PostOps.Gate(unary) : new PostOps.Apply(unary);
      elided.add(quantize);
      elided.add(dequantize);
      readers.forEach(this::take);
    }

    private static boolean isClamp(Node node) {
      return Interval.of(node.op()).isPresent();
    }

    /// Whether a quantization has room on both sides of zero. Where it has none it is a Relu as
    /// well: exporters leave the Relu before such a QuantizeLinear out.
    private boolean onlyRounds(Node quantize) {
      QuantParams q = QdqNodes.perTensor(graph, quantize);
      return q != null && q.zeroPoint() > q.type().min() && q.zeroPoint() < q.type().max();
    }

    private boolean takeAdd(Node add, String own, Wish wish) {
      if (!(add.op() instanceof Binary.Add)) {
        return false;
      }
      String other = add.input(0).equals(own) ? add.input(1) : add.input(0);
      if (other.equals(own) || !wish.residual().test(other)) {
        return false;
      }
      residual = other;
      take(add);
      return true;
    }

    private boolean takeClamp() {
      Node next = graph.soleReader(value);
      Optional<Interval> found = next == null ? Optional.empty() : Interval.of(next.op());
      if (found.isEmpty()) {
        return false;
      }
      clamp = clamp.then(found.get());
      take(next);
      return true;
    }

    private boolean sameParams(Node quantize, Node dequantize) {
      QuantParams q = QdqNodes.perTensor(graph, quantize);
      return q != null && q.equals(QdqNodes.params(graph, dequantize, q.type()));
    }

    private void take(Node node) {
      fused.add(node);
      value = node.output();
    }
  }
}
