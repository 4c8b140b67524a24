package io.octet.onnx;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization.QuantizeLinear;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Traits;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Interval;
import io.octet.internal.pass.QdqNodes;
import io.octet.onnx.op.NodeWriter;
import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A QDQ graph in operators over integers. An operator whose inputs come out of DequantizeLinear
/// and whose result goes into one QuantizeLinear, past clamps that the saturation does as well,
/// becomes its QLinear form, under its own name and with the QuantizeLinear's result. What has no
/// such form, or mixes u8 and s8, which ONNX Runtime has no kernels for, stays as it is.
final class QOperatorForm {
  static final String MICROSOFT = "com.microsoft";

  private final Graph graph;
  private final Map<String, ValueInfo> values;
  private final NodeWriter.Constants constants;

  /// A node of the file.
  ///
  /// @param type ONNX's name, and `domain` its domain
  /// @param node its name, inputs and outputs, and the operator whose attributes it has
  record Written(String type, String domain, Node node) {
    static Written of(Node node) {
      return new Written(node.op().name(), "", node);
    }
  }

  /// A quantized value.
  ///
  /// @param names of the integers, the scale and the zero point
  private record Operand(List<String> names, QuantParams params) {
    DataType type() {
      return params.type();
    }
  }

  private QOperatorForm(Graph graph, NodeWriter.Constants constants) {
    this.graph = graph;
    this.values = ShapeInference.infer(graph);
    this.constants = constants;
  }

  /// The nodes of the file, each behind those that it reads; those that nobody reads any more are
  /// left out.
  static List<Written> of(Graph graph, NodeWriter.Constants constants) {
    return new QOperatorForm(graph, constants).run();
  }

