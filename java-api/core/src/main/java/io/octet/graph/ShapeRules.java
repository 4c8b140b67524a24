package io.octet.graph;

import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The shape that comes out of each operator, by ONNX's rules.
final class ShapeRules {
  /// Rows or columns of a padded image: with ceil_mode a last window may reach this far again.
  private static final long LARGEST_IMAGE = 1L << 30;

  private final Graph graph;
  private final TypeRules known;

  /// Constants by the names of their copies: what Identity makes of them.
  private final Map<String, Tensor> copies = new HashMap<>();

  /// @param graph where constants are looked up
  /// @param known what is known so far; it grows as nodes are inferred
  ShapeRules(Graph graph, TypeRules known) {
    this.graph = graph;
    this.known = known;
  }

  /// The shape of the node's result.
  ///
  /// @throws InvalidModel if the inputs' shapes contradict the operator
  /// @throws Unsupported if they are beyond Octet
  Shape shapeOf(Node node) {
    return switch (node.op()) {
      case Convolution.Conv(Window window, int groups) -> conv(node, window, groups);
      case Product.Gemm gemm -> gemm(node, gemm);
      case Product.MatMul _ -> matMul(node);
      case Normalization.BatchNormalization _ -> batchNorm(node);
      case Unary.Relu _, Unary.Clip _, Unary.LeakyRelu _, Unary.Sigmoid _, Unary.HardSigmoid _ ->
          shape(node, 0);
      case Unary.HardSwish _, Unary.Tanh _, Movement.Dropout _ -> shape(node, 0);
      case Movement.Identity _ -> {
        Tensor copied = constant(node.input(0));
        if (copied != null) {
          copies.put(node.output(), copied);
        }
        yield shape(node, 0);
      }
      case Binary.Add _, Binary.Mul _ -> broadcast(node, shape(node, 0), shape(node, 1));
      case Pooling.MaxPool(Window window, boolean ceil) -> pool(node, window, ceil);
      case Pooling.AveragePool(Window window, boolean ceil, boolean _) -> pool(node, window, ceil);
      case Pooling.GlobalAveragePool _ -> {
        Shape x = image(node);
        yield x.with(2, new Dim.Fixed(1)).with(3, new Dim.Fixed(1));
      }
      case Movement.Flatten(int axis) -> {
        Shape x = shape(node, 0);
        int at = axis < 0 ? axis + x.rank() : axis;
        if (at < 0 || at > x.rank()) {
          throw new InvalidModel(node + ": axis " + axis + " is not one of input " + x);
        }
        List<Dim> dims = x.dims();
        yield new Shape(
            List.of(Dims.product(dims.subList(0, at)), Dims.product(dims.subList(at, x.rank()))));
      }
      case Movement.Reshape(boolean allowZero) -> reshape(node, allowZero);
      case Movement.Transpose(List<Integer> perm) -> transpose(node, perm);
      case Movement.Concat(int axis) -> concat(node, axis);
      case Normalization.Softmax(int axis) -> {
        axis(node, axis, shape(node, 0));
        yield shape(node, 0);
      }
      case Quantization.QuantizeLinear(int axis, DataType _) -> scaled(node, axis);
      case Quantization.DequantizeLinear(int axis) -> scaled(node, axis);
    };
  }

  private Shape conv(Node node, Window window, int groups) {
    Shape x = image(node);
    Shape w = shape(node, 1);
    if (w.rank() != 4) {
      throw new InvalidModel(node + ": weights must have 4 axes (2-D convolution), but are " + w);
    }
    Dim expected = Dims.product(List.of(w.dim(1), new Dim.Fixed(groups)));
    if (!Dims.mayEqual(x.dim(1), expected)) {
      throw new InvalidModel(
          node
              + ": input has "
              + x.dim(1)
              + " channels, weights expect "
              + expected
              + (groups == 1 ? "" : " in " + groups + " groups")
              + (" (input " + x + ", weights " + w + ")"));
    }
    if (w.dim(0) instanceof Dim.Fixed(long m) && m % groups != 0) {
      throw new InvalidModel(
          node + ": " + m + " output channels do not divide into " + groups + " groups");
    }
    Shape kernel = Shape.of(window.kernelH(), window.kernelW());
    if (!Dims.mayEqual(w.dim(2), kernel.dim(0)) || !Dims.mayEqual(w.dim(3), kernel.dim(1))) {
      throw new InvalidModel(node + ": kernel is " + kernel + ", weights are " + w);
    }
    requireVector(node, 2, "bias", w.dim(0));
    return slide(node, x, window, false).with(1, w.dim(0));
  }

  private Shape pool(Node node, Window window, boolean ceil) {
    return slide(node, image(node), window, ceil);
  }

