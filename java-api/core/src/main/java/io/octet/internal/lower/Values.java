package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.QdqNodes;
import io.octet.internal.plan.Buffer;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Where every value lies, and in which forms. A value starts in one form; another is planned,
/// once, when a step asks for it. What a draft adds is its own until it is committed.
final class Values {
  private final Scope scope;
  private final Draft draft;
  private final Values outer;
  private final boolean afresh;
  private final Map<String, List<Repr>> forms = new HashMap<>();

  /// @param outer values that lie ready; null for none
  /// @param afresh whether they do so only in the form in which they were made
  Values(Scope scope, Draft draft, Values outer, boolean afresh) {
    this.scope = scope;
    this.draft = draft;
    this.outer = outer;
    this.afresh = afresh;
  }

  void put(String value, Repr repr) {
    forms.computeIfAbsent(value, k -> new ArrayList<>()).add(repr);
  }

  /// Makes the outer draft's what was added here.
  void commit() {
    forms.forEach((value, made) -> made.forEach(repr -> outer.put(value, repr)));
    forms.clear();
  }

  boolean has(String value) {
    return !forms(value).isEmpty() || Constants.isKnown(scope.graph(), value);
  }

  /// The first of them is the one in which the value was made.
  private List<Repr> forms(String value) {
    List<Repr> own = forms.getOrDefault(value, List.of());
    if (outer == null) {
      return own;
    }
    List<Repr> all = new ArrayList<>(outer.forms(value));
    if (afresh && all.size() > 1) {
      all.subList(1, all.size()).clear();
    }
    all.addAll(own);
    return all;
  }

  /// The form in which the value was made.
  Repr original(String value) {
    List<Repr> made = forms(value);
    if (!made.isEmpty()) {
      return made.getFirst();
    }
    Repr constant = constant(value);
    put(value, constant);
    return constant;
  }

  /// The value as int8 with one scale, in the layout in which it lies; null where it is not
  /// quantized so.
  Repr int8(String value) {
    Repr repr = original(value);
    boolean usable = repr.desc().isInt8() && repr.desc().quant().isPerTensor();
    return usable ? repr : null;
  }

  /// The parameters of all of them, if they are int8 with the same ones; else null.
  QuantParams commonParams(List<String> names) {
    QuantParams common = null;
    for (String name : names) {
      Repr x = int8(name);
      if (x == null || common != null && !common.equals(x.desc().quant())) {
        return null;
      }
      common = x.desc().quant();
    }
    return common;
  }

  /// The value as it is quantized, in `layout`.
  Repr int8(String value, Layout layout) {
    Repr repr = int8(value);
    return repr == null ? null : in(value, layout, repr.desc().quant(), false);
  }

  /// The value as float, in `layout`.
  Repr f32(String value, Layout layout) {
    return in(value, layout, null, false);
  }

  /// The value in its own type, row-major.
  Repr rowMajor(String value) {
    return in(value, Layout.ROW_MAJOR, original(value).desc().quant(), false);
  }

