package io.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// The functions that a file defines, put in the place of their calls: the values of a body are
/// called after the call, its attributes are the call's or the function's own defaults. A few
/// functions that call each other twice each would fill any memory, so what is made is bounded.
final class Functions {
  /// How many calls may stand within each other.
  private static final int DEEPEST = 64;

  /// Bytes of bodies, beside a multiple of the file's.
  private static final long LEAST_ROOM = 1L << 24;

  private static final int FACTOR = 4;

  /// What a node costs beside its bytes.
  private static final int NODE = 256;

  private final Map<Key, FunctionProto> functions = new HashMap<>();
  private final Map<NodeProto, Map<String, Long>> imports = new IdentityHashMap<>();
  private final Map<String, Long> modelImports;
  private final long most;
  private long made;

  /// What a node calls a function.
  private record Key(String domain, String name, String overload) {}

  /// A node, and how many calls it stands in.
  private record Pending(NodeProto node, int depth) {}

  Functions(ModelProto model) {
    modelImports = imports(model.getOpsetImportList());
    boolean none = model.getFunctionsCount() == 0;
    most = none ? 0 : LEAST_ROOM + (long) FACTOR * model.getSerializedSize();
    for (FunctionProto f : model.getFunctionsList()) {
      Key key = new Key(OperatorCheck.domain(f.getDomain()), f.getName(), f.getOverload());
      if (functions.put(key, f) != null) {
        throw new InvalidModel("two functions are called \"" + f.getName() + "\"");
      }
    }
  }

  /// The version of each domain's operators.
  static Map<String, Long> imports(List<OperatorSetIdProto> imported) {
    Map<String, Long> versions = new HashMap<>();
    imported.forEach(i -> versions.put(OperatorCheck.domain(i.getDomain()), i.getVersion()));
    return versions;
  }

  /// What the model, or the function that `node` comes from, says of operators' versions.
  Map<String, Long> imports(NodeProto node) {
    return imports.getOrDefault(node, modelImports);
  }

  /// A copy of a node has the same surroundings.
  NodeProto like(NodeProto original, NodeProto copy) {
    imports.put(copy, imports(original));
    return copy;
  }

  /// `nodes` without a call, in an order that serves.
  ///
  /// @param fresh makes a name one that nobody has
  List<NodeProto> inline(List<NodeProto> nodes, UnaryOperator<String> fresh) {
    if (functions.isEmpty()) {
      return nodes;
    }
    List<NodeProto> plain = new ArrayList<>();
    Deque<Pending> open = new ArrayDeque<>();
    nodes.forEach(node -> open.add(new Pending(node, 0)));
    while (!open.isEmpty()) {
      Pending next = open.pop();
      FunctionProto function = function(next.node());
      if (function == null) {
        plain.add(next.node());
        continue;
      }
      if (next.depth() == DEEPEST) {
        throw new InvalidModel(
            "function \""
                + function.getName()
                + "\" calls itself, or calls stand in calls more than "
                + DEEPEST
                + " deep");
      }
      body(next.node(), function, fresh)
          .reversed()
          .forEach(n -> open.push(new Pending(n, next.depth() + 1)));
    }
    return plain;
  }

  /// Whether `node` calls a function of the file.
  boolean has(NodeProto node) {
    return function(node) != null;
  }

  /// What `node` calls, or null.
  private FunctionProto function(NodeProto node) {
    String domain = OperatorCheck.domain(node.getDomain());
    return functions.get(new Key(domain, node.getOpType(), node.getOverload()));
  }

  private List<NodeProto> body(NodeProto call, FunctionProto f, UnaryOperator<String> fresh) {
    Map<String, String> names = new HashMap<>();
    names.putAll(given(call, f));
    Map<String, String> copies = new LinkedHashMap<>();
    String within = within(call);
    for (int i = 0; i < f.getOutputCount(); i++) {
      String result = i < call.getOutputCount() ? call.getOutput(i) : "";
      if (!result.isEmpty() && names.putIfAbsent(f.getOutput(i), result) != null) {
        copies.put(result, f.getOutput(i)); // An output that is an input, or another output.
      }
    }
    Map<String, AttributeProto> attributes = attributes(call, f);
    Map<String, Long> versions = new HashMap<>(modelImports);
    versions.putAll(imports(f.getOpsetImportList()));
    Renaming renaming =
        new Renaming(
            name -> names.computeIfAbsent(name, _ -> fresh.apply(within + "/" + name)),
            name -> Optional.ofNullable(attributes.get(name)));
    List<NodeProto> body = new ArrayList<>();
    for (NodeProto node : f.getNodeList()) {
      NodeProto.Builder renamed = renaming.node(node).toBuilder();
      String own = node.getName().isEmpty() ? node.getOpType() : node.getName();
      body.add(paid(renamed.setName(within + "/" + own).build()));
      imports.put(body.getLast(), versions);
    }
    copies.forEach((result, of) -> body.add(paid(identity(names.get(of), result))));
    return body;
  }

  /// A node that gives a value another name.
  static NodeProto identity(String from, String to) {
    return NodeProto.newBuilder()
        .setName("Identity_" + to)
        .setOpType("Identity")
        .addInput(from)
        .addOutput(to)
        .build();
  }

  private NodeProto paid(NodeProto node) {
    made += node.getSerializedSize() + NODE;
    if (made > most) {
      throw new Unsupported(
          "the model's functions, put in the place of their calls, take more than "
              + most
              + " bytes");
    }
    return node;
  }

  private static String within(NodeProto call) {
    if (!call.getName().isEmpty()) {
      return call.getName();
    }
    return call.getOpType() + (call.getOutputCount() == 0 ? "" : "_" + call.getOutput(0));
  }

  private static InvalidModel wrong(NodeProto call, String message) {
    return new InvalidModel(call.getOpType() + " \"" + within(call) + "\": " + message);
  }

  /// The function's names of its inputs, and what the call gives for them.
  private static Map<String, String> given(NodeProto call, FunctionProto f) {
    int inputs = f.getInputCount();
    int outputs = f.getOutputCount();
    if (call.getInputCount() > inputs || call.getOutputCount() > outputs) {
      throw wrong(
          call,
          "the function has %d inputs and %d outputs, but the node %d and %d"
              .formatted(inputs, outputs, call.getInputCount(), call.getOutputCount()));
    }
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < inputs; i++) {
      names.put(f.getInput(i), i < call.getInputCount() ? call.getInput(i) : "");
    }
    return names;
  }

  private static Map<String, AttributeProto> attributes(NodeProto call, FunctionProto f) {
    Set<String> known = new HashSet<>(f.getAttributeList());
    Map<String, AttributeProto> given = new HashMap<>();
    for (AttributeProto absent : f.getAttributeProtoList()) {
      known.add(absent.getName());
      given.put(absent.getName(), absent);
    }
    for (AttributeProto attribute : call.getAttributeList()) {
      if (!known.contains(attribute.getName())) {
        throw wrong(call, "the function has no attribute \"" + attribute.getName() + "\"");
      }
      given.put(attribute.getName(), attribute);
    }
    return given;
  }
}