  private Shape slide(Node node, Shape x, Window window, boolean ceil) {
    Optional<Dim> h = Dims.windowH(x.dim(2), window, ceil);
    Optional<Dim> w = Dims.windowW(x.dim(3), window, ceil);
    if (h.isEmpty() || w.isEmpty()) {
      throw new InvalidModel(node + ": window " + window + " does not fit input " + x);
    }
    requireRoom(node, x.dim(2), window, window.padTop(), window.padBottom());
    requireRoom(node, x.dim(3), window, window.padLeft(), window.padRight());
    return x.with(2, h.get()).with(3, w.get());
  }

  /// A window that fits is no larger than its padded image, so this bounds kernels, dilations and
  /// strides as well: whoever counts pixels in 32 bits, as some kernels do, cannot overflow.
  private static void requireRoom(Node node, Dim in, Window window, int before, int after) {
    long size = in instanceof Dim.Fixed(long fixed) ? fixed : 1;
    long padded = Math.addExact(size, (long) before + after);
    if (padded > LARGEST_IMAGE) {
      throw new Unsupported(
          node
              + ": window "
              + window
              + " pads "
              + size
              + " pixels to "
              + padded
              + ", at most "
              + LARGEST_IMAGE
              + " are supported");
    }
  }

  private Shape gemm(Node node, Product.Gemm gemm) {
    Shape a = shape(node, 0);
    Shape b = shape(node, 1);
    if (a.rank() != 2 || b.rank() != 2) {
      throw new InvalidModel(node + ": takes two matrices, but got " + a + " and " + b);
    }
    Dim inner = a.dim(gemm.transA() ? 0 : 1);
    Dim expected = b.dim(gemm.transB() ? 1 : 0);
    if (!Dims.mayEqual(inner, expected)) {
      throw new InvalidModel(
          node
              + ": input has "
              + inner
              + " features, weights expect "
              + expected
              + " (input "
              + a
              + ", weights "
              + b
              + ")");
    }
    Shape y = new Shape(List.of(a.dim(gemm.transA() ? 1 : 0), b.dim(gemm.transB() ? 0 : 1)));
    if (node.hasInput(2) && !broadcast(node, shape(node, 2), y).equals(y)) {
      throw new InvalidModel(node + ": bias " + shape(node, 2) + " does not broadcast to " + y);
    }
    return y;
  }

  private Shape matMul(Node node) {
    Shape a = shape(node, 0);
    Shape b = shape(node, 1);
    if (a.rank() == 0 || b.rank() == 0) {
      throw new InvalidModel(node + ": takes no scalars, but got " + a + " and " + b);
    }
    Dim inner = a.dim(a.rank() - 1);
    Dim expected = b.dim(Math.max(0, b.rank() - 2));
    if (!Dims.mayEqual(inner, expected)) {
      throw new InvalidModel(
          node + ": inner axes are " + inner + " and " + expected + " (" + a + " times " + b + ")");
    }
    Shape batchA = new Shape(a.dims().subList(0, Math.max(0, a.rank() - 2)));
    Shape batchB = new Shape(b.dims().subList(0, Math.max(0, b.rank() - 2)));
    List<Dim> y = new ArrayList<>(broadcast(node, batchA, batchB).dims());
    if (a.rank() > 1) {
      y.add(a.dim(a.rank() - 2));
    }
    if (b.rank() > 1) {
      y.add(b.dim(b.rank() - 1));
    }
    return new Shape(y);
  }

  private Shape batchNorm(Node node) {
    Shape x = shape(node, 0);
    if (x.rank() < 2) {
      throw new InvalidModel(node + ": needs a channel axis, but input is " + x);
    }
    String[] names = {"input", "scale", "bias", "mean", "variance"};
    for (int i = 1; i < names.length; i++) {
      requireVector(node, i, names[i], x.dim(1));
    }
    return x;
  }

