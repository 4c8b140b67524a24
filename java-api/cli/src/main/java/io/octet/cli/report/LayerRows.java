package io.octet.cli.report;

import java.util.List;

/// The table of layers: who runs each, how long, and how much noise quantization adds.
final class LayerRows {
  /// An SQNR bar is full here; 8 bits of a uniform signal give 50 dB.
  private static final double FULL_DB = 50;

  private LayerRows() {}

  static String of(List<Report.Layer> layers) {
    double longest = 1e-9;
    for (Report.Layer layer : layers) {
      longest = Math.max(longest, Math.max(orZero(layer.fp32Micros()), orZero(layer.micros())));
    }
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < layers.size(); i++) {
      rows.append(row(i + 1, layers.get(i), longest));
    }
    return rows.append(total(layers)).toString();
  }

  private static String row(int number, Report.Layer layer, double longest) {
    String note = layer.note().isEmpty() ? "" : "<small>" + Html.escape(layer.note()) + "</small>";
    if (layer.fellBack()) {
      note = "<small class=\"fell\">fell back to FP32</small>" + note;
    }
    return """
    <tr><td class="n">%d</td><td class="name">%s%s</td><td class="op">%s</td>\
    <td><span class="badge %s">%s</span></td><td class="kernel">%s<small>%s</small></td>\
    %s%s<td class="bar">%s</td></tr>
    """
        .formatted(
            number,
            Html.escape(layer.name()),
            note,
            Html.escape(layer.op()),
            layer.dtype(),
            layer.dtype(),
            Html.escape(layer.kernel()),
            Html.escape(layer.backend()),
            time(layer.fp32Micros(), longest, "fp32"),
            time(layer.micros(), longest, layer.dtype()),
            noise(layer.sqnrDb()));
  }

  private static String time(double micros, double longest, String style) {
    if (Double.isNaN(micros)) {
      return "<td class=\"bar\"></td>";
    }
    return "<td class=\"bar\"><i class=\"%s\" style=\"width:%s%%\"></i><b>%s</b></td>"
        .formatted(style, Html.fixed(60 * micros / longest, 1), Html.fixed(micros, 1));
  }

  private static String noise(double db) {
    if (Double.isNaN(db)) {
      return "";
    }
    String style = db >= 25 ? "good" : db >= 15 ? "fair" : "poor";
    return "<i class=\"%s\" style=\"width:%s%%\"></i><b>%s</b>"
        .formatted(style, Html.fixed(60 * Math.clamp(db / FULL_DB, 0, 1), 1), Html.fixed(db, 1));
  }

  private static String total(List<Report.Layer> layers) {
    double fp32 = layers.stream().mapToDouble(l -> orZero(l.fp32Micros())).sum();
    double int8 = layers.stream().mapToDouble(l -> orZero(l.micros())).sum();
    return """
    <tr class="total"><td></td><td>all rows</td><td></td><td></td><td></td>\
    <td class="bar"><b>%s</b></td><td class="bar"><b>%s</b></td><td></td></tr>
    """
        .formatted(Html.fixed(fp32, 1), Html.fixed(int8, 1));
  }

  private static double orZero(double value) {
    return Double.isNaN(value) ? 0 : value;
  }
}
