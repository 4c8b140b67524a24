package io.octet.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What follows from free axes: a sum of products of free axes and of floors of quotients, each
/// times an integer. It has one form, so that equal expressions are equal axes as far as that form
/// reaches: what divides is divided, and a quotient of a quotient is one quotient. A number below
/// 0, which is no axis, is an expression without free axes.
public final class Expression implements Dim {
  /// What a product is made of.
  sealed interface Atom {
    /// A free axis.
    record Named(String name) implements Atom {
      @Override
      public String toString() {
        return name;
      }
    }

    /// floor(over / under). It keeps its text: whoever asked at each level would take exponential
    /// time.
    final class Quotient implements Atom {
      final Dim over;
      final Dim under;
      private final String text;

      Quotient(Dim over, Dim under) {
        this.over = over;
        this.under = under;
        long n = under instanceof Fixed(long size) ? size : 0;
        boolean up = n > 1 && over instanceof Expression e && e.constant == n - 1;
        this.text =
            up
                ? "ceil(" + over.plus(1 - n) + "/" + under + ")"
                : "floor(" + over + "/" + under + ")";
      }

      @Override
      public boolean equals(Object other) {
        return other instanceof Quotient that
            && text.equals(that.text)
            && over.equals(that.over)
            && under.equals(that.under);
      }

      @Override
      public int hashCode() {
        return text.hashCode();
      }

      @Override
      public String toString() {
        return text;
      }
    }
  }

  /// Atoms that are multiplied, in the order of their texts.
  record Product(List<Atom> atoms) {
    Product(Atom atom) {
      this(List.of(atom));
    }

    Product times(Product other) {
      List<Atom> all = new ArrayList<>(atoms);
      all.addAll(other.atoms);
      all.sort(Comparator.comparing(Atom::toString));
      return new Product(List.copyOf(all));
    }

    /// This without the atoms of `other`, or null where it has not all of them.
    Product without(Product other) {
      List<Atom> rest = new ArrayList<>(atoms);
      for (Atom atom : other.atoms) {
        if (!rest.remove(atom)) {
          return null;
        }
      }
      return new Product(List.copyOf(rest));
    }

    @Override
    public String toString() {
      return String.join("*", atoms.stream().map(Atom::toString).toList());
    }
  }

  final long constant;
  final Map<Product, Long> terms;
  private final String text;

  /// @param constant the term without free axes
  /// @param terms in the order of their texts; no factor is 0
  Expression(long constant, Map<Product, Long> terms) {
    this.constant = constant;
    this.terms = terms;
    this.text = text(constant, terms);
  }

  private static String text(long constant, Map<Product, Long> terms) {
    StringBuilder sum = new StringBuilder();
    terms.forEach(
        (product, factor) -> {
          sum.append(factor < 0 ? "-" : sum.isEmpty() ? "" : "+").append(product);
          sum.append(Math.abs(factor) == 1 ? "" : "*" + Math.abs(factor));
        });
    if (constant != 0) {
      sum.append(constant > 0 ? "+" : "").append(constant);
    }
    boolean single = terms.size() + (constant == 0 ? 0 : 1) == 1;
    return single ? sum.toString() : "(" + sum + ")";
  }

  static Expression number(long n) {
    return new Expression(n, Map.of());
  }

  OptionalLong constant() {
    return terms.isEmpty() ? OptionalLong.of(constant) : OptionalLong.empty();
  }

  boolean hasNoNegativeTerm() {
    boolean terms = this.terms.values().stream().allMatch(factor -> factor > 0);
    boolean atoms =
        this.terms.keySet().stream()
            .flatMap(product -> product.atoms().stream())
            .allMatch(Atom.Named.class::isInstance);
    return constant >= 0 && terms && atoms;
  }

  /// This with every free axis that `sizes` names replaced by its size.
  Dim bound(Map<String, Long> sizes) {
    Dim sum = Dim.of(constant);
    for (Map.Entry<Product, Long> term : terms.entrySet()) {
      Dim product = Dim.of(term.getValue());
      for (Atom atom : term.getKey().atoms()) {
        Dim factor =
            switch (atom) {
              case Atom.Named(String name) -> new Symbol(name).bind(sizes);
              case Atom.Quotient q -> q.over.bind(sizes).dividedBy(q.under.bind(sizes));
            };
        product = product.times(factor);
      }
      sum = sum.plus(product);
    }
    return sum;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Expression that
        && text.equals(that.text)
        && constant == that.constant
        && terms.equals(that.terms);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /// "(N*4+1)", "ceil(H/2)".
  @Override
  public String toString() {
    return text;
  }
}
