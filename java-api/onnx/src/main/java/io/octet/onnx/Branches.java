package io.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// An If whose condition is known while the model is read: the branch that it takes, with names
/// that nobody else has, for the place of the If.
///
/// @param nodes those of the branch; they make the outputs of the If
/// @param constants the branch's own
record Branches(List<NodeProto> nodes, List<TensorProto> constants) {
  static boolean isIf(NodeProto node) {
    return OperatorCheck.isOnnx(node.getDomain()) && node.getOpType().equals("If");
  }

  /// @param node an If
  /// @param what how errors call it
  /// @param condition its input, where it is a constant
  /// @param deciding the free axes whose sizes decide a value, unless data do
  /// @param fresh makes a name one that nobody has
  static Branches taken(
      NodeProto node,
      String what,
      Optional<Tensor> condition,
      Function<String, Optional<Set<String>>> deciding,
      UnaryOperator<String> fresh) {
    if (node.getInputCount() != 1 || node.getInput(0).isEmpty()) {
      throw new InvalidModel(what + ": needs 1 input, but has " + node.getInputCount());
    }
    Tensor known =
        condition.orElseThrow(
            () -> new Unsupported(what + ": " + undecided(node.getInput(0), deciding)));
    if (known.type() != DataType.BOOL || known.elements() != 1) {
      throw new InvalidModel(what + ": its condition is " + known + ", not one bool");
    }
    return of(node, what, branch(node, what, known.getInteger(0) != 0), fresh);
  }

  private static String undecided(
      String condition, Function<String, Optional<Set<String>>> deciding) {
    String holds = "whether \"" + condition + "\" holds";
    return deciding
        .apply(condition)
        .map(
            axes ->
                "the sizes of "
                    + axes
                    + " tell "
                    + holds
                    + "; the model is read where they are given: --dim "
                    + String.join("=1 --dim ", axes)
                    + "=1, or Onnx.read(file, sizes)")
        .orElse(
            "only a run knows " + holds + "; an If is read where constants and fixed sizes tell");
  }

  private static GraphProto branch(NodeProto node, String what, boolean holds) {
    String wanted = holds ? "then_branch" : "else_branch";
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(wanted) && attribute.hasG()) {
        return attribute.getG();
      }
    }
    throw new InvalidModel(what + ": has no " + wanted);
  }

  private static Branches of(
      NodeProto node, String what, GraphProto branch, UnaryOperator<String> fresh) {
    if (branch.getOutputCount() != node.getOutputCount() || branch.getInputCount() > 0) {
      throw new InvalidModel(
          "%s: has %d outputs, but its branch %d, and %d inputs"
              .formatted(
                  what, node.getOutputCount(), branch.getOutputCount(), branch.getInputCount()));
    }
    Set<String> own = Renaming.made(branch);
    Map<String, String> names = new HashMap<>();
    List<NodeProto> nodes = new ArrayList<>();
    Map<String, String> copies = new HashMap<>();
    Set<String> constants =
        Set.copyOf(branch.getInitializerList().stream().map(TensorProto::getName).toList());
    for (int i = 0; i < node.getOutputCount(); i++) {
      String made = branch.getOutput(i).getName();
      String result = node.getOutput(i);
      boolean takes = own.contains(made) && !constants.contains(made);
      if (!result.isEmpty() && (!takes || names.putIfAbsent(made, result) != null)) {
        copies.put(result, made); // A value from outside, a constant, or one that is given twice.
      }
    }
    UnaryOperator<String> inner =
        name -> own.contains(name) && !name.isEmpty() ? names.computeIfAbsent(name, fresh) : name;
    Renaming renaming = new Renaming(inner, _ -> Optional.empty());
    branch.getNodeList().forEach(n -> nodes.add(renaming.node(n)));
    copies.forEach((result, made) -> nodes.add(Functions.identity(inner.apply(made), result)));
    List<TensorProto> given =
        branch.getInitializerList().stream()
            .map(t -> t.toBuilder().setName(inner.apply(t.getName())).build())
            .toList();
    return new Branches(nodes, given);
  }
}
