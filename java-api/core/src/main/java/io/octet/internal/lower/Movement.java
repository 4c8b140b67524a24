package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.DepthToSpace;
import io.octet.graph.op.Movement.Dropout;
import io.octet.graph.op.Movement.Expand;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Movement.Pad;
import io.octet.graph.op.Movement.PadMode;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.SpaceToDepth;
import io.octet.graph.op.Movement.Split;
import io.octet.graph.op.Movement.Squeeze;
import io.octet.graph.op.Movement.Tile;
import io.octet.graph.op.Movement.Transpose;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Lowers operators that only move values: to views where the bytes already lie right, else to
/// copies in the type that the values have.
final class Movement {
  private final Scope scope;
  private final Literal literals;

  Movement(Scope scope, Literal literals) {
    this.scope = scope;
    this.literals = literals;
  }

  void lower(Node node, io.octet.graph.op.Movement op, Draft draft) {
    switch (op) {
      case Identity _, Dropout _ -> draft.view(node, draft.values.original(node.input(0)));
      case Flatten _, Reshape _, Squeeze _, Unsqueeze _ -> reshape(node, draft);
      case Expand _, Tile _, DepthToSpace _, SpaceToDepth _ -> literals.lower(node, draft);
      case Split s when splitsLastAxis(node, s, draft) -> splitLastAxis(node, s, draft);
      case Split _ -> literals.lower(node, draft);
      case Pad p -> pad(node, p, draft);
      case Transpose t -> transpose(node, t, draft);
      case Concat c -> concat(node, c, draft);
    }
  }

  /// Whether channels are split that lie last: they are pieces of the innermost axis there.
  private boolean splitsLastAxis(Node node, Split op, Draft draft) {
    Repr x = draft.values.original(node.input(0));
    Shape shape = x.desc().shape();
    boolean real =
        x.desc().isInt8() ? x.desc().quant().isPerTensor() : x.desc().type() == DataType.F32;
    return real
        && !scope.isLiteral()
        && x.image() == null
        && x.desc().layout() == Layout.CHANNELS_LAST
        && shape.axis(op.axis()).orElseThrow() == 1;
  }

  private void splitLastAxis(Node node, Split op, Draft draft) {
    Repr x = draft.values.original(node.input(0));
    DataType type = x.desc().type();
    List<Repr> from = new ArrayList<>(List.of(x));
    List<TensorDesc> operands = new ArrayList<>(List.of(inMemory(type, x.desc().shape())));
    if (node.hasInput(1)) {
      from.add(draft.values.rowMajor(node.input(1)));
      operands.add(from.getLast().desc());
    }
    List<TensorDesc> pieces =
        node.outputs().stream().map(y -> inMemory(type, scope.shape(y))).toList();
    KernelSpec spec = new KernelSpec.Literal(new Split(-1, op.parts()), operands, pieces);
    Explanation.Row row =
        draft
            .explanation()
            .of(node, spec, x.desc().isInt8(), Tail.nothing(node), Reason.NOT_QUANTIZED);
    List<Repr> made = draft.step(node.name(), spec, from, row);
    for (int i = 0; i < made.size(); i++) {
      String output = node.outputs().get(i);
      TensorDesc y = x.desc().sized(scope.shape(output));
      draft.values.put(output, new Repr(made.get(i).buffer(), y));
    }
  }

  /// The bytes of a value whose channels are last, whatever they stand for.
  private static TensorDesc inMemory(DataType type, Shape shape) {
    return TensorDesc.plain(type, Shape.of(Layout.CHANNELS_LAST.inMemory(shape)));
  }

  /// Zeros beside bytes are their zero point.
  private void pad(Node node, Pad op, Draft draft) {
    QuantParams quant = scope.isLiteral() ? null : draft.values.commonParams(node.data());
    boolean zeros = op.mode() == PadMode.CONSTANT && !node.hasInput(2) && op.fill() == 0;
    if (quant != null && zeros && quant.isPerTensor()) {
      literals.lower(node, new Pad(op.mode(), op.axes(), quant.zeroPoint()), draft);
    } else {
      literals.lower(node, draft);
    }
  }

  private void reshape(Node node, Draft draft) {
    Repr x = draft.values.original(node.input(0));
    Shape from = x.desc().shape();
    Shape to = scope.shape(node.output());
    Repr made;
    if (x.liesIn(Layout.ROW_MAJOR)) {
      made = new Repr(x.buffer(), reshaped(x.desc(), to));
    } else if (Layouts.flattens(x, to) && !scope.isLiteral()) {
      Shape image = new Shape(from.dims().subList(1, from.rank()));
      made = new Repr(x.buffer(), reshaped(x.desc(), to), image);
    } else if (x.image() != null && to.equals(from)) {
      made = x;
    } else {
      Repr rows = draft.values.rowMajor(node.input(0));
      made = new Repr(rows.buffer(), reshaped(rows.desc(), to));
    }
    draft.view(node, made);
  }

  private static TensorDesc reshaped(TensorDesc a, Shape to) {
    return a.in(Layout.ROW_MAJOR).sized(to);
  }

  private void transpose(Node node, Transpose op, Draft draft) {
    Repr x = draft.values.rowMajor(node.input(0));
    int rank = x.desc().shape().rank();
    List<Integer> perm =
        op.perm().isEmpty()
            ? IntStream.range(0, rank).mapToObj(i -> rank - 1 - i).toList()
            : op.perm();
    TensorDesc y = reshaped(x.desc(), scope.shape(node.output()));
    KernelSpec spec = new KernelSpec.Transpose(x.desc(), y, perm);
    draft.emit(node, spec, List.of(x), Reason.NOT_QUANTIZED);
  }

  private void concat(Node node, Concat op, Draft draft) {
    Values values = draft.values;
    Tail tail =
        scope.isLiteral()
            ? Tail.nothing(node)
            : Tail.behind(scope.graph(), node, Tail.Wish.QUANTIZE);
    QuantParams quant = tail.quant() != null ? tail.quant() : common(node, values);
    Shape shape = scope.shape(node.output());
    Layout layout = scope.layout(node, values);
    DataType type = scope.info(node.output()).type();
    boolean asTheyStand = quant == null && type != DataType.F32;
    List<Repr> from = new ArrayList<>();
    for (String input : node.inputs()) {
      QuantParams own = asTheyStand ? values.original(input).desc().quant() : quant;
      from.add(values.in(input, layout, own, false));
    }
    List<TensorDesc> xs =
        from.stream().map(x -> asTheyStand ? x.desc().asPlain() : x.desc()).toList();
    TensorDesc y = new TensorDesc(quant != null ? quant.type() : type, layout, shape, quant);
    int axis = shape.axis(op.axis()).orElseThrow();
    boolean quantized =
        !scope.isLiteral() && node.inputs().stream().allMatch(input -> values.int8(input) != null);
    Reason reason =
        quantized
            ? new Reason(
                RefusalCode.MISSING_RANGE, "its inputs share no scale, and its output has none")
            : Reason.NOT_QUANTIZED;
    draft.emit(node, new KernelSpec.Concat(xs, y, axis), from, tail, reason);
  }

  private QuantParams common(Node node, Values values) {
    return scope.isLiteral() ? null : values.commonParams(node.inputs());
  }
}
