package io.octet.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The axes of a tensor, outermost first. A shape with free axes describes many concrete shapes:
/// every exported network has at least a free batch axis.
///
/// @param dims the axes; an empty list is a scalar
public record Shape(List<Dim> dims) {
  private static final Shape SCALAR = new Shape(List.of());
  private static final Dim ONE = new Dim.Fixed(1);

  /// Copies the list, and refuses a negative axis.
  public Shape {
    dims = List.copyOf(dims);
    for (Dim dim : dims) {
      if (dim.number().orElse(0) < 0) {
        throw new IllegalArgumentException("a dimension must be at least 0, but is " + dim);
      }
    }
  }

  /// A concrete shape, such as `Shape.of(1, 3, 224, 224)`.
  public static Shape of(long... sizes) {
    return sizes.length == 0
        ? SCALAR
        : new Shape(Arrays.stream(sizes).<Dim>mapToObj(Dim.Fixed::new).toList());
  }

  /// A shape whose first axis is free, such as `Shape.batched("N", 3, 224, 224)`.
  public static Shape batched(String symbol, long... rest) {
    List<Dim> dims = new ArrayList<>();
    dims.add(new Dim.Symbol(symbol));
    dims.addAll(of(rest).dims());
    return new Shape(dims);
  }

  /// Number of axes.
  public int rank() {
    return dims.size();
  }

  /// The axis at `index`, 0 being the outermost.
  public Dim dim(int index) {
    return dims.get(index);
  }

  /// Whether every axis has a known size.
  public boolean isConcrete() {
    return dims.stream().allMatch(Dim.Fixed.class::isInstance);
  }

  /// The size of axis `index`.
  ///
  /// @throws IllegalStateException if that axis is free
  public long size(int index) {
    if (dims.get(index) instanceof Dim.Fixed(long size)) {
      return size;
    }
    String why = dims.get(index) instanceof Dim.Unknown(String reason) ? ": " + reason : "";
    throw new IllegalStateException(
        "axis " + index + " (" + dims.get(index) + ") of " + this + " is free" + why);
  }

  /// The sizes of all axes, outermost first.
  ///
  /// @throws IllegalStateException if an axis is free
  public long[] sizes() {
    long[] sizes = new long[rank()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = size(i);
    }
    return sizes;
  }

  /// Number of elements; 1 for a scalar.
  ///
  /// @throws IllegalStateException if an axis is free
  /// @throws ArithmeticException if the product does not fit a long
  public long elements() {
    long n = 1;
    for (int i = 0; i < rank(); i++) {
      n = Math.multiplyExact(n, size(i));
    }
    return n;
  }

  /// Axis `axis`, which may count from the end, counted from the front; nothing where there is no
  /// such axis.
  public Optional<Integer> axis(long axis) {
    long at = axis < 0 ? axis + rank() : axis;
    return at < 0 || at >= rank() ? Optional.empty() : Optional.of((int) at);
  }

  /// The shape that two have together by numpy's broadcasting: axes are compared from the last, and
  /// an axis of one element takes the other's size. Nothing where their sizes do not go together; a
  /// free axis may turn out to be any size.
  public static Optional<Shape> broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    List<Dim> dims = new ArrayList<>(rank);
    for (int i = 0; i < rank; i++) {
      int ia = i - (rank - a.rank());
      int ib = i - (rank - b.rank());
      Optional<Dim> dim = broadcast(ia < 0 ? ONE : a.dim(ia), ib < 0 ? ONE : b.dim(ib));
      if (dim.isEmpty()) {
        return Optional.empty();
      }
      dims.add(dim.get());
    }
    return Optional.of(new Shape(dims));
  }

  private static Optional<Dim> broadcast(Dim a, Dim b) {
    if (a.equals(b) || b.equals(ONE)) {
      return Optional.of(a);
    }
    if (a.equals(ONE)) {
      return Optional.of(b);
    }
    if (a.number().isEmpty() && b.number().isEmpty()) {
      return Optional.of(
          a instanceof Dim.Unknown
              ? a
              : b instanceof Dim.Unknown
                  ? b
                  : new Dim.Unknown("either may be 1 of " + a + " and " + b));
    }
    return a.mayEqual(b) ? Optional.of(a.known(b)) : Optional.empty();
  }

  /// This shape with every symbol that `sizes` names replaced by its size.
  public Shape bind(Map<String, Long> sizes) {
    return isConcrete() ? this : new Shape(dims.stream().map(dim -> dim.bind(sizes)).toList());
  }

  /// This shape with axis `index` replaced.
  public Shape with(int index, Dim dim) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.set(index, dim);
    return new Shape(changed);
  }

  /// "[N,3,224,224]".
  @Override
  public String toString() {
    return dims.stream().map(Dim::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
