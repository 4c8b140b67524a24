package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Recurrence.Activation;
import io.octet.graph.op.Recurrence.Activation.Curve;
import io.octet.graph.op.Recurrence.Direction;
import io.octet.graph.op.Recurrence.Form;
import io.octet.graph.op.Recurrence.GRU;
import io.octet.graph.op.Recurrence.LSTM;
import io.octet.graph.op.Recurrence.RNN;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What walks along a sequence with a state.
final class Recurrence {
  static final Map<String, Reader> READERS =
      Map.of(
          "LSTM",
          node ->
              read(
                  node,
                  new LSTM(
                      form(node, List.of(Curve.SIGMOID, Curve.TANH, Curve.TANH)),
                      node.flag("input_forget", false))),
          "GRU",
          node ->
              read(
                  node,
                  new GRU(
                      form(node, List.of(Curve.SIGMOID, Curve.TANH)),
                      node.flag("linear_before_reset", false))),
          "RNN",
          node -> read(node, new RNN(form(node, List.of(Curve.TANH)))));

  private Recurrence() {}

  private static List<Node> read(NodeView node, io.octet.graph.op.Recurrence op) {
    int results = op.signature().outputs().size();
    while (results > 1 && !node.isRead(results - 1)) {
      results--;
    }
    List<Node> nodes = new ArrayList<>();
    for (Node made : node.onFloats(1, node.with(op))) {
      nodes.add(new Node(made.name(), made.op(), made.inputs(), node.outputs(results)));
    }
    return nodes;
  }

  /// @param usual the functions of one direction where the file names none
  private static Form form(NodeView node, List<Curve> usual) {
    node.requireInputs(3, Integer.MAX_VALUE);
    Direction direction = direction(node);
    int directions = direction == Direction.BIDIRECTIONAL ? 2 : 1;
    boolean batchFirst = node.opset() >= 14 && node.flag("layout", false);
    float clip = node.real("clip", Float.POSITIVE_INFINITY);
    return new Form(
        direction, hidden(node), activations(node, usual, directions), clip, batchFirst);
  }

  private static Direction direction(NodeView node) {
    String text = node.text("direction", "forward");
    try {
      return Direction.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw node.invalid("direction is \"" + text + "\"");
    }
  }

  /// The attribute may be absent: the weights of the state say the same.
  private static int hidden(NodeView node) {
    if (node.has("hidden_size")) {
      return node.int32("hidden_size", 0);
    }
    io.octet.tensor.Shape weights = node.info(2).shape();
    boolean known = weights.rank() == 3 && weights.dim(2).number().isPresent();
    if (!known || weights.size(2) != (int) weights.size(2)) {
      throw node.invalid("has no hidden_size, and its weights are " + weights);
    }
    return (int) weights.size(2);
  }

  private static List<Activation> activations(NodeView node, List<Curve> usual, int directions) {
    List<String> names = node.texts("activations");
    List<Curve> curves = new ArrayList<>();
    if (names == null) {
      Collections.nCopies(directions, usual).forEach(curves::addAll);
    } else {
      names.forEach(name -> curves.add(curve(node, name)));
    }
    Factors alpha = new Factors(node.reals("activation_alpha"));
    Factors beta = new Factors(node.reals("activation_beta"));
    List<Activation> all = new ArrayList<>();
    for (Curve curve : curves) {
      all.add(new Activation(curve, alpha.next(alpha(curve)), beta.next(beta(curve))));
    }
    return all;
  }

  /// A list of factors, which those functions take in turn that have one.
  private static final class Factors {
    private final float[] given;
    private int at;

    Factors(float[] given) {
      this.given = given;
    }

    /// @param usual the factor where none is left; NaN where the function has none
    float next(float usual) {
      if (Float.isNaN(usual)) {
        return 0;
      }
      return given == null || at >= given.length ? usual : given[at++];
    }
  }

  private static float alpha(Curve curve) {
    return switch (curve) {
      case AFFINE, THRESHOLDED_RELU, SCALED_TANH, ELU -> 1;
      case LEAKY_RELU -> 0.01f;
      case HARD_SIGMOID -> 0.2f;
      case RELU, TANH, SIGMOID, SOFTSIGN, SOFTPLUS -> Float.NaN;
    };
  }

  private static float beta(Curve curve) {
    return switch (curve) {
      case AFFINE -> 0;
      case SCALED_TANH -> 1;
      case HARD_SIGMOID -> 0.5f;
      case THRESHOLDED_RELU, ELU, LEAKY_RELU, RELU, TANH, SIGMOID, SOFTSIGN, SOFTPLUS -> Float.NaN;
    };
  }

  private static Curve curve(NodeView node, String name) {
    for (Curve curve : Curve.values()) {
      if (name(curve).equalsIgnoreCase(name)) { // ONNX: case does not matter
        return curve;
      }
    }
    throw node.invalid("activation \"" + name + "\" is none of ONNX's");
  }

  private static String name(Curve curve) {
    return switch (curve) {
      case RELU -> "Relu";
      case TANH -> "Tanh";
      case SIGMOID -> "Sigmoid";
      case AFFINE -> "Affine";
      case LEAKY_RELU -> "LeakyRelu";
      case THRESHOLDED_RELU -> "ThresholdedRelu";
      case SCALED_TANH -> "ScaledTanh";
      case HARD_SIGMOID -> "HardSigmoid";
      case ELU -> "Elu";
      case SOFTSIGN -> "Softsign";
      case SOFTPLUS -> "Softplus";
    };
  }

  static void write(io.octet.graph.op.Recurrence op, NodeWriter to) {
    Form form = op.form();
    if (form.direction() != Direction.FORWARD) {
      to.text("direction", form.direction().name().toLowerCase(Locale.ROOT));
    }
    to.integer("hidden_size", form.hidden());
    to.real("clip", form.clip(), Float.POSITIVE_INFINITY);
    to.flag("layout", form.batchFirst());
    to.texts("activations", form.activations().stream().map(a -> name(a.curve())).toList());
    List<Float> alphas = new ArrayList<>();
    List<Float> betas = new ArrayList<>();
    for (Activation a : form.activations()) {
      if (!Float.isNaN(alpha(a.curve()))) {
        alphas.add(a.alpha());
      }
      if (!Float.isNaN(beta(a.curve()))) {
        betas.add(a.beta());
      }
    }
    to.reals("activation_alpha", alphas);
    to.reals("activation_beta", betas);
    switch (op) {
      case LSTM(Form _, boolean inputForget) -> to.flag("input_forget", inputForget);
      case GRU(Form _, boolean after) -> to.flag("linear_before_reset", after);
      case RNN _ -> {}
    }
  }
}
