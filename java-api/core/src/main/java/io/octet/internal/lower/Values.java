package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.QdqNodes;
import io.octet.internal.plan.Buffer;
import io.octet.internal.plan.Plan;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where every value lies, and in which forms. A value starts in one form; another is made, once,
/// when a step asks for it.
public final class Values {
  private final PlanBuilder plan;
  private final Values outer;
  private final Map<String, List<Repr>> forms = new HashMap<>();
  private final List<Plan.Port> imported = new ArrayList<>();

  /// @param outer values that are inputs here, in the form in which they were made; null for none
  Values(PlanBuilder plan, Values outer) {
    this.plan = plan;
    this.outer = outer;
  }

  /// What was read of the outer values.
  List<Plan.Port> imported() {
    return imported;
  }

  public void put(String value, Repr repr) {
    forms.computeIfAbsent(value, k -> new ArrayList<>()).add(repr);
  }

  void replace(String value, Repr repr) {
    forms.put(value, new ArrayList<>(List.of(repr)));
  }

  boolean has(String value) {
    return forms.containsKey(value)
        || Constants.isKnown(plan.graph, value)
        || outer != null && outer.has(value);
  }

  /// The form in which the value was made.
  Repr original(String value) {
    if (!forms.containsKey(value)) {
      put(value, isImport(value) ? imported(value) : constant(value));
    }
    return forms.get(value).getFirst();
  }

  private boolean isImport(String value) {
    return outer != null && outer.has(value) && !Constants.isKnown(plan.graph, value);
  }

  private Repr imported(String value) {
    Repr made = outer.original(value);
    TensorDesc activation = made.desc();
    int buffer = plan.add(Buffer.input(Buffer.Kind.SPENT_INPUT, activation.bytes()));
    ValueInfo info = new ValueInfo(value, activation.type(), activation.shape());
    imported.add(new Plan.Port(info, buffer));
    return new Repr(buffer, activation, made.image());
  }

  /// The value as int8 with one scale, in the layout in which it lies; null where it is not
  /// quantized so.
  Repr int8(String value) {
    Repr repr = original(value);
    boolean usable = repr.desc().isInt8() && repr.desc().quant().isPerTensor();
    return usable ? repr : null;
  }

  /// The value as it is quantized, in `layout`.
  Repr int8(String value, Layout layout) {
    Repr repr = int8(value);
    return repr == null ? null : in(value, layout, repr.desc().quant(), false);
  }

  /// The value as float, in `layout`.
  public Repr f32(String value, Layout layout) {
    return in(value, layout, null, false);
  }

  /// The value in its own type, row-major.
  public Repr rowMajor(String value) {
    return in(value, Layout.ROW_MAJOR, original(value).desc().quant(), false);
  }

  /// The value in a form, made if need be. `keepImage` accepts a permuted flattening.
  Repr in(String value, Layout layout, QuantParams quant, boolean keepImage) {
    Repr source = original(value);
    for (Repr repr : forms.get(value)) {
      boolean sameType = java.util.Objects.equals(repr.desc().quant(), quant);
      boolean lies = repr.liesIn(layout) || keepImage && repr.image() != null;
      if (sameType && lies) {
        return repr.image() != null || repr.desc().layout() == layout
            ? repr
            : new Repr(repr.buffer(), repr.desc().in(layout));
      }
    }
    Repr made = convert(value, source, layout, quant);
    put(value, made);
    return made;
  }

  private Repr convert(String value, Repr source, Layout layout, QuantParams quant) {
    Repr ready = ahead(source, layout, quant);
    if (ready != null) {
      return ready;
    }
    Node maker = plan.graph.producer(value);
    boolean dequantizes = quant == null && source.desc().isInt8() && QdqNodes.isDequantize(maker);
    return dequantizes
        ? convert(maker.name(), source, layout, null, maker.op().name())
        : convert(value, source, layout, quant, "Reorder");
  }

  /// A constant in another form is another constant: nothing is left to do at run time.
  private Repr ahead(Repr source, Layout layout, QuantParams quant) {
    Tensor known = plan.buffers().get(source.buffer()).constant();
    if (known == null || quant != null && !quant.equals(source.desc().quant())) {
      return null;
    }
    Shape shape = source.desc().shape();
    QuantParams meant = quant == null ? source.desc().quant() : null;
    Tensor made =
        plan.derived(
            known, new Form(shape, meant, layout), t -> formed(t.reshape(shape), meant, layout));
    TensorDesc activation = new TensorDesc(made.type(), layout, shape, quant);
    return new Repr(plan.constant(made).buffer(), activation);
  }

  /// A constant under another shape, dequantized, and in another layout.
  ///
  /// @param meant what its integers stand for, where it is to be dequantized; else null
  record Form(Shape shape, QuantParams meant, Layout layout) {}

  private static Tensor formed(Tensor known, QuantParams meant, Layout layout) {
    Tensor real = meant == null ? known : Constants.dequantize(known, meant, 0);
    return layout == Layout.CHANNELS_LAST ? ChannelsLast.asNhwc(real) : real;
  }

  /// A step that turns `source` into another type and layout.
  ///
  /// @param op what the explanation calls it; null where the caller reports it
  Repr convert(String label, Repr source, Layout layout, QuantParams quant, String op) {
    TensorDesc from = source.desc();
    if (source.image() != null) {
      Shape image = source.image();
      from =
          new TensorDesc(
              from.type(),
              Layout.CHANNELS_LAST,
              Shape.of(from.shape().size(0), image.size(0), image.size(1), image.size(2)),
              from.quant());
    }
    boolean other = !from.isInt8() && from.type() != DataType.F32; // keeps its bits
    DataType type = quant != null ? quant.type() : other ? from.type() : DataType.F32;
    TensorDesc to = new TensorDesc(type, layout, from.shape(), quant);
    KernelSpec spec = new KernelSpec.Convert(from, to);
    Kernel kernel = plan.demand(label, spec);
    Repr made = plan.fresh(to);
    plan.step(label, kernel, List.of(source.buffer()), made.buffer());
    if (op != null) {
      plan.reportConversion(label, op, kernel, spec);
    }
    if (source.image() == null) {
      return made;
    }
    Shape flat = source.desc().shape();
    return new Repr(made.buffer(), new TensorDesc(type, Layout.ROW_MAJOR, flat, quant));
  }

  private Repr constant(String value) {
    Tensor known = plan.graph.constant(value);
    if (known != null) {
      return plan.constant(known);
    }
    Node dequantize = Constants.quantized(plan.graph, value);
    if (dequantize == null) {
      throw new IllegalStateException("value \"" + value + "\" was read before it was made");
    }
    Tensor q = plan.graph.constant(dequantize.input(0));
    QuantParams quant = Constants.params(plan.graph, dequantize);
    if (q.type().isInt8() && quant.isPerTensor()) {
      int buffer = plan.constant(q).buffer();
      return new Repr(buffer, TensorDesc.quantized(Layout.ROW_MAJOR, q.shape(), quant));
    }
    Form form = new Form(q.shape(), quant, Layout.ROW_MAJOR);
    return plan.constant(plan.derived(q, form, _ -> Constants.floats(plan.graph, value)));
  }
}