  /// The value in a form, made if need be. `keepImage` accepts a permuted flattening.
  Repr in(String value, Layout layout, QuantParams quant, boolean keepImage) {
    Repr source = original(value);
    for (Repr repr : forms(value)) {
      boolean sameType = Objects.equals(repr.desc().quant(), quant);
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
    Node maker = scope.graph().producer(value);
    boolean dequantizes = quant == null && source.desc().isInt8() && QdqNodes.isDequantize(maker);
    return dequantizes
        ? convert(maker.name(), source, layout, null, maker.op().name())
        : convert(value, source, layout, quant, "Reorder");
  }

  /// A constant in another form is another constant: nothing is left to do at run time.
  private Repr ahead(Repr source, Layout layout, QuantParams quant) {
    Buffer known = source.buffer();
    if (known.constant() == null || quant != null && !quant.equals(source.desc().quant())) {
      return null;
    }
    Shape shape = source.desc().shape();
    QuantParams meant = quant == null ? source.desc().quant() : null;
    Repr made = derived(known, new Form(shape, meant, layout));
    return new Repr(made.buffer(), new TensorDesc(made.desc().type(), layout, shape, quant));
  }

  /// A constant under another shape, dequantized, and in another layout.
  ///
  /// @param meant what its integers stand for, where it is to be dequantized; else null
  record Form(Shape shape, QuantParams meant, Layout layout) {}

  private static Constant formed(Constant known, Form form) {
    DataType type = form.meant() == null ? known.type() : DataType.F32;
    Shape shape = form.shape();
    return known.form(
        form, type, shape, t -> formed(t.reshape(shape), form.meant(), form.layout()));
  }

  private static Tensor formed(Tensor known, QuantParams meant, Layout layout) {
    Tensor real = meant == null ? known : Constants.dequantize(known, meant);
    return layout == Layout.CHANNELS_LAST ? ChannelsLast.asNhwc(real) : real;
  }

  /// A constant with as many leading axes of size 1 as `layout` needs.
  Repr widened(String value, Layout layout, int rank, QuantParams quant) {
    Repr rows = in(value, Layout.ROW_MAJOR, quant, false);
    List<Dim> dims = new ArrayList<>(rows.desc().shape().dims());
    while (dims.size() < rank) {
      dims.addFirst(new Dim.Fixed(1));
    }
    Shape shape = new Shape(dims);
    Form form = new Form(shape, null, layout);
    Repr made = derived(rows.buffer(), form);
    return new Repr(made.buffer(), new TensorDesc(made.desc().type(), layout, shape, quant));
  }

  /// A step that turns `source` into another type and layout.
  ///
  /// @param op what the explanation calls it
  private Repr convert(String label, Repr source, Layout layout, QuantParams quant, String op) {
    KernelSpec spec = conversion(source, layout, quant);
    return convert(label, source, spec, Explanation.conversion(label, op, spec));
  }

  /// The same for a node that is that conversion.
  Repr convert(Node node, Repr source, Layout layout, QuantParams quant) {
    KernelSpec spec = conversion(source, layout, quant);
    TensorDesc from = source.desc();
    TensorDesc to = new TensorDesc(spec.y().type(), layout, from.shape(), quant);
    Explanation.Row row =
        draft
            .explanation()
            .of(node, new KernelSpec.Convert(from, to), Tail.nothing(node), Reason.NONE);
    return convert(node.name(), source, spec, row);
  }

  private Repr convert(String label, Repr source, KernelSpec spec, Explanation.Row row) {
    Repr made = draft.step(label, spec, List.of(source), row).getFirst();
    if (source.image() == null) {
      return made;
    }
    TensorDesc y = spec.y();
    Shape flat = source.desc().shape();
    return new Repr(made.buffer(), new TensorDesc(y.type(), Layout.ROW_MAJOR, flat, y.quant()));
  }

  private static KernelSpec conversion(Repr source, Layout layout, QuantParams quant) {
    TensorDesc from = source.image() == null ? source.desc() : source.unflattened();
    boolean other = !from.isInt8() && from.type() != DataType.F32; // keeps its bits
    DataType type = quant != null ? quant.type() : other ? from.type() : DataType.F32;
    return new KernelSpec.Convert(from, new TensorDesc(type, layout, from.shape(), quant));
  }

  private Repr constant(String value) {
    Tensor known = scope.graph().constant(value);
    if (known != null) {
      return scope.isShared(value) ? constant(scope.constants().of(value, known)) : own(known);
    }
    Constants.Quantized quantized =
        Constants.quantized(scope.graph(), value)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "value \"" + value + "\" was read before it was made"));
    Tensor q = quantized.integers();
    Constant stored = scope.constants().of(value, q);
    QuantParams quant = quantized.params();
    if (q.type().isInt8() && quant.isPerTensor()) {
      Buffer buffer = constant(stored).buffer();
      return new Repr(buffer, TensorDesc.quantized(Layout.ROW_MAJOR, q.shape(), quant));
    }
    Form form = new Form(q.shape(), quant, Layout.ROW_MAJOR);
    return constant(stored.form(form, DataType.F32, q.shape(), _ -> quantized.floats()));
  }

  /// A constant of the graph, in some form: all plans share it.
  private static Repr constant(Constant constant) {
    return constant(constant, true);
  }

  /// A constant that this plan alone has, row-major.
  static Repr own(Tensor tensor) {
    return constant(Constant.of(tensor), false);
  }

  private static Repr constant(Constant constant, boolean shared) {
    Buffer buffer = Buffer.constant(constant, shared);
    return new Repr(buffer, TensorDesc.plain(constant.type(), constant.shape()));
  }

  /// A constant in another form; one of all plans is made for the first of them.
  private static Repr derived(Buffer from, Form form) {
    return constant(formed(from.constant(), form), from.shared());
  }
}
