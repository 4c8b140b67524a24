package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Traits;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.QdqNodes;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.select.Registry;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Says what became of each node: the rows of a plan's explanation.
record Explanation(Scope scope, Values values) {
  /// A row that wants to know who runs the kernel.
  @FunctionalInterface
  interface Row {
    /// @param served null for a view
    NodePlan by(Registry.Selection served);
  }

  /// A node that a kernel computes, with what that kernel fused.
  Row of(Node node, KernelSpec spec, Tail tail, Reason reason) {
    // Q and DQ are the edges of the int8 part: they belong to it.
    boolean edge =
        spec instanceof KernelSpec.Convert(TensorDesc x, TensorDesc y)
            && (x.type().isInt8() || y.type().isInt8());
    return of(node, spec, spec.isInt8() || edge, tail, reason);
  }

  /// The same where the kernel does not know that its bytes are quantized.
  Row of(Node node, KernelSpec spec, boolean int8, Tail tail, Reason reason) {
    Reason why = int8 ? Reason.NONE : told(node, reason);
    boolean fallback = !int8 && isQuantized(node) && why.code() != RefusalCode.SLOWER_THAN_FP32;
    return served ->
        new NodePlan(
            node.name(),
            node.op().name(),
            served.kernel().backend(),
            served.kernel().implementation(),
            int8,
            types(spec),
            tail.names(tail.fused()),
            tail.names(tail.elided()),
            why.code(),
            why.detail(),
            fallback,
            refusals(served));
  }

  /// A node whose output is its input's memory under another shape or meaning.
  static Row view(Node node, TensorDesc y) {
    return _ ->
        new NodePlan(
            node.name(),
            node.op().name(),
            "jvm",
            "view",
            y.type().isInt8(),
            y.toString(),
            List.of(),
            List.of(),
            y.type().isInt8() ? null : RefusalCode.NOT_QUANTIZED,
            y.type().isInt8() ? "" : "moves no data",
            false,
            List.of());
  }

  /// A change of layout or type between nodes: a "Reorder" that the graph does not name, or a
  /// DequantizeLinear that somebody wants as floats after all.
  static Row conversion(String label, String op, KernelSpec spec) {
    return served ->
        new NodePlan(
            label,
            op,
            served.kernel().backend(),
            served.kernel().implementation(),
            spec.inputs().getFirst().type().isInt8() || spec.y().type().isInt8(),
            types(spec),
            List.of(),
            List.of(),
            null,
            "",
            false,
            refusals(served));
  }

  private static List<String> refusals(Registry.Selection served) {
    return served.refusals().stream().map(Registry.Refusal::toString).toList();
  }

  private static String list(List<TensorDesc> values) {
    return values.stream().map(TensorDesc::toString).collect(Collectors.joining(", "));
  }

  private static String types(KernelSpec spec) {
    return list(spec.inputs()) + " -> " + list(spec.outputs());
  }

  /// Whether the graph means `node` to run in int8: its operator has int8 kernels, and its data
  /// come out of DequantizeLinear. Such a node in FP32 is a fallback. Constant weights are no data:
  /// a layer that reads int8 and has float weights is one, too. Nor is a sum of rows that were
  /// picked from tables quantized to be stored, as embeddings are, unless it is quantized itself.
  boolean isQuantized(Node node) {
    Traits traits = node.op().traits();
    if (scope.isLiteral() || !traits.int8()) {
      return false;
    }
    List<String> data =
        IntStream.range(0, node.inputs().size())
            .filter(i -> node.hasInput(i) && node.op().signature().isData(i))
            .filter(i -> !traits.weights().contains(i) || !isKnown(node.input(i)))
            .mapToObj(node::input)
            .toList();
    boolean stored =
        traits.weights().isEmpty() && data.stream().allMatch(v -> isKnown(v) || isPicked(v));
    return data.stream().allMatch(this::isDequantized) && (!stored || isRequantized(node));
  }

  /// Whether a value is rows of a known table, or what they stand for.
  private boolean isPicked(String value) {
    Node maker = scope.graph().producer(value);
    if (QdqNodes.isDequantize(maker)) {
      maker = scope.graph().producer(maker.input(0));
    }
    return maker != null
        && maker.op().traits().values() == Traits.Values.PICKED
        && !maker.inputs().isEmpty()
        && isKnown(maker.input(0));
  }

  private boolean isRequantized(Node node) {
    return Tail.behind(scope.graph(), node, Tail.Wish.CLAMP_QUANTIZE).quant() != null;
  }

  private boolean isKnown(String value) {
    return Constants.isKnown(scope.graph(), value);
  }

  /// Whether a value comes out of DequantizeLinear, directly or through what left it in int8.
  private boolean isDequantized(String value) {
    return QdqNodes.isDequantize(scope.graph().producer(value)) || values.int8(value) != null;
  }

  /// A fallback is never "not quantized": that would say that the graph wanted it so.
  private Reason told(Node node, Reason reason) {
    return reason.code() == RefusalCode.NOT_QUANTIZED && isQuantized(node)
        ? new Reason(
            RefusalCode.UNSUPPORTED_ATTRIBUTE,
            "no int8 kernel takes this form of " + node.op().name())
        : reason;
  }
}
