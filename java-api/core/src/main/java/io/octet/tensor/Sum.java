package io.octet.tensor;

import io.octet.tensor.Dim.Fixed;
import io.octet.tensor.Dim.Symbol;
import io.octet.tensor.Dim.Unknown;
import io.octet.tensor.Expression.Atom;
import io.octet.tensor.Expression.Product;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/// An {@link Expression} in the making, and the arithmetic on axes, which brings every result into
/// its one form.
final class Sum {
  /// More terms are not multiplied out.
  private static final int MOST_TERMS = 4096;

  private final Map<Product, Long> terms = new LinkedHashMap<>();
  private long constant;

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
