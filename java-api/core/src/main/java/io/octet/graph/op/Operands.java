package io.octet.graph.op;

import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Expression;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.stream.LongStream;

/// What an operator sees of a node: what is known of its inputs, and how errors name it.
///
/// @param node how errors name the node: `Conv "layer1.conv"`
/// @param infos what is known of each input, null where one is absent
/// @param constants the tensor that each input is, null where that is not known
/// @param outputs how many outputs are wanted
/// @param undecided takes the names of inputs whose elements decide a shape and are not known
public record Operands(
    String node,
    List<ValueInfo> infos,
    List<Tensor> constants,
    int outputs,
    Set<String> undecided) {
  private static final int LONGEST_EXPRESSION = 4096;

  /// Copies the lists, which may hold null.
  public Operands {
    infos = Collections.unmodifiableList(new ArrayList<>(infos));
    constants = Collections.unmodifiableList(new ArrayList<>(constants));
    if (infos.size() != constants.size()) {
      throw new IllegalArgumentException(
          infos.size() + " inputs, but " + constants.size() + " constants");
    }
  }

  /// The operands of a node, where nobody asks what is undecided.
  public Operands(String node, List<ValueInfo> infos, List<Tensor> constants, int outputs) {
    this(node, infos, constants, outputs, new HashSet<>());
  }

  /// The operands of a node with one output, all of them known; null where one is absent.
  public static Operands of(String node, List<Tensor> constants) {
    List<ValueInfo> infos = new ArrayList<>();
    for (int i = 0; i < constants.size(); i++) {
      Tensor t = constants.get(i);
      infos.add(t == null ? null : ValueInfo.of("input " + i, t));
    }
    return new Operands(node, infos, constants, 1);
  }

  /// How many inputs there are, absent ones included.
  public int count() {
    return infos.size();
  }

  /// Whether input `index` is there.
  public boolean has(int index) {
    return index < infos.size() && infos.get(index) != null;
  }

  /// What is known of input `index`, which must be there.
  public ValueInfo get(int index) {
    return infos.get(index);
  }

  /// The shape of input `index`.
  public Shape shape(int index) {
    return get(index).shape();
  }

  /// The element type of input `index`.
  public DataType type(int index) {
    return get(index).type();
  }

  /// The tensor that input `index` is, where that is known.
  public Optional<Tensor> constant(int index) {
    return has(index) ? Optional.ofNullable(constants.get(index)) : Optional.empty();
  }

  /// The elements of input `index`, a short list of integers, where they are known.
  public Optional<List<Dim>> values(int index) {
    return has(index) ? get(index).values() : Optional.empty();
  }

  /// The elements of input `index`, a vector of sizes or axes, however many they are. Where they
  /// are not known before a run, as many sizes that nobody knows.
  ///
  /// @param what names them in errors
  /// @throws Unsupported if their number is not known either
  List<Dim> sizes(int index, String what) {
    return numbers(index).orElseGet(() -> unknown(index, what));
  }

  /// The elements of input `index`, a vector of integers, however many they are; nothing where they
  /// are not known before a run.
  Optional<List<Dim>> numbers(int index) {
    return values(index)
        .or(
            () ->
                decided(index)
                    .map(t -> LongStream.range(0, t.elements()).map(t::getInteger))
                    .map(all -> all.mapToObj(Dim::of).toList()));
  }

  /// The tensor that input `index` is, whose elements decide a shape; nothing where they are not
  /// known before a run.
  Optional<Tensor> decided(int index) {
    Optional<Tensor> known = constant(index);
    if (known.isEmpty() && has(index)) {
      undecided.add(get(index).name());
    }
    return known;
  }

  /// Whether some of a list's elements are no numbers yet.
  static boolean isOpen(List<Dim> list) {
    return list.stream().anyMatch(element -> element.number().isEmpty());
  }

  /// So many axes, at least none, of sizes that nobody knows.
  static Shape open(int rank, String why) {
    return new Shape(Collections.nCopies(Math.max(0, rank), new Dim.Unknown(why)));
  }

  private List<Dim> unknown(int index, String what) {
    ValueInfo info = get(index);
    long count =
        info.shape().rank() <= 1 && info.shape().isConcrete() ? info.shape().elements() : -1;
    if (count < 0 || count > ValueInfo.MOST_VALUES) {
      throw unsupported(
          "its " + what + " \"" + info.name() + "\" is not a constant, and of no known length");
    }
    String why = "its " + what + " \"" + info.name() + "\" is not a constant";
    return Collections.nCopies((int) count, new Dim.Unknown(why));
  }

  /// How many elements a list has that is broadcast from all inputs, where all of them are known.
  Optional<Integer> length() {
    int length = 1;
    for (int i = 0; i < count(); i++) {
      if (values(i).isEmpty()) {
        return Optional.empty();
      }
      int size = values(i).get().size();
      if (size != 1 && length != 1 && size != length) {
        return Optional.empty(); // The shapes do not broadcast, and are refused.
      }
      length = length == 1 ? size : length;
    }
    return Optional.of(length);
  }

  /// Element `i` of input `index`, which is broadcast.
  Dim element(int index, int i) {
    List<Dim> list = get(index).values().orElseThrow();
    return list.get(list.size() == 1 ? 0 : i);
  }

  /// What `function` makes of each pair of elements of both inputs, or of all inputs one after the
  /// other; nothing where they are not known, or a number does not fit a long.
  Optional<List<Dim>> each(BinaryOperator<Dim> function) {
    Optional<Integer> length = length();
    if (length.isEmpty()) {
      return Optional.empty();
    }
    try {
      List<Dim> list = new ArrayList<>();
      for (int i = 0; i < length.get(); i++) {
        Dim result = element(0, i);
        for (int j = 1; j < count(); j++) {
          result = function.apply(result, element(j, i));
        }
        list.add(result);
      }
      return Optional.of(list);
    } catch (ArithmeticException _) {
      return Optional.empty(); // A run lets it wrap.
    }
  }

  /// The shape of all inputs broadcast.
  ///
  /// @throws InvalidModel if their sizes do not go together
  Shape broadcast() {
    Shape shape = shape(0);
    for (int i = 1; i < count(); i++) {
      shape = broadcast(shape, shape(i));
    }
    return shape;
  }

  /// Axis `axis` of input `index`, counted from the front.
  ///
  /// @throws InvalidModel if it has no such axis
  public int axis(int index, long axis) {
    return shape(index)
        .axis(axis)
        .orElseThrow(() -> invalid("axis " + axis + " is not one of input " + shape(index)));
  }

  /// The shape of two that are broadcast.
  ///
  /// @throws InvalidModel if their sizes do not go together
  public Shape broadcast(Shape a, Shape b) {
    return Shape.broadcast(a, b).orElseThrow(() -> invalid(a + " and " + b + " do not broadcast"));
  }

  /// The shape of input 0, which must be an image of `axes` spatial axes.
  Shape image(int axes) {
    Shape x = shape(0);
    if (x.rank() != 2 + axes) {
      String letters =
          switch (axes) {
            case 1 -> " [N,C,W]";
            case 2 -> " [N,C,H,W]";
            case 3 -> " [N,C,D,H,W]";
            default -> "";
          };
      throw invalid(
          "needs an image of "
              + (2 + axes)
              + " axes"
              + letters
              + ", but input \""
              + get(0).name()
              + "\" is "
              + x);
    }
    return x;
  }

  /// Checks that input `index`, where it is there, is a vector of `size` elements.
  void requireVector(int index, String what, Dim size) {
    if (has(index)) {
      Shape shape = shape(index);
      if (shape.rank() != 1 || !shape.dim(0).mayEqual(size)) {
        throw invalid(
            what + " must be [" + size + "], but \"" + get(index).name() + "\" is " + shape);
      }
    }
  }

  /// Checks that input `index`, where it is there, broadcasts to `shape` without changing it.
  void requireBroadcast(int index, String what, Shape shape) {
    if (!has(index)) {
      return;
    }
    Shape own = shape(index);
    int ahead = shape.rank() - own.rank();
    for (int i = 0; i < own.rank(); i++) {
      boolean one = own.dim(i).equals(Dim.of(1));
      if (ahead < 0 || !one && !own.dim(i).mayEqual(shape.dim(ahead + i))) {
        throw invalid(what + " " + own + " does not broadcast to " + shape);
      }
    }
  }

  /// Expressions of free axes can double in each node: a few hundred bytes of a hostile model would
  /// fill any memory.
  ///
  /// @throws Unsupported if one of `dims` is longer than any network's
  public void requireShort(List<Dim> dims) {
    for (Dim dim : dims) {
      if (dim instanceof Expression && dim.toString().length() > LONGEST_EXPRESSION) {
        throw unsupported(
            "free axes make an expression of " + dim.toString().length() + " characters");
      }
    }
  }

  /// One result.
  List<ValueInfo> result(DataType type, Shape shape) {
    return List.of(new ValueInfo("", type, shape));
  }

  /// One result, whose elements may be known: a short list of integers or truths is carried.
  List<ValueInfo> result(DataType type, Shape shape, Optional<List<Dim>> values) {
    boolean carried =
        values.isPresent()
            && shape.rank() <= 1
            && values.get().size() <= ValueInfo.MOST_VALUES
            && values.get().stream().allMatch(v -> ValueInfo.holds(type, v));
    return List.of(new ValueInfo("", type, shape, carried ? values : Optional.empty()));
  }

  /// One result, of which as much is known as of input `index`.
  List<ValueInfo> same(int index) {
    ValueInfo info = get(index);
    return List.of(new ValueInfo("", info.type(), info.shape(), info.values()));
  }

  /// What to throw where the node contradicts its operator.
  public InvalidModel invalid(String what) {
    return new InvalidModel(node + ": " + what);
  }

  /// What to throw where the node is valid ONNX, but beyond Octet.
  public Unsupported unsupported(String what) {
    return new Unsupported(node + ": " + what);
  }

  /// What to throw where input `index` is of another type than `rule` says.
  InvalidModel mistyped(int index, String rule) {
    ValueInfo info = get(index);
    return invalid(rule + ", but \"" + info.name() + "\" is " + info.type() + info.shape());
  }
}
