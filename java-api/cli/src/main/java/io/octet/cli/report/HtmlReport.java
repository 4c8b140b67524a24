package io.octet.cli.report;

import io.octet.internal.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Renders a [Report] as one HTML file that needs nothing else: no script, no font, no network.
public final class HtmlReport {
  private static final String TEMPLATE = "report.html";

  private HtmlReport() {}

  /// Writes the file, whole or not at all.
  public static void write(Path file, Report report) throws IOException {
    byte[] html = html(report).getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, out -> out.write(html));
  }

  /// The file's text.
  public static String html(Report report) throws IOException {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("network", Html.escape(report.network()));
    parts.put("data", Html.escape(report.data()));
    parts.put("machine", lines(report.machine(), "<p>%s</p>"));
    parts.put("agreement", Html.percent(report.agreement(), 2));
    parts.put("tiles", Tiles.of(report));
    parts.put("checks", checks(report.checks()));
    parts.put("layers", LayerRows.of(report.layers()));
    parts.put("activations", activations(report.activations()));
    parts.put("method", lines(report.method(), "<li>%s</li>"));
    return fill(template(), parts);
  }

  private static String template() throws IOException {
    try (InputStream in = HtmlReport.class.getResourceAsStream(TEMPLATE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String fill(String template, Map<String, String> parts) {
    StringBuilder html = new StringBuilder();
    int from = 0;
    for (int open = template.indexOf("{{"); open >= 0; open = template.indexOf("{{", from)) {
      int close = template.indexOf("}}", open);
      html.append(template, from, open).append(parts.get(template.substring(open + 2, close)));
      from = close + 2;
    }
    return html.append(template.substring(from)).toString();
  }

  private static String lines(List<String> lines, String form) {
    return lines.stream()
        .map(line -> form.formatted(Html.escape(line)))
        .collect(Collectors.joining("\n"));
  }

  private static String checks(List<Report.Check> checks) {
    return checks.stream()
        .map(
            c ->
                "<li class=\"%s\">%s</li>"
                    .formatted(c.held() ? "held" : "failed", Html.escape(c.text())))
        .collect(Collectors.joining("\n"));
  }

  private static String activations(List<Report.Activation> activations) {
    StringBuilder figures = new StringBuilder();
    for (Report.Activation a : activations) {
      double cut = a.histogram().outside(a.low(), a.high());
      figures.append(
          """
          <figure><figcaption><b title="%s">%s</b><span>%s</span></figcaption>
          %s<p>%s</p></figure>
          """
              .formatted(
                  Html.escape(a.name()),
                  Html.escape(a.name()),
                  cut == 0 ? "" : "cuts off " + Html.percent(cut, cut < 0.001 ? 3 : 2),
                  HistogramSvg.draw(a),
                  Html.escape(a.quantization())));
    }
    return figures.toString();
  }
}
