package io.octet.cli;

import io.octet.graph.op.Op;
import io.octet.graph.op.Signature;
import io.octet.graph.op.Signature.Operand;
import io.octet.tensor.DataType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/// `octet ops`.
@Command(
    name = "ops",
    description = "List the operators that Octet has: opsets, inputs, element types, int8.",
    footer = {
      "  octet ops",
      "  octet ops --json",
      "",
      "int8: has a form over quantized values. Inputs with ? may be absent, one with ... stands",
      "for any number; a letter is a type, which the last column explains."
    })
final class OpsVerb extends Verb {
  @Override
  VerbResult answer() {
    Table table = new Table().row("operator", "family", "opsets", "int8", "inputs", "types");
    for (Signature op : Op.signatures()) {
      table.row(op.name(), family(op), opsets(op), op.int8() ? "yes" : "", inputs(op), types(op));
    }
    List<?> json = Op.signatures().stream().map(OpsVerb::json).toList();
    return VerbResult.of(Map.of("operators", json), table.toString());
  }

  private static Map<String, Object> json(Signature op) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", op.name());
    json.put("domain", op.domain());
    json.put("family", family(op));
    json.put("firstOpset", op.first());
    json.put("lastOpset", op.last());
    json.put("int8", op.int8());
    json.put("inputs", op.inputs().stream().map(OpsVerb::json).toList());
    json.put("outputs", op.outputs().stream().map(OpsVerb::json).toList());
    Map<String, Object> types = new LinkedHashMap<>();
    op.types()
        .forEach((t, allowed) -> types.put(t, allowed.stream().map(DataType::toString).toList()));
    json.put("types", types);
    return json;
  }

  private static Map<String, Object> json(Operand operand) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", operand.name());
    json.put("presence", operand.presence().name().toLowerCase(Locale.ROOT));
    json.put("type", operand.type());
    return json;
  }

  private static String family(Signature op) {
    return Stream.of(Op.class.getPermittedSubclasses())
        .filter(family -> members(family).anyMatch(op.name()::equals))
        .map(Class::getSimpleName)
        .findFirst()
        .orElseThrow();
  }

  private static Stream<String> members(Class<?> family) {
    return Stream.of(family.getPermittedSubclasses()).map(Class::getSimpleName);
  }

  private static String opsets(Signature op) {
    return op.first() + "-" + op.last();
  }

  /// "data T, shape I", and without the letters where there is but one type.
  private static String inputs(Signature op) {
    boolean one = op.types().size() == 1;
    return op.inputs().stream()
        .map(i -> i.name() + mark(i) + (one ? "" : " " + i.type()))
        .collect(Collectors.joining(", "));
  }

  private static String mark(Operand operand) {
    return switch (operand.presence()) {
      case REQUIRED -> "";
      case OPTIONAL -> "?";
      case VARIADIC -> "...";
    };
  }

  private static String types(Signature op) {
    boolean one = op.types().size() == 1;
    return op.types().entrySet().stream()
        .map(e -> (one ? "" : e.getKey() + " = ") + types(e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String types(Set<DataType> types) {
    return types.size() == DataType.values().length
        ? "any"
        : types.stream().map(DataType::toString).collect(Collectors.joining("|"));
  }
}
