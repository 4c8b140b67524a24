package io.octet.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The axes of a tensor, outermost first. A shape with a {@link Dim.Symbol} describes many concrete
/// shapes: every exported network has at least a free batch axis.
///
/// @param dims the axes; an empty list is a scalar
public record Shape(List<Dim> dims) {
  private static final Shape SCALAR = new Shape(List.of());
  private static final Dim ONE = new Dim.Fixed(1);

  /// Copies the list.
  public Shape {
    dims = List.copyOf(dims);
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
  /// @throws IllegalStateException if that axis is symbolic
  public long size(int index) {
    return switch (dims.get(index)) {
      case Dim.Fixed(long size) -> size;
      case Dim.Symbol(String name) ->
          throw new IllegalStateException(
              "axis " + index + " (" + name + ") of " + this + " is free");
    };
  }

  /// The sizes of all axes, outermost first.
  ///
  /// @throws IllegalStateException if an axis is symbolic
  public long[] sizes() {
    long[] sizes = new long[rank()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = size(i);
    }
    return sizes;
  }

  /// Number of elements; 1 for a scalar.
  ///
  /// @throws IllegalStateException if an axis is symbolic
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
    if (a instanceof Dim.Symbol && b instanceof Dim.Symbol) {
      return Optional.of(new Dim.Symbol("max(" + a + "," + b + ")"));
    }
    return a instanceof Dim.Fixed
        ? b instanceof Dim.Fixed ? Optional.empty() : Optional.of(a)
        : Optional.of(b);
  }

  /// This shape with every symbol that `sizes` names replaced by its size.
  public Shape bind(Map<String, Long> sizes) {
    List<Dim> bound = new ArrayList<>(rank());
    for (Dim dim : dims) {
      boolean known = dim instanceof Dim.Symbol(String name) && sizes.containsKey(name);
      bound.add(known ? new Dim.Fixed(sizes.get(((Dim.Symbol) dim).name())) : dim);
    }
    return new Shape(bound);
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
