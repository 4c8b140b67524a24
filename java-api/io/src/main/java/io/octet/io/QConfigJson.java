package io.octet.io;

import io.octet.quant.NodeConfig;
import io.octet.quant.QConfig;
import io.octet.quant.QConfig.Activations;
import io.octet.quant.QConfig.Preset;
import io.octet.quant.QConfig.Rule;
import io.octet.quant.QConfig.WeightScales;
import io.octet.quant.observe.ObserverKind;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The configuration of a calibration table: a text for a preset, an object for what differs from
/// one.
final class QConfigJson {
  private QConfigJson() {}

  /// @throws IllegalArgumentException if a rule is no data, but a function: no table has such
  static Object write(QConfig qconfig) {
    QConfig plain = qconfig.preset().qconfig();
    if (qconfig.equals(plain)) {
      return qconfig.preset().word();
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("preset", qconfig.preset().word());
    putWhereOther(json, "observer", qconfig.observer(), plain.observer());
    putWhereOther(json, "activations", qconfig.activations(), plain.activations());
    putWhereOther(json, "weights", qconfig.weights(), plain.weights());
    if (qconfig.isFx()) {
      json.put("fx", true);
    }
    if (!qconfig.rules().isEmpty()) {
      json.put("nodes", qconfig.rules().stream().map(QConfigJson::write).toList());
    }
    return json;
  }

  private static void putWhereOther(
      Map<String, Object> json, String key, Enum<?> value, Enum<?> preset) {
    if (value != preset) {
      json.put(key, word(value));
    }
  }

  private static Map<String, Object> write(Rule rule) {
    Map<String, Object> json = new LinkedHashMap<>();
    switch (rule) {
      case Rule.Named(String node, NodeConfig config) -> {
        json.put("node", node);
        write(json, config);
      }
      case Rule.Where where ->
          throw new IllegalArgumentException(
              "a table names the nodes that are told something, but holds " + where);
    }
    return json;
  }

  private static void write(Map<String, Object> json, NodeConfig config) {
    switch (config) {
      case NodeConfig.Fp32 _ -> json.put("fp32", true);
      case NodeConfig.Int8 int8 -> {
        int8.observer().ifPresent(kind -> json.put("observer", word(kind)));
        int8.activations().ifPresent(way -> json.put("activations", word(way)));
        int8.weights().ifPresent(scales -> json.put("weights", word(scales)));
      }
    }
  }

  static QConfig read(Fields table, String key) throws IOException {
    if (!table.isObject(key)) {
      return named(table, key);
    }
    Fields json = table.object(key);
    QConfig.Builder builder = constant(json, "preset", Preset.values()).qconfig().toBuilder();
    if (json.has("observer")) {
      builder.observer(constant(json, "observer", ObserverKind.values()));
    }
    if (json.has("activations")) {
      builder.activations(constant(json, "activations", Activations.values()));
    }
    if (json.has("weights")) {
      builder.weights(constant(json, "weights", WeightScales.values()));
    }
    if (json.has("fx") && json.truth("fx")) {
      builder.fx();
    }
    if (json.has("nodes")) {
      for (Fields node : json.objects("nodes")) {
        builder.node(node.text("node"), config(node));
      }
    }
    return builder.build();
  }

  private static QConfig named(Fields table, String key) throws IOException {
    try {
      return QConfig.named(table.text(key));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(table.where() + ", " + key, e.getMessage(), e);
    }
  }

  private static NodeConfig config(Fields json) throws IOException {
    if (json.has("fp32") && json.truth("fp32")) {
      return NodeConfig.fp32();
    }
    return new NodeConfig.Int8(
        optional(json, "observer", ObserverKind.values()),
        optional(json, "activations", Activations.values()),
        optional(json, "weights", WeightScales.values()));
  }

  private static <E extends Enum<E>> Optional<E> optional(Fields json, String key, E[] constants)
      throws IOException {
    return json.has(key) ? Optional.of(constant(json, key, constants)) : Optional.empty();
  }

  private static <E extends Enum<E>> E constant(Fields json, String key, E[] constants)
      throws IOException {
    String word = json.text(key);
    for (E constant : constants) {
      if (word(constant).equals(word)) {
        return constant;
      }
    }
    throw new MalformedFileException(
        json.where() + ", " + key,
        "expected one of "
            + List.of(constants).stream().map(QConfigJson::word).toList()
            + ", but got "
            + word);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
