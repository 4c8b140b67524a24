package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.HardSigmoid;
import io.octet.graph.op.Unary.HardSwish;
import java.util.List;

/// Takes `x * clip(x + 3, 0, 6) / 6`, as Paddle and older versions of PyTorch write it, and `x *
/// hardsigmoid(x)` for the HardSwish that they are. The division may come first.
final class FuseHardSwish {
  private static final double SIXTH = 1.0 / 6;

  private final Graph graph;
  private final Rewrite rewrite;

  private FuseHardSwish(Graph graph) {
    this.graph = graph;
    this.rewrite = new Rewrite(graph);
  }

  static Graph rewrite(Graph graph) {
    FuseHardSwish pass = new FuseHardSwish(graph);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Clip(float min, float max) && min == 0 && max == 6) {
        pass.clipped(node);
      } else if (node.op() instanceof HardSigmoid(float alpha, float beta)
          && Math.abs(alpha - SIXTH) < 1e-6
          && beta == 0.5f) {
        pass.gated(node);
      }
    }
    return pass.rewrite.apply();
  }

  private void gated(Node gate) {
    Found found = new Found(graph);
    found.taken(gate, HardSigmoid.class);
    String x = gate.input(0);
    Node product = found.reader(gate.output(), Mul.class);
    if (x.equals(Found.other(product, gate.output()))) {
      finish(found, x, product);
    }
  }

  private void clipped(Node clip) {
    Found found = new Found(graph);
    found.taken(clip, Clip.class);
    String x = found.besides(found.maker(clip.input(0), Add.class), 3);
    if (x == null) {
      return;
    }
    Node product = found.reader(clip.output(), Mul.class);
    if (x.equals(Found.other(product, clip.output()))) {
      finish(found, x, sixth(found, product.output()));
      return;
    }
    found = new Found(graph);
    found.taken(clip, Clip.class);
    found.maker(clip.input(0), Add.class);
    Node gate = sixth(found, clip.output());
    product = gate == null ? null : found.reader(gate.output(), Mul.class);
    if (gate != null && x.equals(Found.other(product, gate.output()))) {
      finish(found, x, product);
    }
  }

  /// The only reader of a value, where that divides it by 6.
  private Node sixth(Found found, String value) {
    Node quotient = found.reader(value, Div.class);
    if (quotient != null) {
      return quotient.input(0).equals(value) && found.is(quotient.input(1), 6) ? quotient : null;
    }
    Node product = found.reader(value, Mul.class);
    return found.is(Found.other(product, value), SIXTH) ? product : null;
  }

  private void finish(Found found, String x, Node last) {
    if (last != null) {
      found.replace(
          last, new Node(last.name(), new HardSwish(), List.of(x), last.outputs()), rewrite);
    }
  }
}
