package io.octet.tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What follows from free axes: a sum of products of free axes and of floors of quotients, each
/// times an integer. It has one form, so that equal expressions are equal axes as far as that form
/// reaches: what divides is divided, and a quotient of a quotient is one quotient. A number below
/// 0, which is no axis, is an expression without free axes.
public final class Expression implements Dim {
  /// More terms are not multiplied out.
  private static final int MOST_TERMS = 4096;

  /// What a product is made of.
  private sealed interface Atom {
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
      private final Dim over;
      private final Dim under;
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
  private record Product(List<Atom> atoms) {
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

  private final long constant;
  private final Map<Product, Long> terms;
  private final String text;

  /// @param constant the term without free axes
  /// @param terms in the order of their texts; no factor is 0
  private Expression(long constant, Map<Product, Long> terms) {
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

  // ---- arithmetic

  static Dim sum(Dim a, Dim b) {
    return a instanceof Unknown
        ? a
        : b instanceof Unknown ? b : new Sum().add(a, 1).add(b, 1).toDim();
  }

  static Dim product(Dim a, Dim b) {
    if (a instanceof Unknown) {
      return a;
    }
    if (b instanceof Unknown) {
      return b;
    }
    Sum x = new Sum().add(a, 1);
    Sum y = new Sum().add(b, 1);
    if ((long) x.terms.size() * y.terms.size() > MOST_TERMS) {
      return new Unknown("a product of " + x.terms.size() + " and " + y.terms.size() + " terms");
    }
    Sum product = new Sum();
    product.add(b, x.constant);
    x.terms.forEach(
        (p, n) -> {
          product.add(p, Math.multiplyExact(n, y.constant));
          y.terms.forEach((q, m) -> product.add(p.times(q), Math.multiplyExact(n, m)));
        });
    return product.toDim();
  }

  static Dim quotient(Dim over, Dim under) {
    if (over instanceof Unknown) {
      return over;
    }
    if (under instanceof Unknown) {
      return under;
    }
    OptionalLong divisor = under.number();
    if (divisor.isEmpty()) {
      return over.equals(under) ? new Fixed(1) : reduced(new Sum().add(over, 1), under);
    }
    long n = divisor.getAsLong();
    OptionalLong dividend = over.number();
    if (n == 0 || n < 0 && dividend.isEmpty()) {
      return new Unknown("division by " + n);
    }
    return dividend.isPresent()
        ? Dim.of(Math.floorDiv(dividend.getAsLong(), n))
        : divided(new Sum().add(over, 1), n);
  }

  /// Floor of a sum divided by a positive number.
  private static Dim divided(Sum over, long divisor) {
    Sum whole = new Sum();
    Sum rest = over;
    long n = divisor;
    while (true) {
      rest = rest.split(n, whole);
      if (rest.terms.isEmpty()) {
        return whole.toDim();
      }
      long common = n;
      for (long factor : rest.terms.values()) {
        common = gcd(common, Math.abs(factor));
      }
      rest = rest.dividedBy(common);
      n /= common;
      if (!(rest.onlyAtom() instanceof Atom.Quotient q && q.under instanceof Fixed(long m))) {
        return whole.add(new Product(new Atom.Quotient(rest.toDim(), Dim.of(n))), 1).toDim();
      }
      // floor((floor(x / m) + c) / n) = floor((x + c * m) / (m * n))
      rest = new Sum().add(q.over, 1).add(Math.multiplyExact(rest.constant, m));
      n = Math.multiplyExact(n, m);
    }
  }

  private static long gcd(long a, long b) {
    long x = a;
    long y = b;
    while (y != 0) {
      long rest = x % y;
      x = y;
      y = rest;
    }
    return x;
  }

  /// Floor of a sum divided by another that is no number: what both have as a factor goes.
  private static Dim reduced(Sum over, Dim under) {
    Sum below = new Sum().add(under, 1);
    if (below.constant == 0 && below.terms.size() == 1) {
      Product product = below.terms.keySet().iterator().next();
      long factor = below.terms.get(product);
      Sum rest = over.without(product);
      if (rest != null && factor > 0) {
        return divided(rest, factor);
      }
    }
    Dim dividend = over.toDim();
    OptionalLong times = over.multipleOf(below);
    return times.isPresent()
        ? Dim.of(times.getAsLong())
        : dividend.number().equals(OptionalLong.of(0))
            ? dividend
            : new Sum().add(new Product(new Atom.Quotient(dividend, under)), 1).toDim();
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

  /// A sum in the making.
  private static final class Sum {
    private final Map<Product, Long> terms = new LinkedHashMap<>();
    private long constant;

    Sum add(long n) {
      constant = Math.addExact(constant, n);
      return this;
    }

    Sum add(Product product, long factor) {
      terms.merge(product, factor, Math::addExact);
      terms.remove(product, 0L);
      return this;
    }

    /// Adds `dim` times `factor`; it is not unknown.
    Sum add(Dim dim, long factor) {
      switch (dim) {
        case Fixed(long size) -> add(Math.multiplyExact(size, factor));
        case Symbol(String name) -> add(new Product(new Atom.Named(name)), factor);
        case Expression e -> {
          add(Math.multiplyExact(e.constant, factor));
          e.terms.forEach((product, n) -> add(product, Math.multiplyExact(n, factor)));
        }
        case Unknown(String reason) -> throw new IllegalArgumentException(reason);
      }
      return this;
    }

    /// Moves what `n` divides to `whole`, divided, and returns the rest.
    Sum split(long n, Sum whole) {
      Sum rest = new Sum().add(Math.floorMod(constant, n));
      whole.add(Math.floorDiv(constant, n));
      terms.forEach(
          (product, factor) -> {
            boolean divides = factor % n == 0;
            (divides ? whole : rest).add(product, divides ? factor / n : factor);
          });
      return rest;
    }

    /// This divided by `n`, which divides all but the constant.
    Sum dividedBy(long n) {
      Sum result = new Sum().add(Math.floorDiv(constant, n));
      terms.forEach((product, factor) -> result.add(product, factor / n));
      return result;
    }

    /// The atom that this is but for the constant, or null.
    Atom onlyAtom() {
      Map.Entry<Product, Long> only = terms.size() == 1 ? terms.entrySet().iterator().next() : null;
      return only != null && only.getValue() == 1 && only.getKey().atoms().size() == 1
          ? only.getKey().atoms().getFirst()
          : null;
    }

    /// This divided by `product`, or null where that does not divide every term.
    Sum without(Product product) {
      Sum rest = new Sum();
      for (Map.Entry<Product, Long> term : terms.entrySet()) {
        Product reduced = term.getKey().without(product);
        if (reduced == null || constant != 0) {
          return null;
        }
        if (reduced.atoms().isEmpty()) {
          rest.add(term.getValue());
        } else {
          rest.add(reduced, term.getValue());
        }
      }
      return rest;
    }

    /// How many times `other` this is, where it is a whole number.
    OptionalLong multipleOf(Sum other) {
      Product any = other.terms.keySet().iterator().next();
      long times = terms.getOrDefault(any, 0L) / other.terms.get(any);
      Sum product = new Sum().add(Math.multiplyExact(other.constant, times));
      other.terms.forEach((p, factor) -> product.add(p, Math.multiplyExact(factor, times)));
      boolean exact = product.constant == constant && product.terms.equals(terms);
      return exact && times != 0 ? OptionalLong.of(times) : OptionalLong.empty();
    }

    Dim toDim() {
      if (terms.isEmpty() && constant >= 0) {
        return new Fixed(constant);
      }
      if (constant == 0 && onlyAtom() instanceof Atom.Named(String name)) {
        return new Symbol(name);
      }
      Map<Product, Long> sorted = new LinkedHashMap<>();
      terms.entrySet().stream()
          .sorted(Comparator.comparing(term -> term.getKey().toString()))
          .forEach(term -> sorted.put(term.getKey(), term.getValue()));
      return new Expression(constant, sorted);
    }
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
