package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Max;
import io.octet.graph.op.Binary.Min;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Op;
import io.octet.graph.op.Unary.Abs;
import io.octet.graph.op.Unary.Acos;
import io.octet.graph.op.Unary.Acosh;
import io.octet.graph.op.Unary.Asin;
import io.octet.graph.op.Unary.Asinh;
import io.octet.graph.op.Unary.Atan;
import io.octet.graph.op.Unary.Atanh;
import io.octet.graph.op.Unary.BitwiseNot;
import io.octet.graph.op.Unary.Cast;
import io.octet.graph.op.Unary.Ceil;
import io.octet.graph.op.Unary.Celu;
import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.Cos;
import io.octet.graph.op.Unary.Cosh;
import io.octet.graph.op.Unary.Elu;
import io.octet.graph.op.Unary.Erf;
import io.octet.graph.op.Unary.Exp;
import io.octet.graph.op.Unary.Floor;
import io.octet.graph.op.Unary.Gelu;
import io.octet.graph.op.Unary.Gelu.Approximation;
import io.octet.graph.op.Unary.HardSigmoid;
import io.octet.graph.op.Unary.HardSwish;
import io.octet.graph.op.Unary.IsInf;
import io.octet.graph.op.Unary.IsNaN;
import io.octet.graph.op.Unary.LeakyRelu;
import io.octet.graph.op.Unary.Log;
import io.octet.graph.op.Unary.Mish;
import io.octet.graph.op.Unary.Neg;
import io.octet.graph.op.Unary.Not;
import io.octet.graph.op.Unary.Reciprocal;
import io.octet.graph.op.Unary.Relu;
import io.octet.graph.op.Unary.Round;
import io.octet.graph.op.Unary.Selu;
import io.octet.graph.op.Unary.Sigmoid;
import io.octet.graph.op.Unary.Sign;
import io.octet.graph.op.Unary.Sin;
import io.octet.graph.op.Unary.Sinh;
import io.octet.graph.op.Unary.Softplus;
import io.octet.graph.op.Unary.Softsign;
import io.octet.graph.op.Unary.Sqrt;
import io.octet.graph.op.Unary.Tan;
import io.octet.graph.op.Unary.Tanh;
import io.octet.graph.op.Unary.ThresholdedRelu;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Functions of one value.
final class Unary {
  /// What has no attributes.
  static final List<Op> PLAIN =
      List.of(
          new Relu(),
          new Sigmoid(),
          new HardSwish(),
          new Tanh(),
          new Neg(),
          new Abs(),
          new Sqrt(),
          new Reciprocal(),
          new Exp(),
          new Log(),
          new Erf(),
          new Floor(),
          new Ceil(),
          new Round(),
          new Sign(),
          new Sin(),
          new Cos(),
          new Tan(),
          new Asin(),
          new Acos(),
          new Atan(),
          new Sinh(),
          new Cosh(),
          new Asinh(),
          new Acosh(),
          new Atanh(),
          new Softplus(),
          new Softsign(),
          new Mish(),
          new IsNaN(),
          new Not(),
          new BitwiseNot());

  static final Map<String, Reader> READERS =
      Map.ofEntries(
          Map.entry("Clip", Unary::clip),
          Map.entry("LeakyRelu", node -> node.with(new LeakyRelu(node.real("alpha", 0.01f)))),
          Map.entry("HardSigmoid", node -> node.with(hardSigmoid(node))),
          Map.entry("Elu", node -> node.with(new Elu(node.real("alpha", 1)))),
          Map.entry("Selu", node -> node.with(selu(node))),
          Map.entry("Celu", node -> node.with(new Celu(node.real("alpha", 1)))),
          Map.entry("ThresholdedRelu", node -> node.with(thresholdedRelu(node))),
          Map.entry("IsInf", node -> node.with(isInf(node))),
          Map.entry("Gelu", node -> node.with(new Gelu(approximation(node)))),
          Map.entry("Swish", Unary::swish),
          Map.entry("Cast", Unary::cast),
          Map.entry("CastLike", Unary::castLike));

