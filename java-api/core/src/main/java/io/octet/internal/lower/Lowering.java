package io.octet.internal.lower;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.QdqNodes;
import io.octet.internal.plan.Buffer;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.PlanBuilder;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Walks a graph in order and lowers each node to steps, or to a view where no byte has to move.
/// How is each family's own affair.
public final class Lowering {
  /// Q and DQ in a row that are lowered ahead of their turn.
  private static final int LONGEST_CHAIN = 8;

  private final Graph graph;
  private final Map<String, ValueInfo> infos;
  private final Convolution convolutions;
  private final Product products;
  private final Pooling pools;
  private final Unary unaries;
  private final Binary binaries;
  private final Normalization normalizations;
  private final Movement movements;
  private final Recurrence recurrences;
  private final Quantization quantizations;
  private final Resampling resamplings;
  private final Literal literals;
  private final Tables tables;

  private Lowering(Scope scope) {
    this.graph = scope.graph();
    this.infos = scope.infos();
    this.literals = new Literal(scope);
    DynamicLayers dynamic = new DynamicLayers(scope, this);
    this.tables = new Tables(scope);
    this.convolutions = new Convolution(scope, this, literals);
    this.products = new Product(scope, this, literals, dynamic);
    this.pools = new Pooling(scope);
    this.unaries = new Unary(scope);
    this.binaries = new Binary(scope);
    this.normalizations = new Normalization(scope, literals);
    this.movements = new Movement(scope, literals);
    this.recurrences = new Recurrence(scope, literals);
    this.quantizations = new Quantization(scope, literals, dynamic);
    this.resamplings = new Resampling(scope, literals);
  }

  /// The plan of a graph.
  ///
  /// @param infos type and concrete shape of every value, by name
  public static Plan plan(Graph graph, Map<String, ValueInfo> infos, CompileContext context) {
    Scope scope = Scope.of(graph, infos, context);
    try (PlanBuilder plan = new PlanBuilder();
        Draft whole = Draft.of(scope, plan)) {
      for (ValueInfo input : graph.inputs()) {
        ValueInfo info = scope.info(input.name());
        TensorDesc desc = TensorDesc.plain(info.type(), info.shape());
        Repr given = new Repr(Buffer.input(Buffer.Kind.INPUT, desc.bytes()), desc);
        plan.input(info, given.buffer());
        whole.values.put(info.name(), given);
      }
      new Lowering(scope).lower(scope.graph().nodes(), whole);
      for (ValueInfo output : graph.outputs()) {
        ValueInfo info = scope.info(output.name());
        plan.output(info, asOutput(info, whole).buffer());
      }
      return plan.plan(context.constants());
    }
  }

  private static Repr asOutput(ValueInfo info, Draft whole) {
    try (Draft draft = whole.draft()) {
      Repr repr =
          info.type() == DataType.F32
              ? draft.values.f32(info.name(), Layout.ROW_MAJOR)
              : draft.values.rowMajor(info.name());
      draft.commit();
      return repr;
    }
  }

  /// Lowers those of the nodes, in the graph's order, that are not lowered yet.
  void lower(List<Node> nodes, Draft draft) {
    nodes.forEach(node -> lower(node, draft));
  }

  private void lower(Node node, Draft into) {
    if (into.isDone(node)) {
      return;
    }
    node.outputs().forEach(output -> requireSizes(node, output));
    try (Draft draft = into.draft()) {
      draft.done(List.of(node));
      lowerIn(node, draft);
      draft.commit();
    }
  }

  /// Where values decide a shape, and a run alone knows them, there is no plan.
  private void requireSizes(Node node, String output) {
    Shape shape = infos.containsKey(output) ? infos.get(output).shape() : Shape.of();
    for (Dim dim : shape.dims()) {
      if (dim.number().isEmpty()) {
        String why = dim instanceof Dim.Unknown(String reason) ? " (" + reason + ")" : "";
        throw new Unsupported(
            node
                + ": the shape "
                + shape
                + " of \""
                + output
                + "\" hangs on values that are computed in a run"
                + why
                + "; it must be known before");
      }
    }
  }

  private void lowerIn(Node node, Draft draft) {
    if (isEmpty(node)) {
      literals.lower(node, draft);
      return;
    }
    if (tables.lower(node, draft)) {
      return;
    }
    switch (node.op()) {
      case io.octet.graph.op.Movement m -> movements.lower(node, m, draft);
      case io.octet.graph.op.Quantization q -> quantizations.lower(node, q, draft);
      case io.octet.graph.op.Convolution c when Convolution.serves(c) && real(node, draft) ->
          convolutions.lower(node, draft);
      case io.octet.graph.op.Product p when real(node, draft) -> products.lower(node, p, draft);
      case io.octet.graph.op.Pooling p when serves(node, p) && real(node, draft) ->
          pools.lower(node, p, draft);
      case io.octet.graph.op.Unary u when real(node, draft) || unaries.isTruth(node) ->
          unaries.lower(node, u, draft);
      case io.octet.graph.op.Binary b when node.inputs().size() == 2 && real(node, draft) ->
          binaries.lower(node, b, draft);
      case io.octet.graph.op.Normalization n when real(node, draft) ->
          normalizations.lower(node, n, draft);
      case io.octet.graph.op.Recurrence r -> recurrences.lower(node, r, draft);
      case io.octet.graph.op.Resampling r when isImage(node, draft) ->
          resamplings.lower(node, r, draft);
      case io.octet.graph.op.Convolution _,
          io.octet.graph.op.Product _,
          io.octet.graph.op.Pooling _,
          io.octet.graph.op.Unary _,
          io.octet.graph.op.Binary _,
          io.octet.graph.op.Normalization _,
          io.octet.graph.op.Comparison _,
          io.octet.graph.op.Reduction _,
          io.octet.graph.op.Selection _,
          io.octet.graph.op.Generation _,
          io.octet.graph.op.Resampling _,
          io.octet.graph.op.Scanning _ ->
          literals.lower(node, draft);
    }
  }

  /// Whether some axis of what it reads or makes has no element: kernels are not asked to do
  /// nothing.
  private boolean isEmpty(Node node) {
    return Stream.concat(node.inputs().stream(), node.outputs().stream())
        .filter(infos::containsKey)
        .anyMatch(value -> infos.get(value).shape().dims().contains(Dim.of(0)));
  }

  private boolean serves(Node node, io.octet.graph.op.Pooling op) {
    return Pooling.serves(node, op, infos.get(node.output()).shape().rank());
  }

  /// Whether the first input is of reals: the others are sizes.
  private boolean isImage(Node node, Draft draft) {
    return literals.isReal(node.input(0), draft.values);
  }

  private boolean real(Node node, Draft draft) {
    return literals.isReal(node, draft.values);
  }

  /// Whether `value` lies ready, or does once the Q and DQ nodes that make it are lowered: they
  /// are.
  boolean available(String value, Draft draft) {
    return available(value, LONGEST_CHAIN, draft);
  }

  private boolean available(String value, int depth, Draft draft) {
    if (draft.values.has(value)) {
      return true;
    }
    Node producer = graph.producer(value);
    boolean reachable =
        depth > 0
            && (QdqNodes.isQuantize(producer) || QdqNodes.isDequantize(producer))
            && !draft.isDone(producer)
            && producer.inputs().stream()
                .allMatch(v -> v.isEmpty() || available(v, depth - 1, draft));
    if (reachable) {
      lower(producer, draft);
    }
    return draft.values.has(value);
  }
}
