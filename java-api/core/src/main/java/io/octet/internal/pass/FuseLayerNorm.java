package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Pow;
import io.octet.graph.op.Binary.Sub;
import io.octet.graph.op.Normalization.LayerNormalization;
import io.octet.graph.op.Reduction.ReduceMean;
import io.octet.graph.op.Unary.Reciprocal;
import io.octet.graph.op.Unary.Sqrt;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Takes `(x - mean) / sqrt(mean of squares + epsilon) * scale + bias`, as exporters write it
/// before opset 17, for the LayerNormalization that it is. The statistics are those of the last
/// axes; scale and bias are constants, and may be left out.
final class FuseLayerNorm {
  private final Inferred inferred;
  private final Graph graph;
  private final Rewrite rewrite;

  private final GrowthBudget budget;

  private FuseLayerNorm(Inferred inferred, GrowthBudget budget) {
    this.inferred = inferred;
    this.budget = budget;
    this.graph = inferred.graph();
    this.rewrite = new Rewrite(graph);
  }

  static Graph rewrite(Inferred inferred, GrowthBudget budget) {
    FuseLayerNorm pass = new FuseLayerNorm(inferred, budget);
    inferred.graph().nodes().forEach(pass::at);
    return pass.rewrite.apply();
  }

  /// What stands before scale and bias.
  ///
  /// @param last the node that makes it
  /// @param sizes of the axes that are normalized
  private record Normal(Node last, String x, int axis, float epsilon, long[] sizes) {}

  private void at(Node node) {
    if (!(node.op() instanceof Sqrt)) {
      return;
    }
    Found found = new Found(graph);
    Normal normal = normal(found, found.taken(node, Sqrt.class));
    if (normal == null) {
      return;
    }
    Node last = normal.last();
    List<String> inputs = new ArrayList<>(List.of(normal.x()));
    Node product = graph.soleReader(last.output());
    String scale = affine(product, Mul.class, last, normal);
    inputs.add(scale == null ? ones(last, normal) : scale);
    if (scale != null) {
      last = found.taken(product, Mul.class);
      Node sum = graph.soleReader(last.output());
      String bias = affine(sum, Add.class, last, normal);
      if (bias != null) {
        last = found.taken(sum, Add.class);
        inputs.add(bias);
      }
    }
    LayerNormalization op = new LayerNormalization(normal.axis(), normal.epsilon());
    found.replace(last, new Node(last.name(), op, inputs, last.outputs()), rewrite);
  }

  private String ones(Node last, Normal normal) {
    Shape shape = Shape.of(normal.sizes());
    budget.take(last, shape, DataType.F32);
    float[] ones = new float[Math.toIntExact(shape.elements())];
    Arrays.fill(ones, 1);
    return rewrite.constant(last, "", last.name() + ".scale", Tensor.of(ones, normal.sizes()));
  }

  /// The constant that `node` combines with what is normalized; null where it is none of that
  /// shape.
  private String affine(Node node, Class<?> op, Node last, Normal normal) {
    String other = node == null ? null : Found.other(node, last.output());
    Tensor constant = op.isInstance(node == null ? null : node.op()) ? known(other) : null;
    if (constant == null) {
      return null;
    }
    long[] sizes = constant.shape().sizes();
    int from = Math.max(0, sizes.length - normal.sizes().length);
    boolean fits =
        Arrays.equals(Arrays.copyOfRange(sizes, from, sizes.length), normal.sizes())
            && constant.elements() == Shape.of(normal.sizes()).elements()
            && sizes.length <= inferred.shape(normal.x()).rank();
    if (!fits) {
      return null;
    }
    Shape shape = Shape.of(normal.sizes());
    return constant.shape().equals(shape)
        ? other
        : rewrite.constant(node, "", other + ".vector", constant.reshape(shape));
  }

  private Tensor known(String value) {
    Tensor constant = value == null ? null : graph.constant(value);
    return constant != null && constant.type() == DataType.F32 ? constant : null;
  }

