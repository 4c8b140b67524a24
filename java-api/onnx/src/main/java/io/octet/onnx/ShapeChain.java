package io.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.onnx.op.Known;
import io.octet.onnx.op.NodeView;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Shapes that a model computes while it runs, as PyTorch exports `x.view(x.size(0), -1)`: Shape,
/// Gather, Unsqueeze, Concat, and at the end a Reshape. Each value on the way is a list of numbers
/// and of free axes, so that the whole chain is evaluated while the model is read. At the Reshape,
/// a free axis that the data has at the same place is 0 ("copy"), and the only other one is -1
/// ("infer"): with all the other sizes given, no other number keeps the elements.
final class ShapeChain {
  /// What the chain evaluates.
  static final Set<String> OPERATORS =
      Set.of(
          "Shape",
          "Gather",
          "Unsqueeze",
          "Squeeze",
          "Concat",
          "Slice",
          "Cast",
          "Identity",
          "Reshape",
          "Add",
          "Sub",
          "Mul",
          "Div");

  /// More elements than a shape has; longer lists are data.
  private static final int LONGEST = 64;

  private final Values values;
  private final Map<String, Sizes> chain = new HashMap<>();
  private final Map<List<Long>, String> constants = new HashMap<>();

  /// A shape, or a part of one: {@link Dim.Symbol}s, numbers, which may be negative here, and what
  /// was {@link Computed} of both.
  private record Sizes(boolean scalar, List<Object> elements) {}

  /// A number that follows from free axes; no axis has it as its name.
  private record Computed(Object left, String operator, Object right) {
    @Override
    public String toString() {
      return "(" + left + operator + right + ")";
    }
  }

  ShapeChain(Values values) {
    this.values = values;
  }

