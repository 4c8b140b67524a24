package io.octet.internal.kernel;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// A tensor that never changes, meant by identity: specs, kernels and packed weights name it, and
/// do not hold its values. Once every kernel has them in a form of its own they are forgotten.
/// Thread-safe.
public final class Constant {
  private final String name;
  private final DataType type;
  private final Shape shape;
  private final MemoryBudget budget;
  private final Map<Object, Constant> forms = new HashMap<>();
  private Supplier<Tensor> source; // null once the values are forgotten
  private Tensor values; // null until somebody asks for them
  private long taken;

  private Constant(
      String name, DataType type, Shape shape, MemoryBudget budget, Supplier<Tensor> source) {
    this.name = name;
    this.type = type;
    this.shape = shape;
    this.budget = budget;
    this.source = source;
  }

  /// A tensor that is there already.
  ///
  /// @param name what errors call it; may be empty
  /// @param budget is asked before it is made in another form
  public static Constant of(String name, Tensor tensor, MemoryBudget budget) {
    String quoted = name.isEmpty() ? "" : "\"" + name + "\" ";
    Constant made = new Constant(quoted, tensor.type(), tensor.shape(), budget, () -> tensor);
    made.values = tensor;
    return made;
  }

  /// A tensor that belongs to nobody's budget.
  public static Constant of(Tensor tensor) {
    return of("", tensor, MemoryBudget.unlimited());
  }

  /// The element type.
  public DataType type() {
    return type;
  }

  /// The logical shape.
  public Shape shape() {
    return shape;
  }

  /// How many elements there are.
  public long elements() {
    return shape.elements();
  }

  /// Size in memory.
  public long bytes() {
    return elements() * type.bytes();
  }

  /// The values.
  ///
  /// @throws IllegalStateException once they are forgotten
  /// @throws io.octet.OctetException.Unsupported where the budget does not allow this form
  public Tensor tensor() {
    Tensor known = known();
    if (known != null) {
      return known;
    }
    // Outside of the lock, which whoever gives back memory might need.
    budget.take(bytes(), () -> "another form of weights " + name + this);
    boolean kept = false;
    try {
      synchronized (this) {
        if (known() == null) {
          values = source.get();
          taken = bytes();
          kept = true;
        }
        return values;
      }
    } finally {
      if (!kept) {
        budget.giveBack(bytes());
      }
    }
  }

  private synchronized Tensor known() {
    if (source == null) {
      throw new IllegalStateException("the values of " + this + " are forgotten");
    }
    return values;
  }

  /// This constant in another form: the same for all who ask for it, and made when somebody wants
  /// its values.
  ///
  /// @param form names it; compared by equality
  public synchronized Constant form(
      Object form, DataType other, Shape logical, UnaryOperator<Tensor> make) {
    return forms.computeIfAbsent(
        form, _ -> new Constant(name, other, logical, budget, () -> make.apply(tensor())));
  }

  /// The same memory under another shape.
  public synchronized Constant reshaped(Shape other) {
    MemoryBudget free = MemoryBudget.unlimited();
    return forms.computeIfAbsent(
        other, _ -> new Constant(name, type, other, free, () -> tensor().reshape(other)));
  }

  /// Lets go of other forms, which are made again where somebody wants them.
  public void trim() {
    for (Constant form : forms()) {
      form.drop(form.source());
      form.trim();
    }
  }

  /// Lets go of the values, in every form, for good. Whoever needs them has made them its own.
  public void forget() {
    for (Constant form : forms()) {
      form.forget();
    }
    drop(null);
  }

  private synchronized List<Constant> forms() {
    return new ArrayList<>(forms.values());
  }

  private synchronized Supplier<Tensor> source() {
    return source;
  }

  private void drop(Supplier<Tensor> rest) {
    long free;
    synchronized (this) {
      source = rest;
      values = null;
      free = taken;
      taken = 0;
    }
    budget.giveBack(free);
  }

  /// "s8[64,64,3,3]".
  @Override
  public String toString() {
    return type.toString() + shape;
  }
}