  private List<Written> run() {
    List<Written> all = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Optional<Written> integer = QdqNodes.isQuantize(node) ? integer(node) : Optional.empty();
      all.add(integer.orElse(Written.of(node)));
    }
    Set<String> read = new HashSet<>();
    graph.outputs().forEach(output -> read.add(output.name()));
    List<Written> kept = new ArrayList<>();
    for (Written written : all.reversed()) {
      if (written.node().outputs().stream().anyMatch(read::contains)) {
        kept.addFirst(written);
        read.addAll(written.node().inputs());
      }
    }
    return kept;
  }

  /// What makes the result of `quantize` from integers.
  private Optional<Written> integer(Node quantize) {
    Node core = core(quantize);
    DataType type = ((QuantizeLinear) quantize.op()).type();
    QuantParams params = QdqNodes.perTensor(graph, quantize);
    if (core == null || params == null) {
      return Optional.empty();
    }
    Operand y = new Operand(named(quantize, type), params);
    Result to = new Result(core, quantize.output(), y);
    return switch (core.op()) {
      case Convolution.Conv _ -> conv(to);
      case Product.Gemm gemm -> gemm(to, gemm);
      case Product.MatMul _ -> matMul(to);
      case Binary.Add _ -> binary(to, "QLinearAdd");
      case Binary.Mul _ -> binary(to, "QLinearMul");
      case Movement.Concat _ -> concat(to);
      case Unary.LeakyRelu _ -> unary(to, "QLinearLeakyRelu");
      case Unary.Sigmoid _ -> unary(to, "QLinearSigmoid");
      case Pooling.GlobalAveragePool _ -> unary(to, "QLinearGlobalAveragePool");
      case Pooling.AveragePool _ -> unary(to, "QLinearAveragePool");
      case Pooling.MaxPool _, Movement _, Selection _ -> moved(to);
      case Op _ -> Optional.empty();
    };
  }

  /// @param core the operator over reals
  /// @param value the integers that it shall make
  /// @param y what they stand for
  private record Result(Node core, String value, Operand y) {
    /// The operator's form, with these inputs.
    @SafeVarargs
    final Optional<Written> of(String type, String domain, List<String>... inputs) {
      List<String> all = new ArrayList<>();
      for (List<String> some : inputs) {
        all.addAll(some);
      }
      return Optional.of(new Written(type, domain, new Node(core.name(), core.op(), all, value)));
    }

    List<String> scaleAndZero() {
      return y.names().subList(1, 3);
    }
  }

  /// The node before `quantize` and before clamps that its saturation does; null where others read
  /// what lies between.
  private Node core(Node quantize) {
    String value = quantize.input(0);
    Node reader = quantize;
    while (true) {
      Node maker = graph.producer(value);
      if (maker == null || graph.soleReader(value) != reader || maker.outputs().size() > 1) {
        return null;
      }
      boolean between = isMade(maker.input(0)) && saturates(quantize, maker);
      if (!between) {
        return maker;
      }
      reader = maker;
      value = maker.input(0);
    }
  }

  private boolean isMade(String value) {
    Node maker = graph.producer(value);
    return maker != null && !QdqNodes.isDequantize(maker);
  }

  private boolean saturates(Node quantize, Node clamp) {
    Optional<Interval> interval = Interval.of(clamp.op());
    QuantParams q = QdqNodes.perTensor(graph, quantize);
    return interval.isPresent()
        && q != null
        && quantized(interval.get().min(), q) == q.type().min()
        && quantized(interval.get().max(), q) == q.type().max();
  }

  private static int quantized(float bound, QuantParams q) {
    return QuantMath.quantize(bound, q.scale(), q.zeroPoint(), q.type());
  }

  // ---- operands

  /// What `value` is dequantized from, by one scale.
  private Optional<Operand> operand(String value) {
    return any(value).filter(x -> x.params().isPerTensor());
  }

  /// Weights: one scale, or one for each place of `axis`.
  private Optional<Operand> weights(String value, int axis) {
    return any(value)
        .filter(w -> graph.constant(w.names().getFirst()) != null)
        .filter(
            w ->
                !(w.params().granularity() instanceof Granularity.PerChannel(int along))
                    || along == axis);
  }

  private Optional<Operand> any(String value) {
    Node node = graph.producer(value);
    if (!QdqNodes.isDequantize(node)) {
      return Optional.empty();
    }
    DataType type = values.get(node.input(0)).type();
    QuantParams params = type.isInt8() ? QdqNodes.params(graph, node, type) : null;
    return params == null ? Optional.empty() : Optional.of(new Operand(named(node, type), params));
  }

  /// Integers, scale and zero point of a node; a zero point that is absent is a constant of the
  /// file, since operators over integers want one.
  private List<String> named(Node node, DataType type) {
    String integers = QdqNodes.isQuantize(node) ? node.output() : node.input(0);
    return List.of(integers, node.input(1), node.hasInput(2) ? node.input(2) : zero(node, type));
  }

  private String zero(Node node, DataType type) {
    Tensor scale = graph.constant(node.input(1));
    long[] sizes = scale == null ? new long[0] : scale.shape().sizes();
    Tensor zeros =
        Tensor.of(type, new byte[scale == null ? 1 : Math.toIntExact(scale.elements())], sizes);
    return constants.add("zero_" + zeros, "zero_" + zeros, zeros);
  }

  /// The integers of a bias at the product of both scales; nothing where it is something else.
  private Optional<String> bias(String value, Operand x, Operand w, int channels) {
    Node node = graph.producer(value);
    Tensor integers = QdqNodes.isDequantize(node) ? graph.constant(node.input(0)) : null;
    if (integers == null || integers.type() != DataType.S32 || integers.elements() != channels) {
      return Optional.empty();
    }
    QuantParams params = QdqNodes.params(graph, node, DataType.S32);
    if (params == null || !params.isSymmetric()) {
      return Optional.empty();
    }
    for (int c = 0; c < channels; c++) {
      double product = (double) x.params().scale() * w.params().scale(c);
      if (Math.abs(params.scale(c) - product) > 1e-5 * product) {
        return Optional.empty();
      }
    }
    return Optional.of(node.input(0));
  }

  private static boolean alike(Operand x, Operand y) {
    return x.type() == y.type();
  }

  /// ONNX Runtime's kernels take weights of either type for u8, and s8 for s8.
  private static boolean goTogether(Operand x, Operand w, Operand y) {
    return alike(x, y) && (x.type() == DataType.U8 || w.type() == DataType.S8);
  }

  // ---- operators

  private Optional<Written> conv(Result to) {
    return layer(to, 0, "QLinearConv", "", false);
  }

  private Optional<Written> gemm(Result to, Product.Gemm gemm) {
    boolean plain = gemm.alpha() == 1 && gemm.beta() == 1 && !gemm.transA();
    return plain ? layer(to, gemm.transB() ? 0 : 1, "QGemm", MICROSOFT, true) : Optional.empty();
  }

  /// @param biasFirst whether the bias stands before the result's scale
  private Optional<Written> layer(
      Result to, int axis, String type, String domain, boolean biasFirst) {
    Operand x = operand(to.core().input(0)).orElse(null);
    Operand w = weights(to.core().input(1), axis).orElse(null);
    if (x == null || w == null || !goTogether(x, w, to.y())) {
      return Optional.empty();
    }
    List<String> bias = List.of();
    if (to.core().hasInput(2)) {
      long channels = graph.constant(w.names().getFirst()).shape().size(axis);
      Optional<String> found = bias(to.core().input(2), x, w, Math.toIntExact(channels));
      if (found.isEmpty()) {
        return Optional.empty();
      }
      bias = List.of(found.get());
    } else if (biasFirst) {
      bias = List.of("");
    }
    return biasFirst
        ? to.of(type, domain, x.names(), w.names(), bias, to.scaleAndZero())
        : to.of(type, domain, x.names(), w.names(), to.scaleAndZero(), bias);
  }

  private Optional<Written> matMul(Result to) {
    Operand a = operand(to.core().input(0)).orElse(null);
    String right = to.core().input(1);
    int last = values.get(right).shape().rank() - 1;
    Operand b = operand(right).or(() -> weights(right, last)).orElse(null);
    boolean fits = a != null && b != null && goTogether(a, b, to.y());
    return fits
        ? to.of("QLinearMatMul", "", a.names(), b.names(), to.scaleAndZero())
        : Optional.empty();
  }

  private Optional<Written> binary(Result to, String type) {
    Operand a = operand(to.core().input(0)).orElse(null);
    Operand b = operand(to.core().input(1)).orElse(null);
    boolean fits = a != null && b != null && alike(a, to.y()) && alike(b, to.y());
    return fits
        ? to.of(type, MICROSOFT, a.names(), b.names(), to.scaleAndZero())
        : Optional.empty();
  }

  private Optional<Written> unary(Result to, String type) {
    return operand(to.core().input(0))
        .filter(x -> alike(x, to.y()))
        .flatMap(x -> to.of(type, MICROSOFT, x.names(), to.scaleAndZero()));
  }

  private Optional<Written> concat(Result to) {
    List<String> all = new ArrayList<>();
    for (String input : to.core().inputs()) {
      Optional<Operand> x = operand(input).filter(o -> alike(o, to.y()));
      if (x.isEmpty()) {
        return Optional.empty();
      }
      all.addAll(x.get().names());
    }
    return to.of("QLinearConcat", MICROSOFT, to.scaleAndZero(), all);
  }

  /// What only picks elements picks integers, where the result is quantized as they are.
  private Optional<Written> moved(Result to) {
    Node core = to.core();
    boolean picks = core.op().traits().values() == Traits.Values.PICKED && core.data().size() == 1;
    if (!picks || !core.data().getFirst().equals(core.input(0))) {
      return Optional.empty();
    }
    return operand(core.input(0))
        .filter(x -> x.params().equals(to.y().params()))
        .flatMap(
            x -> {
              List<String> inputs = new ArrayList<>(core.inputs());
              inputs.set(0, x.names().getFirst());
              if (core.op() instanceof Movement.Pad) {
                inputs.subList(2, inputs.size()).clear();
                inputs.add(x.names().getLast()); // The zeros beside the data are this byte.
              }
              return to.of(core.op().name(), "", inputs);
            });
  }
}