  /// Evaluates `node` where it is part of a chain.
  ///
  /// @return whether it was; if not, the node is an ordinary one
  boolean evaluate(NodeView node) {
    if (!OPERATORS.contains(node.type())) {
      return false;
    }
    if (node.type().equals("Shape")) {
      node.requireInputs(1, 1);
      put(node, shape(node));
      return true;
    }
    List<Sizes> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      inputs.add(sizes(input));
    }
    boolean ordinary = inputs.isEmpty() || inputs.contains(null);
    // A constant's Identity stays what it is: there is nothing to evaluate.
    boolean copies = node.type().equals("Identity") && !chain.containsKey(node.input(0));
    if (ordinary || copies || node.type().equals("Reshape") && !isToVector(inputs)) {
      return false;
    }
    put(
        node,
        switch (node.type()) {
          case "Gather" -> gather(node, inputs);
          case "Slice" -> slice(node, inputs);
          case "Concat" -> concat(node, inputs);
          case "Cast" -> cast(node, inputs.getFirst());
          case "Unsqueeze" -> unsqueeze(node, inputs.getFirst());
          case "Squeeze" -> squeeze(node, inputs.getFirst());
          case "Reshape" -> new Sizes(false, inputs.getFirst().elements());
          case "Add", "Sub", "Mul", "Div" -> arithmetic(node, inputs);
          default -> inputs.getFirst();
        });
    return true;
  }

  /// The inputs of an ordinary node, with constants in place of the chain's values.
  List<String> resolve(NodeView node, List<String> inputs) {
    List<String> resolved = new ArrayList<>(inputs);
    for (int i = 0; i < resolved.size(); i++) {
      Sizes sizes = chain.get(resolved.get(i));
      if (sizes != null) {
        boolean target = node.type().equals("Reshape") && i == 1;
        List<Long> numbers = target ? reshape(node, sizes) : numbers(node, sizes);
        resolved.set(i, constant(inputs.get(i), sizes.scalar(), numbers));
      }
    }
    return resolved;
  }

  /// Whether 0 in the target of a Reshape may stand for "copy": where no size is 0, `allowzero`
  /// means nothing.
  boolean copies(NodeView node) {
    Sizes target = chain.get(node.input(1));
    boolean empty = target != null && target.elements().contains(0L);
    return !node.flag("allowzero", false) || target != null && !empty;
  }

  /// Whether `value` is computed from shapes, so that no node of the graph makes it.
  boolean makes(String value) {
    return chain.containsKey(value);
  }

  private void put(NodeView node, Sizes sizes) {
    node.refuseUnread();
    if (sizes.elements().size() > LONGEST) {
      throw node.unsupported("computes a shape of " + sizes.elements().size() + " axes");
    }
    if (sizes.elements().stream().allMatch(Long.class::isInstance)) {
      values.addConstant(node.output(), vector(sizes.scalar(), numbers(node, sizes)));
    } else if (chain.put(node.output(), sizes) != null) {
      throw node.invalid("makes \"" + node.output() + "\", which another node makes too");
    }
  }

  /// What is known of a value: made by the chain, or a short list of constant integers; else null.
  private Sizes sizes(String name) {
    Sizes known = chain.get(name);
    Known found = values.constant(name);
    if (known != null || found == null) {
      return known;
    }
    Tensor constant = found.stored();
    boolean list = constant.type() == DataType.S64 || constant.type() == DataType.S32;
    if (!list || found.isDouble() || constant.shape().rank() > 1 || constant.elements() > LONGEST) {
      return null;
    }
    List<Object> elements = new ArrayList<>();
    for (long i = 0; i < constant.elements(); i++) {
      elements.add(constant.getInteger(i));
    }
    return new Sizes(constant.shape().rank() == 0, elements);
  }

  /// Whether a Reshape makes a vector of sizes, all of them: its target is [-1] or their number.
  private static boolean isToVector(List<Sizes> inputs) {
    if (inputs.size() != 2 || inputs.get(1).elements().size() != 1) {
      return false;
    }
    Object target = inputs.get(1).elements().getFirst();
    return target.equals(-1L) || target.equals((long) inputs.getFirst().elements().size());
  }

  private Sizes shape(NodeView node) {
    Shape shape = values.info(node.input(0), node).shape();
    int end = bound(node.integer("end", shape.rank()), shape.rank());
    int start = bound(node.integer("start", 0), shape.rank());
    List<Object> elements = new ArrayList<>();
    for (int i = start; i < end; i++) {
      elements.add(shape.dim(i) instanceof Dim.Fixed(long size) ? (Object) size : shape.dim(i));
    }
    return new Sizes(false, elements);
  }

  private static Sizes gather(NodeView node, List<Sizes> inputs) {
    node.requireInputs(2, 2);
    requireFirstAxis(node, node.integer("axis", 0));
    List<Object> data = inputs.getFirst().elements();
    List<Object> picked = new ArrayList<>();
    for (long index : numbers(node, inputs.get(1))) {
      long at = index < 0 ? index + data.size() : index;
      if (at < 0 || at >= data.size()) {
        throw node.invalid("index " + index + " is not within " + data);
      }
      picked.add(data.get((int) at));
    }
    return new Sizes(inputs.get(1).scalar(), picked);
  }

  /// Starts, ends, axes and steps are inputs since opset 10, attributes before.
  private static Sizes slice(NodeView node, List<Sizes> inputs) {
    List<Object> data = inputs.getFirst().elements();
    boolean attributes = node.opset() < 10;
    long start = attributes ? single(node, "starts", 0) : single(node, inputs, 1, 0);
    long end = attributes ? single(node, "ends", 0) : single(node, inputs, 2, 0);
    requireFirstAxis(node, attributes ? single(node, "axes", 0) : single(node, inputs, 3, 0));
    if (single(node, inputs, 4, 1) != 1) {
      throw node.unsupported("a slice of a shape with steps");
    }
    int from = bound(start, data.size());
    return new Sizes(false, data.subList(from, Math.max(from, bound(end, data.size()))));
  }

  private static Sizes concat(NodeView node, List<Sizes> inputs) {
    requireFirstAxis(node, node.integer("axis", 0));
    List<Object> joined = new ArrayList<>();
    for (Sizes input : inputs) {
      if (input.scalar()) {
        throw node.invalid("joins scalars");
      }
      joined.addAll(input.elements());
      if (joined.size() > LONGEST) {
        break; // Reported by put.
      }
    }
    return new Sizes(false, joined);
  }

  private static Sizes cast(NodeView node, Sizes input) {
    int to = node.int32("to", 0);
    if (to != TensorProto.DataType.INT64_VALUE && to != TensorProto.DataType.INT32_VALUE) {
      throw node.unsupported(
          "casts a shape to " + TensorProto.DataType.forNumber(to) + ", not to an integer");
    }
    return input;
  }

  private static Sizes unsqueeze(NodeView node, Sizes input) {
    if (!input.scalar()) {
      throw node.unsupported("makes a matrix of a shape");
    }
    node.ignore("axes"); // Of a scalar there is but one way.
    return new Sizes(false, input.elements());
  }

  private static Sizes squeeze(NodeView node, Sizes input) {
    if (input.elements().size() != 1) {
      throw node.invalid("squeezes a shape of " + input.elements().size() + " axes");
    }
    node.ignore("axes");
    return new Sizes(true, input.elements());
  }

  private static Sizes arithmetic(NodeView node, List<Sizes> inputs) {
    node.requireInputs(2, 2);
    Sizes a = inputs.get(0);
    Sizes b = inputs.get(1);
    int count = Math.max(a.elements().size(), b.elements().size());
    List<Object> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      results.add(computed(node, element(node, a, i, count), element(node, b, i, count)));
    }
    return new Sizes(a.scalar() && b.scalar(), results);
  }

  private static Object element(NodeView node, Sizes sizes, int i, int count) {
    int size = sizes.elements().size();
    if (size != count && size != 1) {
      throw node.invalid("[" + size + "] and [" + count + "] do not broadcast");
    }
    return sizes.elements().get(size == 1 ? 0 : i);
  }

  private static Object computed(NodeView node, Object a, Object b) {
    boolean numbers = a instanceof Long && b instanceof Long;
    long x = numbers ? (Long) a : 0;
    long y = numbers ? (Long) b : 1;
    return switch (node.type()) {
      case "Add" -> numbers ? (Object) (x + y) : new Computed(a, "+", b);
      case "Sub" -> numbers ? (Object) (x - y) : new Computed(a, "-", b);
      case "Mul" -> numbers ? (Object) (x * y) : new Computed(a, "*", b);
      default -> numbers ? (Object) (x / y) : new Computed(a, "/", b);
    };
  }

  private static List<Long> numbers(NodeView node, Sizes sizes) {
    List<Long> numbers = new ArrayList<>();
    for (Object element : sizes.elements()) {
      if (!(element instanceof Long number)) {
        throw node.unsupported("reads the size of the free axis " + element);
      }
      numbers.add(number);
    }
    return numbers;
  }

  private List<Long> reshape(NodeView node, Sizes target) {
    Shape data = values.info(node.input(0), node).shape();
    boolean copies = copies(node);
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < target.elements().size(); i++) {
      Object element = target.elements().get(i);
      boolean copied = copies && i < data.rank() && data.dim(i).equals(element);
      numbers.add(element instanceof Long number ? number : copied ? 0L : -1L);
    }
    if (numbers.stream().filter(n -> n == -1).count() > 1) {
      throw node.unsupported(
          "reshapes " + data + " to " + target.elements() + ": more than one free axis is new");
    }
    return numbers;
  }

  private String constant(String name, boolean scalar, List<Long> numbers) {
    List<Long> key = new ArrayList<>(numbers);
    key.addFirst(scalar ? 0L : 1L);
    return constants.computeIfAbsent(
        key,
        _ -> {
          String made = values.constant(name) == null ? name : values.fresh(name);
          values.addConstant(made, vector(scalar, numbers));
          return made;
        });
  }

  private static Known vector(boolean scalar, List<Long> numbers) {
    long[] elements = numbers.stream().mapToLong(Long::longValue).toArray();
    return Known.of(scalar ? Tensor.of(elements) : Tensor.of(elements, elements.length));
  }

  private static long single(NodeView node, List<Sizes> inputs, int input, long absent) {
    if (inputs.size() <= input) {
      return absent;
    }
    List<Long> numbers = numbers(node, inputs.get(input));
    if (numbers.size() != 1) {
      throw node.invalid("input " + input + " has " + numbers.size() + " numbers, expected one");
    }
    return numbers.getFirst();
  }

  private static long single(NodeView node, String attribute, long absent) {
    AttributeProto found = node.find(attribute, AttributeType.INTS);
    if (found == null) {
      return absent;
    }
    if (found.getIntsCount() != 1) {
      throw node.invalid(attribute + " has " + found.getIntsCount() + " numbers, expected one");
    }
    return found.getInts(0);
  }

  private static void requireFirstAxis(NodeView node, long axis) {
    if (axis != 0 && axis != -1) {
      throw node.invalid("axis " + axis + " of a shape, which has one");
    }
  }

  /// ONNX's reading of a start or an end: negative counts from the end, and beyond is the border.
  private static int bound(long index, int size) {
    return Math.clamp(index < 0 ? index + size : index, 0, size);
  }
}
