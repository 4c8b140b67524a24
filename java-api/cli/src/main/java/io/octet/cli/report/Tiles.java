package io.octet.cli.report;

/// The four numbers that the report begins with, each as a pair of bars.
final class Tiles {
  private Tiles() {}

  static String of(Report report) {
    Report.Side fp32 = report.fp32();
    Report.Side int8 = report.int8();
    return pair(
            "Parameters",
            times((double) fp32.bytes() / int8.bytes()) + " smaller",
            new Bar(fp32.bytes(), Html.megabytes(fp32.bytes())),
            new Bar(int8.bytes(), Html.megabytes(int8.bytes())))
        + pair(
            "ONNX file",
            times((double) fp32.fileBytes() / int8.fileBytes()) + " smaller",
            new Bar(fp32.fileBytes(), Html.megabytes(fp32.fileBytes())),
            new Bar(int8.fileBytes(), Html.megabytes(int8.fileBytes())))
        + pair(
            "Latency of one image",
            speed(fp32.p50Millis() / int8.p50Millis()),
            new Bar(fp32.p50Millis(), Html.fixed(fp32.p50Millis(), 3) + " ms"),
            new Bar(int8.p50Millis(), Html.fixed(int8.p50Millis(), 3) + " ms"))
        + pair(
            "Top-1 accuracy",
            points(int8.top1() - fp32.top1()),
            new Bar(fp32.top1(), Html.percent(fp32.top1(), 2)),
            new Bar(int8.top1(), Html.percent(int8.top1(), 2)));
  }

  private record Bar(double length, String text) {}

  private static String pair(String title, String headline, Bar fp32, Bar int8) {
    double longest = Math.max(fp32.length(), int8.length());
    return """
    <section class="tile"><h3>%s</h3><p class="headline">%s</p>
    %s%s</section>
    """
        .formatted(
            title,
            headline,
            bar("FP32", "fp32", fp32, longest),
            bar("int8", "int8", int8, longest));
  }

  private static String bar(String label, String style, Bar bar, double longest) {
    return """
    <div class="pair"><span>%s</span><i class="%s" style="width:%s%%"></i><b>%s</b></div>
    """
        .formatted(
            label, style, Html.fixed(longest > 0 ? 56 * bar.length() / longest : 0, 1), bar.text());
  }

  private static String times(double ratio) {
    return Html.fixed(ratio, 2) + "×";
  }

  private static String speed(double ratio) {
    return ratio >= 1 ? times(ratio) + " faster" : times(1 / ratio) + " slower";
  }

  private static String points(double difference) {
    String sign = difference < 0 ? "−" : "+";
    return sign + Html.fixed(Math.abs(100 * difference), 2) + " points";
  }
}
