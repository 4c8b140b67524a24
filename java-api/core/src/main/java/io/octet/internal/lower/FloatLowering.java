package io.octet.internal.lower;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Node;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Product;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.BinaryFunction;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.lower.PlanBuilder.Reason;
import io.octet.internal.pass.Constants;
import io.octet.internal.select.Registry;
import io.octet.tensor.Dim;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Lowers elementwise operators, which stay in int8 where their inputs and output are quantized,
/// and those that are computed in float: products of two activations, normalization, softmax.
final class FloatLowering {
  private final PlanBuilder plan;
  private final Lowering lowering;
  private final Values values;

  FloatLowering(PlanBuilder plan, Lowering lowering) {
    this.plan = plan;
    this.lowering = lowering;
    this.values = plan.values;
  }

  void unary(Node node) {
    Repr q = plan.options.literal() ? null : values.int8(node.input(0));
    Tail tail = behind(node, Tail.Wish.QUANTIZE);
    Reason reason =
        q == null
            ? Reason.NOT_QUANTIZED
            : new Reason(RefusalCode.MISSING_RANGE, "its input is quantized, its output is not");
    if (q != null && tail.quant() != null) {
      TensorDesc x = q.desc();
      KernelSpec spec =
          new KernelSpec.Unary(
              node.op(), x, TensorDesc.quantized(x.layout(), x.shape(), tail.quant()));
      Registry.Selection selection = plan.ask(spec);
      if (selection.kernel() != null) {
        Repr y =
            lowering.emit(node, spec, selection.kernel(), List.of(q.buffer()), tail, Reason.NONE);
        keepImage(q, y, tail.output());
        return;
      }
      reason = Reason.of(selection);
    }
    Repr x = values.f32(node.input(0), values.original(node.input(0)).desc().layout());
    TensorDesc y = TensorDesc.f32(x.desc().layout(), x.desc().shape());
    lowering.emit(
        node,
        new KernelSpec.Unary(node.op(), x.desc(), y),
        List.of(x.buffer()),
        behind(node, Tail.Wish.NOTHING),
        reason);
  }

  /// An elementwise result of a permuted flattening is permuted too.
  private void keepImage(Repr x, Repr y, String value) {
    if (x.image() != null) {
      values.replace(value, new Repr(y.buffer(), y.desc(), x.image()));
    }
  }

  void binary(Node node, BinaryFunction function) {
    Reason reason = binaryInt8(node, function);
    if (reason == null) {
      return;
    }
    Shape shape = plan.shape(node.output());
    Layout layout = commonLayout(node, shape);
    Repr a = operand(node.input(0), layout, shape, null);
    Repr b = operand(node.input(1), layout, shape, null);
    Tail tail = behind(node, Tail.Wish.CLAMP);
    PostOps post = new PostOps(null, tail.min(), tail.max());
    lowering.emit(
        node,
        new KernelSpec.Binary(function, a.desc(), b.desc(), TensorDesc.f32(layout, shape), post),
        List.of(a.buffer(), b.buffer()),
        tail,
        reason);
  }

  /// Lowers in int8 and returns null, or returns the reason why that cannot be.
  private Reason binaryInt8(Node node, BinaryFunction function) {
    if (plan.options.literal()) {
      return Reason.NOT_QUANTIZED;
    }
    Repr a = values.int8(node.input(0));
    Repr b = values.int8(node.input(1));
    Tail tail = behind(node, Tail.Wish.CLAMP_QUANTIZE);
    if (a == null || b == null || tail.quant() == null) {
      boolean partly = a != null || b != null || tail.quant() != null;
      return partly
          ? new Reason(RefusalCode.MISSING_RANGE, "not all of its inputs and output are quantized")
          : Reason.NOT_QUANTIZED;
    }
    Shape shape = plan.shape(node.output());
    Layout layout = commonLayout(node, shape);
    Repr x = operand(node.input(0), layout, shape, a.desc().quant());
    Repr z = operand(node.input(1), layout, shape, b.desc().quant());
    PostOps post = new PostOps(null, tail.min(), tail.max());
    KernelSpec spec =
        new KernelSpec.Binary(
            function, x.desc(), z.desc(), TensorDesc.quantized(layout, shape, tail.quant()), post);
    Registry.Selection selection = plan.ask(spec);
    if (selection.kernel() == null) {
      return Reason.of(selection);
    }
    lowering.emit(
        node, spec, selection.kernel(), List.of(x.buffer(), z.buffer()), tail, Reason.NONE);
    return null;
  }

  /// NHWC where an operand of the result's shape lies so and the other can; else row-major.
  private Layout commonLayout(Node node, Shape shape) {
    if (shape.rank() != 4) {
      return Layout.ROW_MAJOR;
    }
    boolean nhwc = false;
    for (int i = 0; i < 2; i++) {
      Repr repr = values.original(node.input(i));
      boolean constant = plan.buffers().get(repr.buffer()).constant() != null;
      if (repr.desc().shape().rank() != 4 && !constant) {
        return Layout.ROW_MAJOR;
      }
      nhwc |= repr.desc().layout() == Layout.CHANNELS_LAST;
    }
    return nhwc ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
  }

