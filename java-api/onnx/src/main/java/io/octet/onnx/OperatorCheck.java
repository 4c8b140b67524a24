package io.octet.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.octet.OctetException.Unsupported;
import io.octet.onnx.op.Families;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Looks for operators that Octet does not have, and tells of all of them at once: whoever exports
/// a model again wants to know the whole list.
final class OperatorCheck {
  /// Operators that a message names; names of nodes that are longer are cut.
  private static final int MOST_NAMED = 50;

  private static final int LONGEST_NAME = 100;

  private OperatorCheck() {}

  /// @param nodes those that are read, each behind those that it reads
  /// @throws Unsupported naming every operator that is missing, with its first node
  static void check(Functions functions, List<NodeProto> nodes) {
    Map<String, List<NodeProto>> missing = new LinkedHashMap<>();
    for (NodeProto node : nodes) {
      boolean imported = functions.imports(node).containsKey(domain(node.getDomain()));
      if (!imported || !isKnown(node)) {
        String set = set(node, functions.imports(node));
        missing.computeIfAbsent(node.getOpType() + "\0" + set, _ -> new ArrayList<>()).add(node);
      }
    }
    if (!missing.isEmpty()) {
      int more = missing.size() - MOST_NAMED;
      throw new Unsupported(
          "the model has operators that Octet does not have: "
              + missing.entrySet().stream()
                  .limit(MOST_NAMED)
                  .map(e -> text(e.getValue(), e.getKey()))
                  .collect(Collectors.joining(", "))
              + (more > 0 ? ", and " + more + " more" : "")
              + "; `octet ops` lists those that it has");
    }
  }

  /// Whether Octet reads such a node, by its name.
  static boolean isKnown(NodeProto node) {
    return Families.reads(node.getDomain(), node.getOpType()) || Branches.isIf(node);
  }

  static boolean isOnnx(String domain) {
    return domain(domain).equals("ai.onnx");
  }

  static String domain(String name) {
    return name.isEmpty() ? "ai.onnx" : name;
  }

  private static String set(NodeProto node, Map<String, Long> imports) {
    Long version = imports.get(domain(node.getDomain()));
    return cut(domain(node.getDomain()))
        + (version == null ? ", which the model does not import" : " " + version);
  }

  private static String text(List<NodeProto> nodes, String key) {
    NodeProto first = nodes.getFirst();
    return "%s \"%s\"%s (%s)"
        .formatted(
            cut(first.getOpType()),
            cut(name(first)),
            nodes.size() == 1 ? "" : " and " + (nodes.size() - 1) + " more",
            key.substring(key.indexOf('\0') + 1));
  }

  /// What the graph would call a node.
  static String name(NodeProto node) {
    String output = node.getOutputCount() == 0 ? "" : "_" + node.getOutput(0);
    return node.getName().isEmpty() ? node.getOpType() + output : node.getName();
  }

  private static String cut(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
  }
}