  private Shape reshape(Node node, boolean allowZero) {
    Shape x = shape(node, 0);
    long[] wanted = constantShape(node);
    List<Dim> dims = new ArrayList<>();
    int inferred = -1;
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] == -1 && inferred < 0) {
        inferred = i;
        dims.add(new Dim.Fixed(1));
      } else if (wanted[i] == 0 && !allowZero && i < x.rank()) {
        dims.add(x.dim(i));
      } else if (wanted[i] > 0 || wanted[i] == 0 && allowZero) {
        dims.add(new Dim.Fixed(wanted[i]));
      } else {
        throw cannotReshape(node, x, wanted);
      }
    }
    if (inferred >= 0) {
      Dim rest = Dims.quotient(x.dims(), dims).orElseThrow(() -> cannotReshape(node, x, wanted));
      dims.set(inferred, rest);
    } else if (!Dims.mayEqual(Dims.product(x.dims()), Dims.product(dims))) {
      throw cannotReshape(node, x, wanted);
    }
    return new Shape(dims);
  }

  private static InvalidModel cannotReshape(Node node, Shape x, long[] wanted) {
    return new InvalidModel(
        node + ": input " + x + " cannot take shape " + java.util.Arrays.toString(wanted));
  }

  private long[] constantShape(Node node) {
    Tensor constant = constant(node.input(1));
    if (constant == null) {
      throw new Unsupported(node + ": its shape \"" + node.input(1) + "\" is not a constant");
    }
    return constant.toLongs();
  }

  /// The constant that a value is, as it is or copied; null for none.
  private Tensor constant(String value) {
    Tensor constant = graph.constant(value);
    return constant == null ? copies.get(value) : constant;
  }

  private Shape transpose(Node node, List<Integer> perm) {
    Shape x = shape(node, 0);
    if (perm.isEmpty()) {
      return new Shape(x.dims().reversed());
    }
    Set<Integer> axes = new HashSet<>(perm);
    if (perm.size() != x.rank()
        || axes.size() != x.rank()
        || !perm.stream().allMatch(i -> i >= 0 && i < x.rank())) {
      throw new InvalidModel(node + ": perm " + perm + " does not order the axes of " + x);
    }
    return new Shape(perm.stream().map(x::dim).toList());
  }

  private Shape concat(Node node, int axis) {
    Shape y = shape(node, 0);
    int at = axis(node, axis, y);
    for (int i = 1; i < node.inputs().size(); i++) {
      Shape x = shape(node, i);
      for (int j = 0; x.rank() == y.rank() && j < y.rank(); j++) {
        if (j != at && !Dims.mayEqual(x.dim(j), y.dim(j))) {
          throw new InvalidModel(
              node
                  + ": input "
                  + i
                  + " is "
                  + x
                  + ", which does not join "
                  + y
                  + " along axis "
                  + at);
        }
        y = y.with(j, j == at ? Dims.sum(y.dim(j), x.dim(j)) : Dims.known(y.dim(j), x.dim(j)));
      }
      ShapeInference.requireShortNames(node, y); // Here, because each term copies those before it.
      if (x.rank() != y.rank()) {
        throw new InvalidModel(node + ": joins " + y + " with " + x + " of another rank");
      }
    }
    return y;
  }

  private Shape scaled(Node node, int axis) {
    Shape x = shape(node, 0);
    Shape scale = shape(node, 1);
    boolean single = scale.isConcrete() && scale.elements() == 1 && scale.rank() < 2;
    if (scale.rank() > 1) {
      throw new Unsupported(node + ": blocked quantization (scale " + scale + ")");
    }
    if (!single && !Dims.mayEqual(scale.dim(0), x.dim(axis(node, axis, x)))) {
      throw new InvalidModel(
          node + ": " + scale.dim(0) + " scales for axis " + axis + " of input " + x);
    }
    if (node.hasInput(2)) {
      Shape zero = shape(node, 2);
      boolean alike = zero.isConcrete() && scale.isConcrete();
      if (alike && (zero.rank() > 1 || zero.elements() != scale.elements())) {
        throw new InvalidModel(node + ": scale is " + scale + ", zero point is " + zero);
      }
    }
    return x;
  }

  // ---- what the rules share

  private Shape broadcast(Node node, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      int ia = i - (rank - a.rank());
      int ib = i - (rank - b.rank());
      Dim da = ia < 0 ? new Dim.Fixed(1) : a.dim(ia);
      Dim db = ib < 0 ? new Dim.Fixed(1) : b.dim(ib);
      Optional<Dim> dim = Dims.broadcast(da, db);
      if (dim.isEmpty()) {
        throw new InvalidModel(node + ": " + a + " and " + b + " do not broadcast");
      }
      dims.add(dim.get());
    }
    return new Shape(dims);
  }

  private Shape image(Node node) {
    Shape x = shape(node, 0);
    if (x.rank() != 4) {
      throw new InvalidModel(
          node
              + ": needs an image of 4 axes [N,C,H,W], but input \""
              + node.input(0)
              + "\" is "
              + x);
    }
    return x;
  }

  private static int axis(Node node, int axis, Shape x) {
    int at = axis < 0 ? axis + x.rank() : axis;
    if (at < 0 || at >= x.rank()) {
      throw new InvalidModel(node + ": axis " + axis + " is not one of input " + x);
    }
    return at;
  }

  private void requireVector(Node node, int input, String what, Dim size) {
    if (node.hasInput(input)) {
      Shape shape = shape(node, input);
      if (shape.rank() != 1 || !Dims.mayEqual(shape.dim(0), size)) {
        throw new InvalidModel(
            node
                + ": "
                + what
                + " must be ["
                + size
                + "], but \""
                + node.input(input)
                + "\" is "
                + shape);
      }
    }
  }

  private Shape shape(Node node, int input) {
    return known.info(node, node.input(input)).shape();
  }
}
