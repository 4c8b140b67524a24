package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Pooling.AveragePool;
import io.octet.graph.op.Pooling.GlobalAveragePool;
import io.octet.graph.op.Pooling.GlobalLpPool;
import io.octet.graph.op.Pooling.GlobalMaxPool;
import io.octet.graph.op.Pooling.LpPool;
import io.octet.graph.op.Pooling.MaxPool;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.Dim;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.List;

/// Lowers pooling: on integers where that gives what float pooling between DQ and Q would, else on
/// floats.
final class Pooling {
  private static final int MOST_AT_ONCE = 1024;
  private static final String FLOAT_RESULT =
      "a mean stays in int8 where its output is quantized, but here it is float";

  private final Scope scope;

  Pooling(Scope scope) {
    this.scope = scope;
  }

  void lower(Node node, io.octet.graph.op.Pooling op, Draft draft) {
    Requantized form = new Requantized(scope, Layout.CHANNELS_LAST, FLOAT_RESULT);
    Reason reason = form.lower(node, (x, result) -> spec(node, op, x, result), draft);
    if (reason != null) {
      Repr x = rows(node, op, draft.values.f32(node.input(0), Layout.CHANNELS_LAST), draft);
      form.emit(node, spec(node, op, x.desc(), null), x, Tail.nothing(node), reason, draft);
    }
  }

  /// The means of a large image's rows, of which its own is the mean: one sum of so many floats
  /// loses digits.
  private static Repr rows(Node node, io.octet.graph.op.Pooling op, Repr x, Draft draft) {
    TensorDesc image = flat(x.desc().asImage());
    Shape shape = image.shape();
    if (!(op instanceof GlobalAveragePool) || shape.size(2) * shape.size(3) <= MOST_AT_ONCE) {
      return x;
    }
    TensorDesc means = image.sized(shape.with(3, Dim.of(1)));
    Window row = Window.of(1, Math.toIntExact(shape.size(3)));
    KernelSpec spec = new KernelSpec.Pool(image, means, row, PoolKind.AVERAGE);
    Repr from = new Repr(x.buffer(), image);
    return draft.step(node.name(), spec, List.of(from), null).getFirst();
  }

  /// Whether kernels do what `op` says.
  static boolean serves(Node node, io.octet.graph.op.Pooling op, int rank) {
    return switch (op) {
      case MaxPool _ -> rank <= 5 && node.outputs().stream().skip(1).allMatch(String::isEmpty);
      case AveragePool _ -> rank <= 5;
      case GlobalAveragePool _, GlobalMaxPool _ -> true;
      case LpPool _, GlobalLpPool _ -> false;
    };
  }

  /// A line of pixels is an image of one row, and for what takes all pixels together, every image
  /// is.
  ///
  /// @param quant how the result is quantized; null for float
  private KernelSpec spec(
      Node node, io.octet.graph.op.Pooling op, TensorDesc given, QuantParams quant) {
    Shape shape = scope.shape(node.output());
    TensorDesc x = given.asImage();
    TensorDesc y =
        (quant == null ? given.sized(shape) : TensorDesc.quantized(given.layout(), shape, quant))
            .asImage();
    return switch (op) {
      case MaxPool p -> new KernelSpec.Pool(x, y, resolved(p.window(), x), PoolKind.MAX);
      case AveragePool p -> {
        PoolKind kind = p.countIncludePad() ? PoolKind.AVERAGE_INCLUDE_PAD : PoolKind.AVERAGE;
        yield new KernelSpec.Pool(x, y, resolved(p.window(), x), kind);
      }
      case GlobalAveragePool _ -> whole(flat(x), y, PoolKind.AVERAGE);
      case GlobalMaxPool _ -> whole(flat(x), y, PoolKind.MAX);
      case LpPool _, GlobalLpPool _ -> throw new IllegalStateException(op + " has no kernel");
    };
  }

  private static Window resolved(Window window, TensorDesc x) {
    return (window.axes() == 1 ? window.ofOneRow() : window).resolve(x.shape());
  }

  /// An image of more than two spatial axes as one of two.
  private static TensorDesc flat(TensorDesc x) {
    Shape from = x.shape();
    if (from.rank() == 4) {
      return x;
    }
    long width = from.size(from.rank() - 1);
    long pixels = from.elements() / Math.max(1, from.size(0) * from.size(1));
    return x.sized(Shape.of(from.size(0), from.size(1), pixels / Math.max(1, width), width));
  }

  private static KernelSpec whole(TensorDesc x, TensorDesc y, PoolKind kind) {
    Shape from = x.shape();
    Window all = Window.of(Math.toIntExact(from.size(2)), Math.toIntExact(from.size(3)));
    TensorDesc pixel = y.sized(Shape.of(from.size(0), from.size(1), 1, 1));
    return new KernelSpec.Pool(x, pixel, all, kind);
  }
}
