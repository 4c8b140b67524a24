package io.octet.tensor;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// One axis of a {@link Shape}, or an element of a list of sizes: a number, a name for a number
/// that is known only when a model runs, or what follows from such names. Sizes are computed with
/// here; nothing is read back from a text.
public sealed interface Dim permits Dim.Fixed, Dim.Symbol, Dim.Unknown, Expression {
  /// An axis of known size, at least 0.
  record Fixed(long size) implements Dim {
    /// Refuses a negative size.
    public Fixed {
      if (size < 0) {
        throw new IllegalArgumentException("a dimension must be at least 0, but is " + size);
      }
    }

    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /// A free axis, such as the batch. Two axes of one name have one size.
  record Symbol(String name) implements Dim {
    /// Refuses a blank name.
    public Symbol {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a symbolic dimension needs a name");
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// A size that no expression says. It becomes a number when a plan is made, which knows all sizes
  /// of its inputs.
  ///
  /// @param reason why it is not known
  record Unknown(String reason) implements Dim {
    @Override
    public String toString() {
      return "?";
    }
  }

  /// The number `n`, which may be negative where it is no axis but an element of a list.
  static Dim of(long n) {
    return n < 0 ? Expression.number(n) : new Fixed(n);
  }

  /// The product of all; 1 for none.
  static Dim product(List<Dim> dims) {
    Dim product = new Fixed(1);
    for (Dim dim : dims) {
      product = product.times(dim);
    }
    return product;
  }

  /// The number that this is, whatever free axes turn out to be.
  default OptionalLong number() {
    return switch (this) {
      case Fixed(long size) -> OptionalLong.of(size);
      case Expression e -> e.constant();
      case Symbol _, Unknown _ -> OptionalLong.empty();
    };
  }

  /// Whether this is at least 0 whatever free axes turn out to be, as far as that is known.
  default boolean isNonNegative() {
    return switch (this) {
      case Fixed _, Symbol _ -> true;
      case Expression e -> e.hasNoNegativeTerm();
      case Unknown _ -> false;
    };
  }

  /// The larger of both, where it is known.
  default Dim max(Dim other) {
    if (equals(other)) {
      return this;
    }
    if (number().isPresent() && other.number().isPresent()) {
      return number().getAsLong() > other.number().getAsLong() ? this : other;
    }
    if (isNonNegative() && other.number().orElse(1) <= 0) {
      return this;
    }
    return other.isNonNegative() && number().orElse(1) <= 0
        ? other
        : new Unknown("the larger of " + this + " and " + other);
  }

  /// The smaller of both, where it is known.
  default Dim min(Dim other) {
    if (equals(other)) {
      return this;
    }
    if (number().isPresent() && other.number().isPresent()) {
      return number().getAsLong() < other.number().getAsLong() ? this : other;
    }
    return new Unknown("the smaller of " + this + " and " + other);
  }

  /// Whether both have one size as far as anybody can tell: two numbers must be equal, anything
  /// else may turn out to be.
  default boolean mayEqual(Dim other) {
    return number().isEmpty() || other.number().isEmpty() || equals(other);
  }

  /// Of two that are known to be equal, the one that says more.
  default Dim known(Dim other) {
    boolean better = this instanceof Unknown || other instanceof Fixed;
    return better ? other : this;
  }

  /// this + other.
  ///
  /// @throws ArithmeticException if a number does not fit a long
  default Dim plus(Dim other) {
    return Sum.sum(this, other);
  }

  /// this + n.
  ///
  /// @throws ArithmeticException if a number does not fit a long
  default Dim plus(long n) {
    return Sum.sum(this, of(n));
  }

  /// this - other.
  ///
  /// @throws ArithmeticException if a number does not fit a long
  default Dim minus(Dim other) {
    return Sum.sum(this, other.times(of(-1)));
  }

  /// this * other.
  ///
  /// @throws ArithmeticException if a number does not fit a long
  default Dim times(Dim other) {
    return Sum.product(this, other);
  }

  /// floor(this / other).
  ///
  /// @throws ArithmeticException if a number does not fit a long
  default Dim dividedBy(Dim other) {
    return Sum.quotient(this, other);
  }

  /// ceil(this / n), for a positive `n`.
  ///
  /// @throws ArithmeticException if a number does not fit a long
  default Dim ceilDividedBy(long n) {
    return plus(n - 1).dividedBy(of(n));
  }

  /// This with every free axis that `sizes` names replaced by its size.
  ///
  /// @throws ArithmeticException if a number does not fit a long
  default Dim bind(Map<String, Long> sizes) {
    return switch (this) {
      case Symbol(String name) when sizes.containsKey(name) -> new Fixed(sizes.get(name));
      case Fixed _, Symbol _, Unknown _ -> this;
      case Expression e -> e.bound(sizes);
    };
  }
}
