package io.octet.graph.op;

import io.octet.tensor.Dim;
import io.octet.tensor.Dim.Fixed;
import io.octet.tensor.Dim.Symbol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Arithmetic on axes of which some are free. A free axis that passes through keeps its symbol; any
/// other result is a symbol whose name is the expression, so that equal expressions are equal axes.
/// Sums stand in parentheses, which is what lets a product be read back from its name.
public final class Dims {
  private Dims() {}

  /// Whether both axes have one size as far as anybody can tell: two numbers must be equal, a
  /// symbol may turn out to be anything.
  static boolean mayEqual(Dim a, Dim b) {
    return !(a instanceof Fixed && b instanceof Fixed) || a.equals(b);
  }

  /// Of two axes known to be equal, the one that says more.
  static Dim known(Dim a, Dim b) {
    return a instanceof Fixed ? a : b instanceof Fixed ? b : a;
  }

  /// Whether a free axis may be called so. Products are read back from their names: what reads as a
  /// number would be taken for one.
  public static boolean isName(String name) {
    long number = 1;
    boolean named = false;
    try {
      for (String factor : Product.factors(name)) {
        if (Product.isNumber(factor)) {
          number = Math.multiplyExact(number, Long.parseLong(factor));
        } else {
          named = true;
        }
      }
    } catch (NumberFormatException | ArithmeticException _) {
      return false; // More than any axis has.
    }
    return named;
  }

  /// a + b.
  static Dim sum(Dim a, Dim b) {
    if (a instanceof Fixed(long x) && b instanceof Fixed(long y)) {
      return new Fixed(Math.addExact(x, y));
    }
    if (a instanceof Fixed(long x) && x == 0) {
      return b;
    }
    return b instanceof Fixed(long y) && y == 0 ? a : new Symbol("(" + a + "+" + b + ")");
  }

  /// The product of all axes; 1 for none.
  static Dim product(List<Dim> dims) {
    return Product.of(dims).toDim();
  }

  /// The size of the axis that Reshape writes as -1: the product of `all` divided by that of
  /// `rest`; nothing where that is no whole number.
  static Optional<Dim> quotient(List<Dim> all, List<Dim> rest) {
    Product upper = Product.of(all);
    Product lower = Product.of(rest);
    List<String> up = new ArrayList<>(upper.symbols);
    List<String> down = new ArrayList<>(lower.symbols);
    lower.symbols.forEach(
        s -> {
          if (up.remove(s)) {
            down.remove(s);
          }
        });
    if (down.isEmpty() && lower.number != 0 && upper.number % lower.number == 0) {
      return Optional.of(new Product(upper.number / lower.number, up).toDim());
    }
    if (up.isEmpty() && down.isEmpty()) {
      return Optional.empty();
    }
    Dim divisor = new Product(lower.number, down).toDim();
    return Optional.of(
        new Symbol("(" + new Product(upper.number, up).toDim() + "/" + divisor + ")"));
  }

  /// The output rows of a window over `in` rows; nothing where the window does not fit.
  static Optional<Dim> windowH(Dim in, Window w, boolean ceil) {
    return switch (in) {
      case Fixed(long size) -> positive(w.resolve(size, 1).outputH(size, ceil));
      case Symbol s ->
          Optional.of(
              slide(
                  s, w, w.strideH(), w.extentH(), Math.addExact(w.padTop(), w.padBottom()), ceil));
    };
  }

  /// The output columns of a window over `in` columns; nothing where the window does not fit.
  static Optional<Dim> windowW(Dim in, Window w, boolean ceil) {
    return switch (in) {
      case Fixed(long size) -> positive(w.resolve(1, size).outputW(size, ceil));
      case Symbol s ->
          Optional.of(
              slide(
                  s, w, w.strideW(), w.extentW(), Math.addExact(w.padLeft(), w.padRight()), ceil));
    };
  }

  private static Optional<Dim> positive(long size) {
    return size > 0 ? Optional.of(new Fixed(size)) : Optional.empty();
  }

  private static Dim slide(
      Symbol in, Window window, int stride, int extent, int pads, boolean ceil) {
    boolean same =
        switch (window.autoPad()) {
          case NOTSET, VALID -> false;
          case SAME_UPPER, SAME_LOWER -> true;
        };
    if (same) {
      return stride == 1 ? in : new Symbol("ceil(" + in + "/" + stride + ")");
    }
    int grown = Math.addExact(Math.subtractExact(pads, extent), 1);
    if (stride == 1) {
      return grown == 0 ? in : new Symbol("(" + in + signed(grown) + ")");
    }
    String room = grown == 1 ? in.name() : "(" + in + signed(grown - 1) + ")";
    return new Symbol("(" + (ceil ? "ceil(" : "floor(") + room + "/" + stride + ")+1)");
  }

  private static String signed(int n) {
    return n < 0 ? "" + n : "+" + n;
  }

  /// A number times symbols, none of which is itself a product.
  private record Product(long number, List<String> symbols) {
    static Product of(List<Dim> dims) {
      long number = 1;
      List<String> symbols = new ArrayList<>();
      for (Dim dim : dims) {
        switch (dim) {
          case Fixed(long size) -> number = Math.multiplyExact(number, size);
          case Symbol(String name) -> {
            for (String factor : factors(name)) {
              if (isNumber(factor)) {
                number = Math.multiplyExact(number, Long.parseLong(factor));
              } else {
                symbols.add(factor);
              }
            }
          }
        }
      }
      return new Product(number, symbols);
    }

    static boolean isNumber(String factor) {
      return !factor.isEmpty() && factor.chars().allMatch(Character::isDigit);
    }

    Dim toDim() {
      if (symbols.isEmpty() || number == 0) {
        return new Fixed(number);
      }
      String names = String.join("*", symbols.stream().sorted().toList());
      return new Symbol(number == 1 ? names : names + "*" + number);
    }

    /// Splits at each `*` outside of parentheses.
    private static List<String> factors(String name) {
      List<String> factors = new ArrayList<>();
      int depth = 0;
      int start = 0;
      for (int i = 0; i < name.length(); i++) {
        char c = name.charAt(i);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == '*' && depth == 0 && i > start) {
          factors.add(name.substring(start, i));
          start = i + 1;
        }
      }
      factors.add(name.substring(start));
      return factors;
    }
  }
}
