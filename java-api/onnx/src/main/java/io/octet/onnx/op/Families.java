package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Signature;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// All families: who reads an operator of a given domain and name, and who writes an {@link Op}.
public final class Families {
  /// The domain of ONNX Runtime's own operators, which its optimizer writes.
  private static final String MICROSOFT = "com.microsoft";

  /// By name, behind its domain where that is not ONNX's.
  private static final Map<String, Reader> READERS = readers();

  private static final Map<String, Integer> OLDEST =
      Op.signatures().stream().collect(Collectors.toMap(Signature::name, Signature::first));

  private Families() {}

  private static Map<String, Reader> readers() {
    Map<String, Reader> all = new TreeMap<>();
    for (List<Op> family :
        List.of(
            Binary.PLAIN,
            Comparison.PLAIN,
            Generation.PLAIN,
            Movement.PLAIN,
            Pooling.PLAIN,
            Product.PLAIN,
            Selection.PLAIN,
            Unary.PLAIN)) {
      family.forEach(op -> all.put(op.name(), node -> node.with(op)));
    }
    for (Map<String, Reader> family :
        List.of(
            Attention.READERS,
            Binary.READERS,
            Convolution.READERS,
            Generation.READERS,
            Movement.READERS,
            Normalization.READERS,
            Pooling.READERS,
            Product.READERS,
            QOperator.READERS,
            Quantization.READERS,
            Recurrence.READERS,
            Reduction.READERS,
            Resampling.READERS,
            Scanning.READERS,
            Rotation.READERS,
            Selection.READERS,
            Unary.READERS)) {
      all.putAll(family);
    }
    for (Map<String, Reader> family :
        List.of(
            Encoder.MICROSOFT,
            Fused.MICROSOFT,
            Normalization.MICROSOFT,
            QOperator.MICROSOFT,
            Unary.MICROSOFT)) {
      family.forEach((name, reader) -> all.put(key(MICROSOFT, name), reader));
    }
    return Collections.unmodifiableMap(all);
  }

  private static String key(String domain, String name) {
    return domain.isEmpty() ? name : domain + "." + name;
  }

  /// A domain by its shorter name: ONNX's own has two.
  static String domain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  /// The operators that are read, in the order of the alphabet: ONNX's names, and others behind
  /// their domain.
  public static Set<String> names() {
    return READERS.keySet();
  }

  /// Whether an operator is read.
  public static boolean reads(String domain, String name) {
    return READERS.containsKey(key(domain(domain), name));
  }

  /// The oldest opset in which an operator of ONNX's own domain is read.
  public static int oldest(String name) {
    return OLDEST.getOrDefault(name, Signature.OLDEST_OPSET);
  }

  /// The nodes that stand for `node`, each behind those that it reads.
  ///
  /// @throws IllegalArgumentException if an {@link Op} refuses an attribute's value
  public static List<Node> read(NodeView node) {
    List<Node> nodes = READERS.get(key(node.domain(), node.type())).read(node);
    for (Node made : nodes) {
      Signature signature = made.op().signature();
      if (made.op().name().equals(node.type()) && signature.domain().equals(node.domain())) {
        requireOpset(node, signature);
      }
    }
    node.requireOutputs(nodes);
    node.refuseUnread();
    return nodes;
  }

  private static void requireOpset(NodeView node, Signature signature) {
    if (node.opset() < signature.first()) {
      throw node.invalid(
          "exists since opset " + signature.first() + ", the model's is " + node.opset());
    }
    if (node.opset() > signature.last()) {
      throw node.unsupported(
          "is read until opset " + signature.last() + ", the model's is " + node.opset());
    }
  }

  /// The oldest opset, from 17 on, that has the node as it is written.
  public static int opset(Node node) {
    Op op = node.op();
    int exists = Math.max(17, op.signature().first());
    return switch (op) {
      case io.octet.graph.op.Pooling pooling -> Math.max(exists, Pooling.opset(pooling));
      case io.octet.graph.op.Movement movement ->
          Math.max(exists, Movement.opset(movement, node.inputs().size()));
      case io.octet.graph.op.Normalization normal -> Math.max(exists, Normalization.opset(normal));
      case io.octet.graph.op.Selection selection -> Math.max(exists, Selection.opset(selection));
      case io.octet.graph.op.Reduction _ -> Math.max(exists, Reduction.OPSET);
      case io.octet.graph.op.Resampling resampling ->
          Math.max(exists, Resampling.opset(resampling));
      case io.octet.graph.op.Binary _,
          io.octet.graph.op.Comparison _,
          io.octet.graph.op.Convolution _,
          io.octet.graph.op.Generation _,
          io.octet.graph.op.Scanning _,
          io.octet.graph.op.Product _,
          io.octet.graph.op.Quantization _,
          io.octet.graph.op.Recurrence _,
          io.octet.graph.op.Unary _ ->
          exists;
    };
  }

  /// Writes attributes, and those inputs that are attributes of ours.
  public static void write(Op op, NodeWriter to) {
    switch (op) {
      case io.octet.graph.op.Binary binary -> Binary.write(binary, to);
      case io.octet.graph.op.Comparison comparison -> Comparison.write(comparison);
      case io.octet.graph.op.Convolution convolution -> Convolution.write(convolution, to);
      case io.octet.graph.op.Generation generation -> Generation.write(generation, to);
      case io.octet.graph.op.Movement movement -> Movement.write(movement, to);
      case io.octet.graph.op.Normalization normal -> Normalization.write(normal, to);
      case io.octet.graph.op.Pooling pooling -> Pooling.write(pooling, to);
      case io.octet.graph.op.Product product -> Product.write(product, to);
      case io.octet.graph.op.Quantization quantization -> Quantization.write(quantization, to);
      case io.octet.graph.op.Recurrence recurrence -> Recurrence.write(recurrence, to);
      case io.octet.graph.op.Reduction reduction -> Reduction.write(reduction, to);
      case io.octet.graph.op.Resampling resampling -> Resampling.write(resampling, to);
      case io.octet.graph.op.Scanning scanning -> Scanning.write(scanning, to);
      case io.octet.graph.op.Selection selection -> Selection.write(selection, to);
      case io.octet.graph.op.Unary unary -> Unary.write(unary, to);
    }
  }
}
