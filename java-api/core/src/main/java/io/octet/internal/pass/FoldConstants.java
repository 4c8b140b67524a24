package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.Op;
import io.octet.graph.ShapeInference;
import io.octet.graph.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Computes nodes whose inputs are all constant: data movement, sums and products, and
/// QuantizeLinear. DequantizeLinear stays, because int8 weights are meant to stay int8.
final class FoldConstants {
  private FoldConstants() {}

  static Graph rewrite(Graph graph) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes()) {
      boolean constant =
          node.outputs().size() == 1
              && node.inputs().stream().allMatch(i -> i.isEmpty() || constants.containsKey(i));
      Optional<Tensor> value = constant ? evaluate(node, constants) : Optional.empty();
      value.ifPresentOrElse(t -> constants.put(node.output(), t), () -> kept.add(node));
    }
    return kept.size() == graph.nodes().size() ? graph : graph.with(constants, kept);
  }

  private static Optional<Tensor> evaluate(Node node, Map<String, Tensor> constants) {
    List<Tensor> in = node.inputs().stream().filter(i -> !i.isEmpty()).map(constants::get).toList();
    return switch (node.op()) {
      case Op.Identity _, Op.Dropout _ -> Optional.of(in.getFirst());
      case Op.Reshape _, Op.Flatten _ ->
          Optional.of(in.getFirst().reshape(shapeOf(node, constants)));
      case Op.Transpose(List<Integer> perm) ->
          Optional.of(transpose(in.getFirst(), shapeOf(node, constants), perm));
      case Op.Concat(int axis) -> Optional.of(concat(in, shapeOf(node, constants), axis));
      case Op.Add _ -> Optional.of(combine(in, shapeOf(node, constants), Float::sum));
      case Op.Mul _ -> Optional.of(combine(in, shapeOf(node, constants), (a, b) -> a * b));
      case Op.QuantizeLinear(int axis, DataType type) -> {
        Shape shape = shapeOf(node, constants);
        yield Optional.of(quantize(in, shape, axis < 0 ? axis + shape.rank() : axis, type));
      }
      case Op.DequantizeLinear _, Op.Conv _, Op.Gemm _, Op.MatMul _ -> Optional.empty();
      case Op.BatchNormalization _, Op.Relu _, Op.Clip _, Op.LeakyRelu _ -> Optional.empty();
      case Op.Sigmoid _, Op.HardSigmoid _, Op.HardSwish _, Op.Tanh _ -> Optional.empty();
      case Op.MaxPool _, Op.AveragePool _, Op.GlobalAveragePool _ -> Optional.empty();
      case Op.Softmax _ -> Optional.empty();
    };
  }

  /// The shape rules applied to this node alone: they also check its inputs.
  private static Shape shapeOf(Node node, Map<String, Tensor> constants) {
    Map<String, Tensor> mine = new LinkedHashMap<>();
    node.inputs().stream().filter(i -> !i.isEmpty()).forEach(i -> mine.put(i, constants.get(i)));
    ValueInfo y = new ValueInfo(node.output(), DataType.F32, Shape.of());
    Graph alone = new Graph(node.name(), List.of(), List.of(y), mine, List.of(node));
    return ShapeInference.infer(alone).get(node.output()).shape();
  }

  /// `x` with its axes in the order `perm`; reversed where that is empty.
  static Tensor transpose(Tensor x, Shape to, List<Integer> perm) {
    int rank = to.rank();
    int[] order =
        IntStream.range(0, rank).map(i -> perm.isEmpty() ? rank - 1 - i : perm.get(i)).toArray();
    long[] from = strides(x.shape());
    long[] steps = new long[rank];
    for (int i = 0; i < rank; i++) {
      steps[i] = from[order[i]];
    }
    int bytes = x.type().bytes();
    MemorySegment data = newSegment(x.data().byteSize());
    Walk walk = new Walk(to.sizes(), steps);
    for (long i = 0; i < x.elements(); i++) {
      MemorySegment.copy(x.data(), walk.next() * bytes, data, i * bytes, bytes);
    }
    return Tensor.wrap(x.type(), to, data);
  }

  private static Tensor concat(List<Tensor> xs, Shape to, int axis) {
    int at = axis < 0 ? axis + to.rank() : axis;
    MemorySegment data = newSegment(to.elements() * xs.getFirst().type().bytes());
    long rows = 1;
    for (int i = 0; i < at; i++) {
      rows *= to.size(i);
    }
    long offset = 0;
    for (long row = 0; row < rows; row++) {
      for (Tensor x : xs) {
        long chunk = x.data().byteSize() / rows;
        MemorySegment.copy(x.data(), row * chunk, data, offset, chunk);
        offset += chunk;
      }
    }
    return Tensor.wrap(xs.getFirst().type(), to, data);
  }

  /// A function of two floats.
  private interface FloatFunction {
    float apply(float a, float b);
  }

  private static Tensor combine(List<Tensor> in, Shape to, FloatFunction f) {
    Walk a = new Walk(to.sizes(), broadcastStrides(in.get(0).shape(), to));
    Walk b = new Walk(to.sizes(), broadcastStrides(in.get(1).shape(), to));
    float[] y = new float[Math.toIntExact(to.elements())];
    for (int i = 0; i < y.length; i++) {
      y[i] = f.apply(in.get(0).getFloat(a.next()), in.get(1).getFloat(b.next()));
    }
    return Tensor.of(y, to.sizes());
  }

  private static Tensor quantize(List<Tensor> in, Shape to, int axis, DataType type) {
    Tensor scale = in.get(1);
    long[] steps = new long[to.rank()];
    if (scale.elements() > 1) {
      steps[axis] = 1;
    }
    Walk channel = new Walk(to.sizes(), steps);
    byte[] y = new byte[Math.toIntExact(to.elements())];
    for (int i = 0; i < y.length; i++) {
      long c = channel.next();
      int zero = in.size() > 2 ? (int) in.get(2).getInteger(c) : 0;
      y[i] = (byte) QuantMath.quantize(in.get(0).getFloat(i), scale.getFloat(c), zero, type);
    }
    return Tensor.of(type, y, to.sizes());
  }

  private static MemorySegment newSegment(long bytes) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
  }

  private static long[] strides(Shape shape) {
    long[] strides = new long[shape.rank()];
    long step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= shape.size(i);
    }
    return strides;
  }

  private static long[] broadcastStrides(Shape from, Shape to) {
    long[] own = strides(from);
    long[] steps = new long[to.rank()];
    for (int i = 0; i < own.length; i++) {
      steps[to.rank() - own.length + i] = from.size(i) == 1 ? 0 : own[i];
    }
    return steps;
  }

  /// Visits the elements of a shape in row-major order and says where each lies under other
  /// strides.
  private static final class Walk {
    private final long[] sizes;
    private final long[] steps;
    private final long[] index;
    private long at;

    Walk(long[] sizes, long[] steps) {
      this.sizes = sizes;
      this.steps = steps;
      this.index = new long[sizes.length];
    }

    long next() {
      final long here = at;
      for (int i = sizes.length - 1; i >= 0; i--) {
        at += steps[i];
        if (++index[i] < sizes[i]) {
          break;
        }
        at -= steps[i] * sizes[i];
        index[i] = 0;
      }
      return here;
    }
  }
}