  /// An operand in `layout`; a constant of lower rank gets leading axes of size 1 where NHWC needs
  /// four.
  private Repr operand(String value, Layout layout, Shape result, QuantParams quant) {
    Repr original = values.original(value);
    if (layout == Layout.ROW_MAJOR || original.desc().shape().rank() == 4) {
      return values.in(value, layout, quant, false);
    }
    Repr rows = values.in(value, Layout.ROW_MAJOR, quant, false);
    List<Dim> dims = new ArrayList<>(rows.desc().shape().dims());
    while (dims.size() < result.rank()) {
      dims.addFirst(new Dim.Fixed(1));
    }
    Tensor known = plan.buffers().get(rows.buffer()).constant();
    Shape shape = new Shape(dims);
    Tensor image =
        plan.derived(
            known,
            new Values.Form(shape, null, layout),
            t -> ChannelsLast.asNhwc(t.reshape(shape)));
    int buffer = plan.constant(image).buffer();
    return new Repr(
        buffer, new TensorDesc(image.type(), Layout.CHANNELS_LAST, image.shape(), quant));
  }

  void gemm(Node node, Product.Gemm op) {
    Tail whole = behind(node, Tail.Wish.NOTHING);
    Repr product = product(node, op.transA(), op.transB(), op.alpha(), whole);
    if (!node.hasInput(2) || op.beta() == 0) {
      values.put(node.output(), product);
      return;
    }
    Repr c = values.f32(node.input(2), Layout.ROW_MAJOR);
    if (op.beta() != 1) {
      long[] ones = new long[c.desc().shape().rank()];
      Arrays.fill(ones, 1);
      Repr beta = plan.own(Tensor.of(new float[] {op.beta()}, ones));
      c = combined(node, BinaryFunction.MUL, c, beta, c.desc());
    }
    values.put(node.output(), combined(node, BinaryFunction.ADD, product, c, product.desc()));
  }

  /// A further step of a node that has its row already.
  private Repr combined(Node node, BinaryFunction function, Repr a, Repr b, TensorDesc y) {
    KernelSpec spec = new KernelSpec.Binary(function, a.desc(), b.desc(), y, PostOps.NONE);
    Repr made = plan.fresh(y);
    plan.step(
        node.name(),
        plan.demand(node.name(), spec),
        List.of(a.buffer(), b.buffer()),
        made.buffer());
    return made;
  }

  void matMul(Node node) {
    Tail tail = behind(node, Tail.Wish.NOTHING);
    values.put(node.output(), product(node, false, false, 1, tail));
  }

  private Repr product(Node node, boolean transA, boolean transB, float alpha, Tail tail) {
    boolean quantized =
        !plan.options.literal()
            && values.int8(node.input(0)) != null
            && values.int8(node.input(1)) != null;
    Reason reason =
        quantized
            ? new Reason(RefusalCode.UNSUPPORTED_OP, "no int8 kernel for " + productOf(node))
            : Reason.NOT_QUANTIZED;
    Repr a = values.f32(node.input(0), Layout.ROW_MAJOR);
    Repr b = values.f32(node.input(1), Layout.ROW_MAJOR);
    KernelSpec spec =
        new KernelSpec.MatMul(
            a.desc(),
            b.desc(),
            TensorDesc.f32(Layout.ROW_MAJOR, plan.shape(node.output())),
            transA,
            transB,
            alpha);
    var kernel = plan.demand(node.name(), spec);
    Repr y = plan.fresh(spec.y());
    plan.step(node.name(), kernel, List.of(a.buffer(), b.buffer()), y.buffer());
    plan.report(node, kernel, spec, tail, reason);
    return y;
  }

  /// Layers come by another way: a constant here is no matrix of weights.
  private String productOf(Node node) {
    for (int i = 0; i < 2; i++) {
      if (Constants.isKnown(plan.graph, node.input(i))) {
        String side = i == 0 ? "left" : "right";
        return "a product with the constant " + plan.shape(node.input(i)) + " on the " + side;
      }
    }
    return "a product of two activations";
  }

  void batchNorm(Node node, Normalization.BatchNormalization op) {
    float[][] constants = new float[4][];
    for (int i = 0; i < 4; i++) {
      Tensor t = Constants.floats(plan.graph, node.input(i + 1));
      if (t == null) {
        throw new Unsupported(node + ": \"" + node.input(i + 1) + "\" is no constant");
      }
      constants[i] = t.toFloats();
    }
    float[] scale = new float[constants[0].length];
    float[] shift = new float[scale.length];
    for (int c = 0; c < scale.length; c++) {
      double factor = constants[0][c] / Math.sqrt((double) constants[3][c] + op.epsilon());
      scale[c] = (float) factor;
      shift[c] = (float) (constants[1][c] - constants[2][c] * factor);
    }
    Repr x = values.f32(node.input(0), values.original(node.input(0)).desc().layout());
    TensorDesc y = TensorDesc.f32(x.desc().layout(), x.desc().shape());
    lowering.emit(
        node,
        new KernelSpec.ChannelAffine(x.desc(), y, scale, shift),
        List.of(x.buffer()),
        behind(node, Tail.Wish.NOTHING),
        Reason.NOT_QUANTIZED);
  }

  void softmax(Node node, Normalization.Softmax op) {
    Repr x = values.f32(node.input(0), Layout.ROW_MAJOR);
    Shape shape = x.desc().shape();
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    lowering.emit(
        node,
        new KernelSpec.Softmax(x.desc(), TensorDesc.f32(Layout.ROW_MAJOR, shape), axis),
        List.of(x.buffer()),
        behind(node, Tail.Wish.NOTHING),
        Reason.NOT_QUANTIZED);
  }

  private Tail behind(Node node, Tail.Wish wish) {
    return Tail.behind(plan.graph, node, plan.options.literal() ? Tail.Wish.NOTHING : wish);
  }
}