  /// Of ONNX Runtime's domain.
  static final Map<String, Reader> MICROSOFT =
      Map.of(
          "Gelu", node -> node.with(new Gelu(Approximation.NONE)),
          "BiasGelu", node -> biasGelu(node, 2, Approximation.NONE),
          "FastGelu", node -> biasGelu(node, 1, Approximation.TANH),
          "QuickGelu", Unary::quickGelu);

  private static final float SELU_ALPHA = 1.67326319217681884765625f;
  private static final float SELU_GAMMA = 1.05070102214813232421875f;

  private Unary() {}

  private static Selu selu(NodeView node) {
    return new Selu(node.real("alpha", SELU_ALPHA), node.real("gamma", SELU_GAMMA));
  }

  private static ThresholdedRelu thresholdedRelu(NodeView node) {
    return new ThresholdedRelu(node.real("alpha", 1));
  }

  private static IsInf isInf(NodeView node) {
    return new IsInf(node.flag("detect_negative", true), node.flag("detect_positive", true));
  }

  /// x * sigmoid(alpha * x), of ONNX 24.
  private static List<Node> swish(NodeView node) {
    return sigmoidLinear(node, node.real("alpha", 1));
  }

  private static List<Node> quickGelu(NodeView node) {
    return sigmoidLinear(node, node.real("alpha", 1.702f));
  }

  private static List<Node> sigmoidLinear(NodeView node, float alpha) {
    node.requireInputs(1, 1);
    String x = node.input(0);
    Composition nodes = new Composition(node);
    String more = alpha == 1 ? x : nodes.then(new Mul(), x, nodes.scalar("alpha", alpha));
    return nodes.end(new Mul(), x, nodes.then(new Sigmoid(), more));
  }

  /// Gelu of a value to which a vector is added.
  private static List<Node> biasGelu(NodeView node, int least, Approximation approximation) {
    node.requireInputs(least, 2);
    Composition nodes = new Composition(node);
    String x = node.input(0);
    String sum = node.hasInput(1) ? nodes.then(new Add(), x, node.input(1)) : x;
    return nodes.end(new Gelu(approximation), sum);
  }

  private static HardSigmoid hardSigmoid(NodeView node) {
    return new HardSigmoid(node.real("alpha", 0.2f), node.real("beta", 0.5f));
  }

  private static Approximation approximation(NodeView node) {
    String text = node.text("approximate", "none");
    return switch (text) {
      case "none" -> Approximation.NONE;
      case "tanh" -> Approximation.TANH;
      default -> throw node.invalid("approximate is \"" + text + "\"");
    };
  }

  /// Bounds are attributes until opset 10, inputs since.
  private static List<Node> clip(NodeView node) {
    if (node.opset() < 11) {
      node.requireInputs(1, 1);
      float min = node.real("min", -Float.MAX_VALUE);
      float max = node.real("max", Float.MAX_VALUE);
      return node.with(new Clip(min, max), node.inputs());
    }
    node.requireInputs(1, 3);
    Optional<Float> min = bound(node, 1, Float.NEGATIVE_INFINITY);
    Optional<Float> max = bound(node, 2, Float.POSITIVE_INFINITY);
    boolean numbers = min.isPresent() && max.isPresent();
    if (!node.hasInput(1) && !node.hasInput(2)) {
      return node.with(new Identity(), List.of(node.input(0)));
    }
    return numbers && min.get() <= max.get() && node.info(0).type() == DataType.F32
        ? node.with(new Clip(min.get(), max.get()), List.of(node.input(0)))
        : between(node);
  }

  /// A bound that is one number, or none; nothing where only a run knows it, or it is no real. A
  /// double is narrowed.
  private static Optional<Float> bound(NodeView node, int input, float absent) {
    return node.hasInput(input)
        ? node.constant(input)
            .filter(t -> t.type().isFloat() && t.elements() == 1)
            .map(t -> (float) t.getReal(0))
        : Optional.of(absent);
  }