  /// From the root on: to the mean of squares before it, and to the quotient behind it.
  private Normal normal(Found found, Node root) {
    Node sum = found.maker(root.input(0), Add.class);
    Double epsilon = null;
    String variance = null;
    for (int i = 0; i < 2 && sum != null; i++) {
      if (found.scalar(sum.input(i)) != null) {
        epsilon = found.scalar(sum.input(i));
        variance = sum.input(1 - i);
      }
    }
    Node mean = found.maker(variance, ReduceMean.class);
    String centered = squared(found, mean);
    Node difference = found.maker(centered, Sub.class);
    Node last = quotient(found, root);
    if (difference == null || last == null || epsilon == null) {
      return null;
    }
    String x = difference.input(0);
    Node first = found.maker(difference.input(1), ReduceMean.class);
    boolean fits =
        first != null
            && first.input(0).equals(x)
            && isDifference(found, Found.other(last, behind(root)), x, first)
            && inferred.values().get(x).type() == DataType.F32;
    int axis = fits ? firstOfLast(first, x) : -1;
    if (axis < 0 || firstOfLast(mean, x) != axis) {
      return null;
    }
    long[] sizes = sizes(inferred.shape(x), axis);
    return sizes == null ? null : new Normal(last, x, axis, epsilon.floatValue(), sizes);
  }

  /// What is squared before its mean is taken; null where it is no square.
  private String squared(Found found, Node mean) {
    Node square = mean == null ? null : graph.producer(mean.input(0));
    if (found.taken(square, Pow.class) != null) {
      return found.is(square.input(1), 2) ? square.input(0) : null;
    }
    boolean itself =
        found.taken(square, Mul.class) != null && square.input(0).equals(square.input(1));
    return itself ? square.input(0) : null;
  }

  /// The value that the difference is divided by, or multiplied with.
  private String behind(Node root) {
    Node inverse = graph.soleReader(root.output());
    return inverse != null && inverse.op() instanceof Reciprocal ? inverse.output() : root.output();
  }

  private Node quotient(Found found, Node root) {
    Node next = graph.soleReader(root.output());
    if (found.taken(next, Reciprocal.class) != null) {
      return found.reader(next.output(), Mul.class);
    }
    boolean divides = next != null && next.input(1).equals(root.output());
    return divides ? found.taken(next, Div.class) : null;
  }

  /// Whether `value` is x less its mean: older exporters write that twice.
  private static boolean isDifference(Found found, String value, String x, Node mean) {
    Node difference = found.maker(value, Sub.class);
    if (difference == null || !difference.input(0).equals(x)) {
      return false;
    }
    Node other = found.maker(difference.input(1), ReduceMean.class);
    return other != null && other.op().equals(mean.op()) && other.inputs().equals(mean.inputs());
  }

  /// The first of the axes that are reduced, where those are the last ones; else -1.
  private int firstOfLast(Node mean, String x) {
    ReduceMean op = (ReduceMean) mean.op();
    Tensor axes = mean.hasInput(1) ? graph.constant(mean.input(1)) : null;
    int rank = inferred.shape(x).rank();
    if (!op.keepDims() || axes == null || axes.elements() == 0 || axes.elements() > rank) {
      return -1;
    }
    int first = rank - (int) axes.elements();
    long[] sorted = new long[(int) axes.elements()];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = Math.floorMod(axes.getInteger(i), (long) rank);
    }
    Arrays.sort(sorted);
    for (int i = 0; i < sorted.length; i++) {
      if (sorted[i] != first + i) {
        return -1;
      }
    }
    return first;
  }

  /// The sizes of the axes from `axis` on; null where they are not known.
  private static long[] sizes(Shape shape, int axis) {
    long[] sizes = new long[shape.rank() - axis];
    for (int i = 0; i < sizes.length; i++) {
      if (!(shape.dim(axis + i) instanceof Dim.Fixed(long size))) {
        return null;
      }
      sizes[i] = size;
    }
    return sizes;
  }
}
