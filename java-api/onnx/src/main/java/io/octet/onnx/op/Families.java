package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Signature;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// All families: who reads an operator of a given name, and who writes an {@link Op}.
public final class Families {
  private static final Map<String, Reader> READERS = readers();

  private static final Map<String, Signature> SIGNATURES =
      Op.signatures().stream().collect(Collectors.toMap(Signature::name, Function.identity()));

  private Families() {}

  private static Map<String, Reader> readers() {
    Map<String, Reader> all = new LinkedHashMap<>();
    List.of(
            Binary.READERS,
            Comparison.READERS,
            Convolution.READERS,
            Generation.READERS,
            Movement.READERS,
            Normalization.READERS,
            Pooling.READERS,
            Product.READERS,
            Quantization.READERS,
            Reduction.READERS,
            Selection.READERS,
            Unary.READERS)
        .forEach(all::putAll);
    return Collections.unmodifiableMap(all);
  }

  /// ONNX's names of the operators that are read.
  public static Set<String> names() {
    return READERS.keySet();
  }

  /// The nodes that stand for `node`, each behind those that it reads.
  ///
  /// @throws IllegalArgumentException if an {@link Op} refuses an attribute's value
  public static List<Node> read(NodeView node) {
    Reader reader = READERS.get(node.type());
    Signature signature = SIGNATURES.get(node.type());
    if (signature != null && node.opset() < signature.first()) {
      throw node.invalid(
          "exists since opset " + signature.first() + ", the model's is " + node.opset());
    }
    if (signature != null && node.opset() > signature.last()) {
      throw node.unsupported(
          "is read until opset " + signature.last() + ", the model's is " + node.opset());
    }
    List<Node> nodes = reader.read(node);
    node.refuseUnread();
    return nodes;
  }

  /// The oldest opset, from 17 on, that has the operator as it is written.
  public static int opset(Op op) {
    int exists = Math.max(17, op.signature().first());
    return switch (op) {
      case io.octet.graph.op.Pooling pooling -> Math.max(exists, Pooling.opset(pooling));
      case io.octet.graph.op.Reduction _ -> Math.max(exists, Reduction.OPSET);
      case io.octet.graph.op.Binary _,
          io.octet.graph.op.Comparison _,
          io.octet.graph.op.Convolution _,
          io.octet.graph.op.Generation _,
          io.octet.graph.op.Movement _,
          io.octet.graph.op.Normalization _,
          io.octet.graph.op.Product _,
          io.octet.graph.op.Quantization _,
          io.octet.graph.op.Selection _,
          io.octet.graph.op.Unary _ ->
          exists;
    };
  }

  /// Writes attributes, and those inputs that are attributes of ours.
  public static void write(Op op, NodeWriter to) {
    switch (op) {
      case io.octet.graph.op.Binary binary -> Binary.write(binary);
      case io.octet.graph.op.Comparison comparison -> Comparison.write(comparison);
      case io.octet.graph.op.Convolution convolution -> Convolution.write(convolution, to);
      case io.octet.graph.op.Generation generation -> Generation.write(generation, to);
      case io.octet.graph.op.Movement movement -> Movement.write(movement, to);
      case io.octet.graph.op.Normalization normal -> Normalization.write(normal, to);
      case io.octet.graph.op.Pooling pooling -> Pooling.write(pooling, to);
      case io.octet.graph.op.Product product -> Product.write(product, to);
      case io.octet.graph.op.Quantization quantization -> Quantization.write(quantization, to);
      case io.octet.graph.op.Reduction reduction -> Reduction.write(reduction, to);
      case io.octet.graph.op.Selection selection -> Selection.write(selection, to);
      case io.octet.graph.op.Unary unary -> Unary.write(unary, to);
    }
  }
}