  /// Clip of integers, or with bounds that a run makes.
  private static List<Node> between(NodeView node) {
    List<Node> nodes = new ArrayList<>();
    String x = node.input(0);
    if (node.hasInput(1)) {
      String low = node.hasInput(2) ? node.around().fresh(node.output() + "_low") : node.output();
      String name = node.hasInput(2) ? node.around().fresh(node.name() + "_max") : node.name();
      nodes.add(new Node(name, new Max(), List.of(x, node.input(1)), low));
      x = low;
    }
    if (node.hasInput(2)) {
      nodes.add(new Node(node.name(), new Min(), List.of(x, node.input(2)), node.output()));
    }
    return nodes;
  }

  private static List<Node> cast(NodeView node) {
    node.ignore("saturate"); // It concerns float8 alone.
    int to = node.int32("to", 0);
    return to(node, ElementTypes.of(to, node + ": the type it casts to"));
  }

  private static List<Node> castLike(NodeView node) {
    node.requireInputs(2, 2);
    node.ignore("saturate");
    return to(node, node.info(1).type());
  }

  /// To the type that the value has, as exporters leave it, is no Cast; nor is the way to halves
  /// and back, for what a run computes is f32 there.
  private static List<Node> to(NodeView node, DataType wanted) {
    node.requireInputs(1, 2);
    DataType type = node.constant(0).isPresent() ? wanted : ElementTypes.wide(wanted);
    boolean same = type == node.info(0).type();
    return node.with(same ? new Identity() : new Cast(type), List.of(node.input(0)));
  }

  static void write(io.octet.graph.op.Unary op, NodeWriter to) {
    switch (op) {
      case Clip(float min, float max) -> {
        if (min != Float.NEGATIVE_INFINITY) {
          bound(1, min, to);
        }
        if (max != Float.POSITIVE_INFINITY) {
          bound(2, max, to);
        }
      }
      case LeakyRelu(float alpha) -> to.real("alpha", alpha, 0.01f);
      case HardSigmoid(float alpha, float beta) -> {
        to.real("alpha", alpha, 0.2f);
        to.real("beta", beta, 0.5f);
      }
      case Gelu(Approximation approximate) -> {
        if (approximate == Approximation.TANH) {
          to.text("approximate", "tanh");
        }
      }
      case Cast(DataType type) -> to.integer("to", ElementTypes.code(type).getNumber());
      case Elu(float alpha) -> to.real("alpha", alpha, 1);
      case Selu(float alpha, float gamma) -> {
        to.real("alpha", alpha, SELU_ALPHA);
        to.real("gamma", gamma, SELU_GAMMA);
      }
      case Celu(float alpha) -> to.real("alpha", alpha, 1);
      case ThresholdedRelu(float alpha) -> to.real("alpha", alpha, 1);
      case IsInf(boolean negative, boolean positive) -> {
        to.integer("detect_negative", negative ? 1 : 0, 1);
        to.integer("detect_positive", positive ? 1 : 0, 1);
      }
      case Relu(), Sigmoid(), HardSwish(), Tanh() -> {}
      case Neg(), Abs(), Sqrt(), Reciprocal(), Exp(), Log(), Erf() -> {}
      case Floor(), Ceil(), Round(), Not(), BitwiseNot(), Sign(), IsNaN() -> {}
      case Sin(), Cos(), Tan(), Asin(), Acos(), Atan(), Sinh(), Cosh() -> {}
      case Asinh(), Acosh(), Atanh(), Softplus(), Softsign(), Mish() -> {}
    }
  }

  private static void bound(int input, float value, NodeWriter to) {
    to.input(input, Float.floatToRawIntBits(value), "clip_" + value, Tensor.scalar(value));
  }
}
