package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Quantization.DynamicQuantizeLinear;
import io.octet.graph.op.Quantization.QuantizeLinear;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Lowers QuantizeLinear to conversions. A DequantizeLinear is lazy: its output stays the int8
/// buffer until somebody needs floats.
final class Quantization {
  private final Scope scope;
  private final Literal literals;
  private final DynamicLayers layers;

  Quantization(Scope scope, Literal literals, DynamicLayers layers) {
    this.scope = scope;
    this.literals = literals;
    this.layers = layers;
  }

  void lower(Node node, io.octet.graph.op.Quantization op, Draft draft) {
    switch (op) {
      case QuantizeLinear q -> quantize(node, q, draft);
      case DequantizeLinear d -> dequantize(node, d, draft);
      case DynamicQuantizeLinear d -> {
        if (!layers.quantize(node, d, draft)) {
          literals.lower(node, draft);
        }
      }
    }
  }

  private void quantize(Node node, QuantizeLinear op, Draft draft) {
    Values values = draft.values;
    Repr x = values.original(node.input(0));
    QuantParams quant = QdqNodes.params(scope.graph(), node, op.type());
    if (quant == null || x.desc().type() == DataType.S32) {
      atRunTime(node, op.type(), op.axis(), draft);
      return;
    }
    if (quant.equals(x.desc().quant())) {
      draft.view(node, x);
      return;
    }
    if (!quant.isPerTensor()) {
      Repr rows = values.in(node.input(0), Layout.ROW_MAJOR, x.desc().quant(), false);
      Repr made = values.convert(node, rows, Layout.ROW_MAJOR, quant);
      TensorDesc bytes = TensorDesc.plain(quant.type(), x.desc().shape());
      values.put(node.output(), new Repr(made.buffer(), bytes));
      return;
    }
    if (x.image() != null) {
      // Elementwise: the order of a permuted flattening does not matter, and is kept.
      Repr flat = new Repr(x.buffer(), x.desc());
      Repr made = values.convert(node, flat, Layout.ROW_MAJOR, quant);
      values.put(node.output(), new Repr(made.buffer(), made.desc(), x.image()));
      return;
    }
    Layout layout = scope.isLiteral() ? x.desc().layout() : scope.layout(node, values);
    values.put(node.output(), values.convert(node, x, layout, quant));
  }

  private void dequantize(Node node, DequantizeLinear op, Draft draft) {
    if (Constants.isQuantized(scope.graph(), node.output()) || layers.isTaken(node)) {
      return;
    }
    Values values = draft.values;
    Repr q = values.original(node.input(0));
    QuantParams quant =
        q.desc().type().isInt8() ? QdqNodes.params(scope.graph(), node, q.desc().type()) : null;
    if (quant == null) {
      atRunTime(node, DataType.F32, op.axis(), draft);
      return;
    }
    if (!quant.isPerTensor()) {
      Repr rows = values.rowMajor(node.input(0));
      TensorDesc meant = TensorDesc.quantized(Layout.ROW_MAJOR, rows.desc().shape(), quant);
      Repr x = new Repr(rows.buffer(), meant);
      values.put(node.output(), values.convert(node, x, Layout.ROW_MAJOR, null));
      return;
    }
    TensorDesc meant = new TensorDesc(q.desc().type(), q.desc().layout(), q.desc().shape(), quant);
    Repr lazy = new Repr(q.buffer(), meant, q.image());
    values.put(
        node.output(), scope.isLiteral() ? values.convert(node, lazy, meant.layout(), null) : lazy);
  }

  /// Where scale or zero point arrive at run time.
  private void atRunTime(Node node, DataType to, int axis, Draft draft) {
    Values values = draft.values;
    boolean quantizes = to != DataType.F32;
    Repr x =
        quantizes ? values.f32(node.input(0), Layout.ROW_MAJOR) : values.rowMajor(node.input(0));
    Repr scale = values.f32(node.input(1), Layout.ROW_MAJOR);
    Repr zero = node.hasInput(2) ? values.rowMajor(node.input(2)) : null;
    Shape shape = scope.shape(node.output());
    TensorDesc y =
        quantizes ? TensorDesc.dynamic(to, shape) : TensorDesc.f32(Layout.ROW_MAJOR, shape);
    TensorDesc given = quantizes ? x.desc() : TensorDesc.dynamic(x.desc().type(), x.desc().shape());
    int positive = axis < 0 ? axis + shape.rank() : axis;
    KernelSpec spec =
        new KernelSpec.RuntimeQuantize(
            given, scale.desc(), zero == null ? null : zero.desc(), y, positive);
    List<Repr> from = new ArrayList<>(List.of(x, scale));
    if (zero != null) {
      from.add(zero);
    }
    draft.emit(node, spec, from, Reason.NOT_QUANTIZED);
  }
}
