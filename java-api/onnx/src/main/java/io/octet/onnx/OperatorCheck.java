package io.octet.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import io.octet.OctetException.Unsupported;
import io.octet.onnx.op.Families;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Looks for operators that Octet does not have, and tells of all of them at once: whoever exports
/// a model again wants to know the whole list.
final class OperatorCheck {
  private final Map<String, Long> imports = new HashMap<>();
  private final Map<String, List<NodeProto>> missing = new LinkedHashMap<>();

  private OperatorCheck(ModelProto model) {
    for (OperatorSetIdProto imported : model.getOpsetImportList()) {
      imports.put(domain(imported.getDomain()), imported.getVersion());
    }
  }

  /// @param nodes those that are read, each behind those that it reads
  /// @throws Unsupported naming every operator that is missing, with its first node
  static void check(ModelProto model, List<NodeProto> nodes) {
    OperatorCheck check = new OperatorCheck(model);
    nodes.forEach(check::look);
    if (!check.missing.isEmpty()) {
      throw new Unsupported(
          "the model has operators that Octet does not have: "
              + check.missing.entrySet().stream()
                  .map(e -> text(e.getValue(), e.getKey()))
                  .collect(Collectors.joining(", "))
              + "; supported are "
              + String.join(", ", Families.names()));
    }
  }

  static boolean isOnnx(String domain) {
    return domain(domain).equals("ai.onnx");
  }

  private static String domain(String name) {
    return name.isEmpty() ? "ai.onnx" : name;
  }

  private void look(NodeProto node) {
    if (!isOnnx(node.getDomain()) || !Families.names().contains(node.getOpType())) {
      miss(node);
    }
  }

  private void miss(NodeProto node) {
    Long version = imports.get(domain(node.getDomain()));
    String set =
        domain(node.getDomain())
            + (version == null ? ", which the model does not import" : " " + version);
    missing.computeIfAbsent(node.getOpType() + "\0" + set, _ -> new ArrayList<>()).add(node);
  }

  private static String text(List<NodeProto> nodes, String key) {
    NodeProto first = nodes.getFirst();
    String name = first.getName();
    if (name.isEmpty()) {
      name = first.getOpType() + (first.getOutputCount() == 0 ? "" : "_" + first.getOutput(0));
    }
    return "%s \"%s\"%s (%s)"
        .formatted(
            first.getOpType(),
            name,
            nodes.size() == 1 ? "" : " and " + (nodes.size() - 1) + " more",
            key.substring(key.indexOf('\0') + 1));
  }
}
