package io.octet.cli.report;

import java.util.Locale;

/// Draws the histogram of an activation: counts on a logarithmic scale, the chosen range behind
/// them, and what it cuts off in another colour.
final class HistogramSvg {
  private static final int WIDTH = 300;
  private static final int HEIGHT = 84;
  private static final int BASE = 66;
  private static final int TOP = 6;

  private final Report.Activation activation;
  private final double from;
  private final double to;

  private HistogramSvg(Report.Activation activation) {
    this.activation = activation;
    Histogram seen = activation.histogram();
    double low = Math.min(seen.min(), activation.low());
    double high = Math.max(seen.max(), activation.high());
    double margin = 0.02 * (high - low);
    this.from = low - margin;
    this.to = high + margin;
  }

  static String draw(Report.Activation activation) {
    return new HistogramSvg(activation).svg();
  }

  private String svg() {
    return """
    <svg viewBox="0 0 %d %d" role="img" aria-label="%s">
    %s%s%s<line class="axis" x1="0" x2="%d" y1="%d" y2="%d"/>
    %s</svg>
    """
        .formatted(
            WIDTH,
            HEIGHT,
            Html.escape("histogram of " + activation.name()),
            range(),
            zero(),
            bars(),
            WIDTH,
            BASE,
            BASE,
            labels());
  }

  private String range() {
    double left = x(activation.low());
    double right = x(activation.high());
    return "<rect class=\"range\" x=\"%s\" y=\"0\" width=\"%s\" height=\"%d\"/>\n"
        .formatted(number(left), number(right - left), BASE);
  }

  private String zero() {
    if (from >= 0 || to <= 0) {
      return "";
    }
    return "<line class=\"zero\" x1=\"%1$s\" x2=\"%1$s\" y1=\"0\" y2=\"%2$d\"/>\n"
        .formatted(number(x(0)), BASE);
  }

  private String bars() {
    Histogram seen = activation.histogram();
    float[] counts = seen.counts();
    double step = (seen.max() - seen.min()) / counts.length;
    double most = 1;
    for (float count : counts) {
      most = Math.max(most, Math.log1p(count));
    }
    StringBuilder kept = new StringBuilder("<path class=\"kept\" d=\"");
    StringBuilder cut = new StringBuilder("<path class=\"cut\" d=\"");
    for (int i = 0; i < counts.length; i++) {
      double left = seen.min() + i * step;
      double center = left + step / 2;
      boolean inside = center >= activation.low() && center <= activation.high();
      double height = Math.log1p(counts[i]) / most * (BASE - TOP);
      if (counts[i] > 0) {
        (inside ? kept : cut).append(bar(x(left), x(left + step), height));
      }
    }
    return kept + "\"/>\n" + cut + "\"/>\n";
  }

  private static String bar(double left, double right, double height) {
    double width = Math.max(0.4, right - left - 0.3);
    return "M%s %dv-%sh%sv%sz"
        .formatted(number(left), BASE, number(height), number(width), number(height));
  }

  private String labels() {
    return label(activation.low(), "low") + label(activation.high(), "high");
  }

  private String label(double value, String side) {
    double at = Math.clamp(x(value), 0, WIDTH);
    return "<line class=\"tick\" x1=\"%1$s\" x2=\"%1$s\" y1=\"0\" y2=\"%2$d\"/><text class=\"%3$s\" x=\"%1$s\" y=\"%4$d\">%5$s</text>\n"
        .formatted(number(at), BASE + 4, side, HEIGHT - 4, Html.real(value));
  }

  private double x(double value) {
    return (value - from) / (to - from) * WIDTH;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
