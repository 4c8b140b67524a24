package io.octet.io;

import io.octet.quant.CalibrationTable;
import io.octet.quant.CalibrationTable.Entry;
import io.octet.quant.CalibrationTable.FloatNode;
import io.octet.quant.CalibrationTable.Histogram;
import io.octet.quant.CalibrationTable.RaisedScale;
import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantParams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Calibration tables as JSON, in the table's own order: the same table gives the same bytes, and
/// what is read back equals what was written (-0 becomes 0). A configuration that is a preset is
/// its word; another is an object, whose fields but the first are there where they differ from the
/// preset's: `preset`, `observer`, `activations`, `weights`, `fx`, `nodes`. Tables of before, which
/// name it ("fbgemm-fx-min_max"), are read.
public final class CalibrationFile {
  private static final String FORMAT = "octet-calibration";
  private static final int VERSION = 1;

  private CalibrationFile() {}

  /// Writes a table, whole or not at all.
  public static void write(Path file, CalibrationTable table) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", FORMAT);
    json.put("version", VERSION);
    json.put("qconfig", QConfigJson.write(table.qconfig()));
    json.put("batches", table.batches());
    json.put("values", table.values().stream().map(CalibrationFile::json).toList());
    json.put("raised_scales", table.raisedScales().stream().map(CalibrationFile::json).toList());
    json.put("float_nodes", table.floatNodes().stream().map(CalibrationFile::json).toList());
    json.put("warnings", table.warnings());
    Json.write(file, json);
  }

  /// Reads a table.
  ///
  /// @throws MalformedFileException if the file is no calibration table; the message names the
  ///   field
  public static CalibrationTable read(Path file) throws IOException {
    Fields json = new Fields(Json.read(file), file.toString());
    if (!json.text("format").equals(FORMAT) || json.whole("version") != VERSION) {
      throw new MalformedFileException(
          file.toString(),
          "expected "
              + FORMAT
              + " of version "
              + VERSION
              + ", but got "
              + json.text("format")
              + " of version "
              + json.whole("version"));
    }
    return new CalibrationTable(
        QConfigJson.read(json, "qconfig"),
        json.whole("batches"),
        entries(json.objects("values")),
        raised(json.objects("raised_scales")),
        floatNodes(json.objects("float_nodes")),
        json.texts("warnings"));
  }

  private static Map<String, Object> json(Entry entry) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("value", entry.value());
    json.put("shared_by", entry.sharedBy());
    json.put("min", entry.min());
    json.put("max", entry.max());
    json.put("low", entry.low());
    json.put("high", entry.high());
    json.put("params", json(entry.params()));
    json.put("histogram", entry.histogram().counts());
    return json;
  }

  private static List<Entry> entries(List<Fields> fields) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Fields f : fields) {
      entries.add(
          new Entry(
              f.text("value"),
              f.texts("shared_by"),
              f.real("min"),
              f.real("max"),
              f.real("low"),
              f.real("high"),
              params(f.object("params")),
              new Histogram(f.reals("histogram"))));
    }
    return entries;
  }

  private static Map<String, Object> json(QuantParams params) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", params.type().toString());
    if (params.granularity() instanceof Granularity.PerChannel(int axis)) {
      json.put("axis", axis);
    }
    json.put("scales", params.scales());
    json.put("zero_points", params.zeroPoints());
    return json;
  }

  private static QuantParams params(Fields json) throws IOException {
    Granularity granularity =
        json.object().containsKey("axis")
            ? new Granularity.PerChannel(json.int32("axis"))
            : new Granularity.PerTensor();
    try {
      return new QuantParams(
          DataType.valueOf(json.text("type").toUpperCase(Locale.ROOT)),
          granularity,
          json.reals("scales"),
          json.wholes("zero_points"));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(json.where(), e.getMessage(), e);
    }
  }

  private static Map<String, Object> json(RaisedScale raised) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("node", raised.node());
    json.put("weight", raised.weight());
    json.put("channel", raised.channel());
    json.put("from", raised.from());
    json.put("to", raised.to());
    return json;
  }

  private static List<RaisedScale> raised(List<Fields> fields) throws IOException {
    List<RaisedScale> raised = new ArrayList<>();
    for (Fields f : fields) {
      raised.add(
          new RaisedScale(
              f.text("node"), f.text("weight"), f.int32("channel"), f.real("from"), f.real("to")));
    }
    return raised;
  }

  private static Map<String, Object> json(FloatNode node) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("node", node.node());
    json.put("op", node.op());
    json.put("reason", node.reason());
    return json;
  }

  private static List<FloatNode> floatNodes(List<Fields> fields) throws IOException {
    List<FloatNode> nodes = new ArrayList<>();
    for (Fields f : fields) {
      nodes.add(new FloatNode(f.text("node"), f.text("op"), f.text("reason")));
    }
    return nodes;
  }
}
