package io.octet.graph.op;

import io.octet.tensor.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What an operator takes and gives, in ONNX's terms: how many inputs, of which element types, and
/// the opsets in which models are read that use it. Inputs of one type variable have one type.
///
/// @param name ONNX's name
/// @param domain ONNX's domain, "" for its own
/// @param first the oldest opset in which it is read
/// @param last the newest opset in which it is read
/// @param inputs in ONNX's order; those after the first that is not required may be left out, and
///   the last may be variadic
/// @param outputs in ONNX's order
/// @param types what each type variable may be
/// @param int8 whether it has an int8 form over quantized values
public record Signature(
    String name,
    String domain,
    int first,
    int last,
    List<Operand> inputs,
    List<Operand> outputs,
    Map<String, Set<DataType>> types,
    boolean int8) {
  /// The oldest opset whose models are read, whatever operators they have of those that exist; an
  /// older model is read where all of its operators are.
  public static final int OLDEST_OPSET = 7;

  /// The newest opset whose models are read.
  public static final int NEWEST_OPSET = 23;

  /// Floats of any width.
  static final Set<DataType> FLOATS =
      Collections.unmodifiableSet(
          EnumSet.of(DataType.F32, DataType.F16, DataType.BF16, DataType.F64));

  /// All but truths.
  static final Set<DataType> NUMBERS =
      Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(DataType.BOOL)));

  /// Whole numbers.
  static final Set<DataType> INTEGERS =
      Collections.unmodifiableSet(EnumSet.of(DataType.U8, DataType.S8, DataType.S32, DataType.S64));

  /// Floats, and integers of more than 8 bits.
  static final Set<DataType> WIDE =
      Collections.unmodifiableSet(
          EnumSet.complementOf(EnumSet.of(DataType.BOOL, DataType.U8, DataType.S8)));

  /// Whatever is moved.
  static final Set<DataType> ANY = Collections.unmodifiableSet(EnumSet.allOf(DataType.class));

  /// Whether an operand must be there.
  public enum Presence {
    /// It must.
    REQUIRED,
    /// It may be absent.
    OPTIONAL,
    /// It stands for one operand or more.
    VARIADIC
  }

  /// An input or output.
  ///
  /// @param name how errors call it
  /// @param presence whether it must be there
  /// @param type its type variable
  public record Operand(String name, Presence presence, String type) {}

  /// Copies the collections.
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
  }

  /// The beginning of a signature: an operator of ONNX's own domain in every opset that is read.
  static Signature of(String name) {
    return new Signature(
        name, "", OLDEST_OPSET, NEWEST_OPSET, List.of(), List.of(), Map.of(), false);
  }

  /// This, read from opset `opset` on.
  Signature since(int opset) {
    return new Signature(name, domain, opset, last, inputs, outputs, types, int8);
  }

  /// This, with an int8 form.
  Signature alsoInt8() {
    return new Signature(name, domain, first, last, inputs, outputs, types, true);
  }

  /// This with further inputs that must be there, of one type variable.
  Signature in(String type, String... names) {
    return with(type, Presence.REQUIRED, names);
  }

  /// This with further inputs that may be absent, of one type variable.
  Signature optional(String type, String... names) {
    return with(type, Presence.OPTIONAL, names);
  }

  /// This with a last input that stands for one or more.
  Signature variadic(String type, String input) {
    return with(type, Presence.VARIADIC, input);
  }

  private Signature with(String type, Presence presence, String... names) {
    List<Operand> more = new ArrayList<>(inputs);
    for (String operand : names) {
      more.add(new Operand(operand, presence, type));
    }
    return new Signature(name, domain, first, last, more, outputs, types, int8);
  }

  /// This with a further output.
  Signature out(String type, String output) {
    List<Operand> more = new ArrayList<>(outputs);
    more.add(new Operand(output, Presence.REQUIRED, type));
    return new Signature(name, domain, first, last, inputs, more, types, int8);
  }

  /// This with a last output that stands for one or more.
  Signature outs(String type, String output) {
    List<Operand> more = new ArrayList<>(outputs);
    more.add(new Operand(output, Presence.VARIADIC, type));
    return new Signature(name, domain, first, last, inputs, more, types, int8);
  }

  /// This with what a type variable may be.
  Signature where(String type, DataType first, DataType... others) {
    return where(type, EnumSet.of(first, others));
  }

  /// This with what a type variable may be.
  Signature where(String type, Set<DataType> allowed) {
    Map<String, Set<DataType>> more = new LinkedHashMap<>(types);
    more.put(type, allowed);
    return new Signature(name, domain, this.first, last, inputs, outputs, more, int8);
  }

  /// The signature of the operator that has that name.
  static Signature of(Op op) {
    return Table.BY_NAME.get(op.name());
  }

  /// Made at the first question.
  private static final class Table {
    static final Map<String, Signature> BY_NAME =
        Op.signatures().stream().collect(Collectors.toMap(Signature::name, Function.identity()));
  }

  /// How many inputs must be there.
  public int least() {
    int least = 0;
    for (Operand input : inputs) {
      least += input.presence() == Presence.OPTIONAL ? 0 : 1;
    }
    return least;
  }

  /// How many inputs there may be.
  public int most() {
    boolean open = !inputs.isEmpty() && inputs.getLast().presence() == Presence.VARIADIC;
    return open ? Integer.MAX_VALUE : inputs.size();
  }

  /// The input at place `index` of a node.
  public Operand input(int index) {
    return inputs.get(Math.min(index, inputs.size() - 1));
  }

  /// Whether input `index` is data: of the result's type variable, so that elements of the result
  /// may be elements of it.
  public boolean isData(int index) {
    return index < most() && input(index).type().equals(outputs.getFirst().type());
  }

  /// Checks number and types of a node's inputs.
  ///
  /// @throws io.octet.OctetException.InvalidModel if one is absent, too much or of another type
  void check(Operands in) {
    for (int i = 0; i < Math.max(least(), in.count()); i++) {
      if (i < most() && input(i).presence() != Presence.OPTIONAL && !in.has(i)) {
        throw in.invalid(
            "needs " + Math.max(least(), i + 1) + " inputs, but input " + i + " is absent");
      }
    }
    if (in.count() > most()) {
      throw in.invalid("takes at most " + most() + " inputs, but has " + in.count());
    }
    Map<String, DataType> bound = new HashMap<>();
    for (int i = 0; i < in.count(); i++) {
      if (in.has(i)) {
        checkType(in, i, bound);
      }
    }
  }

  private void checkType(Operands in, int index, Map<String, DataType> bound) {
    Operand operand = input(index);
    DataType type = in.type(index);
    if (!types.get(operand.type()).contains(type)) {
      boolean alike = operand.type().equals(inputs.getFirst().type());
      String what = alike ? "takes " : "takes its " + operand.name() + " as ";
      throw in.mistyped(index, what + list(types.get(operand.type())));
    }
    DataType before = bound.putIfAbsent(operand.type(), type);
    if (before != null && before != type) {
      throw in.mistyped(
          index,
          switch (operand.presence()) {
            case REQUIRED -> "takes " + before;
            case OPTIONAL -> "takes its " + operand.name() + " as " + before;
            case VARIADIC -> "takes values of one type, the first being " + before;
          });
    }
  }

  /// "u8, s8 or s32".
  private static String list(Set<DataType> types) {
    List<String> names = types.stream().map(DataType::toString).toList();
    int last = names.size() - 1;
    return last == 0
        ? names.getFirst()
        : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }
}
