package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Op;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Quantization.DynamicQuantizeLinear;
import io.octet.graph.op.Quantization.QuantizeLinear;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The nodes that stand for one operator over integers: what dequantizes its inputs, the operator
/// over reals, what quantizes its result. So every quantized file is the one QDQ graph, and nobody
/// behind the importer knows another form.
final class Between {
  private final NodeView node;
  private final List<Node> made = new ArrayList<>();

  Between(NodeView node) {
    this.node = node;
  }

  /// In the order in which they run.
  List<Node> made() {
    return made;
  }

  /// The reals that input `x` stands for.
  ///
  /// @param scale which input its scale is, that of a tensor or one for each channel
  /// @param zero which input its zero point is; it may be absent
  /// @param axis the channels' axis
  String dequantized(int x, int scale, int zero, int axis) {
    String scales = vector(node.input(scale));
    return dequantized(node.input(x), scales, zero(scales, node.input(zero)), axis);
  }

  /// The same of any values.
  ///
  /// @param zero "" where it is absent
  String dequantized(String x, String scale, String zero, int axis) {
    List<String> inputs = new ArrayList<>(List.of(x, node.around().asFloats(scale)));
    if (!zero.isEmpty()) {
      inputs.add(zero);
    }
    return step(x + "_dq", new DequantizeLinear(axis), inputs);
  }

  /// The reals of a bias, input `index`: s32 at the product of two scales. The result is absent
  /// where the bias is.
  ///
  /// @param axis the channels' axis of the bias
  Optional<String> bias(int index, int dataScale, int weightScale, int axis) {
    if (!node.hasInput(index)) {
      return Optional.empty();
    }
    String scale = product(vector(node.input(dataScale)), vector(node.input(weightScale)));
    return Optional.of(dequantized(node.input(index), scale, "", axis));
  }

  /// The product of two scales, known where they are.
  String product(String a, String b) {
    return step(
        node.output() + "_scale",
        new Binary.Mul(),
        List.of(node.around().asFloats(a), node.around().asFloats(b)));
  }

  /// A further node, and the value that it makes.
  ///
  /// @param wanted what node and value are called, unless another is
  String step(String wanted, Op op, List<String> inputs) {
    String name = node.around().fresh(wanted);
    made.add(new Node(name, op, inputs, name));
    return name;
  }

  /// The operator itself, which bears the node's name.
  String core(Op op, List<String> inputs) {
    String value = node.around().fresh(node.output() + "_f");
    made.add(new Node(node.name(), op, inputs, value));
    return value;
  }

  /// The operator itself, whose result stays real.
  List<Node> real(Op op, List<String> inputs) {
    made.add(new Node(node.name(), op, inputs, node.output()));
    return made;
  }

  /// The reals that input `index`, a real, becomes when its own range quantizes it.
  String dynamic(int index) {
    String x = node.input(index);
    String q = node.around().fresh(x + "_q");
    String scale = node.around().fresh(x + "_scale");
    String zero = node.around().fresh(x + "_zero");
    made.add(new Node(q, new DynamicQuantizeLinear(), List.of(x), List.of(q, scale, zero)));
    return dequantized(q, scale, zero, 0);
  }

  /// The sum of the operator's value and a term, which is the node's result.
  List<Node> sum(String value, String term) {
    String name = node.around().fresh(node.name() + "_bias");
    made.add(new Node(name, new Binary.Add(), List.of(value, term), node.output()));
    return made;
  }

  /// Quantizes the node's result, the last step.
  ///
  /// @param scale which input its scale is
  /// @param zero which input its zero point is
  List<Node> quantized(String value, int scale, int zero) {
    List<String> inputs =
        new ArrayList<>(List.of(value, node.around().asFloats(node.input(scale))));
    DataType type = DataType.U8;
    if (node.hasInput(zero)) {
      inputs.add(node.input(zero));
      type = node.info(zero).type();
    }
    String name = node.around().fresh(node.output() + "_q");
    made.add(new Node(name, new QuantizeLinear(1, type), inputs, node.output()));
    return made;
  }

  /// A scale without axes of 1 around its channels, where it is known: some write [1] or [N,1] for
  /// what is one number, or a vector.
  private String vector(String scale) {
    Tensor known = node.around().constant(scale).orElse(null);
    if (known == null || known.shape().rank() < 2) {
      return scale;
    }
    long[] sizes = known.shape().sizes();
    if (Arrays.stream(sizes).filter(size -> size != 1).count() > 1) {
      return scale; // Refused where its shape is looked at.
    }
    String made = node.around().fresh(scale);
    node.around().addConstant(made, known.reshape(Shape.of(known.elements())));
    return made;
  }

  /// One zero point for each scale, where both are known.
  private String zero(String scale, String zero) {
    Tensor scales = node.around().constant(scale).orElse(null);
    Tensor zeros = zero.isEmpty() ? null : node.around().constant(zero).orElse(null);
    if (scales == null || zeros == null || zeros.shape().equals(scales.shape())) {
      return zero;
    }
    byte[] all = new byte[Math.toIntExact(scales.elements())];
    byte[] given = zeros.type().isInt8() ? zeros.toBytes() : new byte[0];
    if (given.length != 1 && given.length != all.length) {
      return zero; // Refused where its shape is looked at.
    }
    for (int i = 0; i < all.length; i++) {
      all[i] = given[given.length == 1 ? 0 : i];
    }
    String made = node.around().fresh(zero);
    node.around().addConstant(made, Tensor.of(zeros.type(), all, scales.shape().sizes()));
    return made;
  }
}
