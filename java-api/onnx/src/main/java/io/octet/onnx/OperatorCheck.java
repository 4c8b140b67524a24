package io.octet.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import io.octet.OctetException.Unsupported;
import io.octet.onnx.op.Families;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Looks for operators that Octet does not have, and tells of all of them at once: whoever exports
/// a model again wants to know the whole list. Some operators are computed where they work on
/// constants or shapes, while the model is read, and have no kernel for data.
final class OperatorCheck {
  /// What may work on data that only a run knows, and what is a constant.
  private static final Set<String> OPERATORS = operators();

  private final Map<String, Long> imports = new HashMap<>();
  private final Set<String> constants = new HashSet<>();
  private final Set<String> shapes = new HashSet<>();
  private final Map<String, List<NodeProto>> missing = new LinkedHashMap<>();

  private OperatorCheck(ModelProto model) {
    for (OperatorSetIdProto imported : model.getOpsetImportList()) {
      imports.put(domain(imported.getDomain()), imported.getVersion());
    }
    GraphProto graph = model.getGraph();
    graph.getInitializerList().forEach(t -> constants.add(t.getName()));
    constants.add("");
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
              + String.join(", ", OPERATORS)
              + "; of constants and shapes alone also "
              + String.join(", ", ofConstants()));
    }
  }

  static boolean isOnnx(String domain) {
    return domain(domain).equals("ai.onnx");
  }

  private static String domain(String name) {
    return name.isEmpty() ? "ai.onnx" : name;
  }

  private static Set<String> ofConstants() {
    Set<String> all = new TreeSet<>(ConstantFolder.OPERATORS);
    all.addAll(ShapeChain.OPERATORS);
    all.removeAll(OPERATORS);
    return all;
  }

  private static Set<String> operators() {
    Set<String> all = new TreeSet<>(Families.names());
    all.add("Constant");
    return all;
  }

  private void look(NodeProto node) {
    String type = node.getOpType();
    boolean constant = constants.containsAll(node.getInputList());
    boolean onShapes =
        type.equals("Shape")
            || node.getInputList().stream().allMatch(i -> constants.contains(i) || isShape(i));
    boolean early = ConstantFolder.OPERATORS.contains(type) || ShapeChain.OPERATORS.contains(type);
    if (!isOnnx(node.getDomain())) {
      miss(node, "");
    } else if (!OPERATORS.contains(type) && !(early && onShapes)) {
      miss(node, early ? ", for data that only a run knows" : "");
    } else if (isExtremum(type) && !constant && data(node) != 1) {
      miss(node, ", of anything but one value and constants");
    }
    (constant ? constants : early && onShapes ? shapes : new HashSet<String>())
        .addAll(node.getOutputList());
  }

  private static boolean isExtremum(String type) {
    return type.equals("Max") || type.equals("Min");
  }

  private long data(NodeProto node) {
    return node.getInputList().stream().filter(i -> !constants.contains(i)).count();
  }

  private boolean isShape(String value) {
    return shapes.contains(value);
  }

  private void miss(NodeProto node, String remark) {
    Long version = imports.get(domain(node.getDomain()));
    String set =
        domain(node.getDomain())
            + (version == null ? ", which the model does not import" : " " + version);
    missing
        .computeIfAbsent(node.getOpType() + "\0" + set + remark, _ -> new ArrayList<>())
        .add(node);
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
