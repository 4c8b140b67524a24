package io.octet.cli;

import io.octet.cli.demo.Demo;
import io.octet.cli.report.HtmlReport;
import io.octet.cli.report.Report;
import io.octet.internal.file.AtomicFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `octet demo`.
@Command(
    name = "demo",
    description =
        "Quantize a trained ResNet-20 on real images, and compare it with its FP32 self: size,"
            + " accuracy, latency, layer by layer.",
    footer = {
      "  octet demo",
      "  octet demo --report /tmp/report.html --json",
      "",
      "Exit code 1 tells that a number is worse than it should be."
    })
final class DemoVerb extends Verb {
  private static final int ALL_IMAGES = 10_000;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Where the HTML report goes. Default ${DEFAULT-VALUE}.",
      defaultValue = "octet-report.html")
  private Path report;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Score the first N test images only. Default: all 10,000.")
  private int images = ALL_IMAGES;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long latency is measured. Default 4.")
  private double seconds = 4;

  @Override
  VerbResult answer() throws Exception {
    require("--images", images, ALL_IMAGES);
    requireSeconds(seconds);
    AtomicFile.requireWritable(report);
    Report found = Demo.run(images, seconds, this::progress);
    HtmlReport.write(report, found);
    boolean held = found.checks().stream().allMatch(Report.Check::held);
    return new VerbResult(json(found), text(found), held ? Exit.DONE : Exit.REFUSED);
  }

  private Map<String, Object> json(Report found) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("fp32", json(found.fp32()));
    json.put("int8", json(found.int8()));
    json.put("agreement", found.agreement());
    json.put("report", report.toAbsolutePath().normalize().toString());
    json.put("images", images);
    json.put("checks", found.checks().stream().map(DemoVerb::json).toList());
    return json;
  }

  private static Map<String, Object> json(Report.Side side) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("top1", side.top1());
    json.put("bytes", side.bytes());
    json.put("file_bytes", side.fileBytes());
    json.put("p50_ms", side.p50Millis());
    return json;
  }

  private static Map<String, Object> json(Report.Check check) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("text", check.text());
    json.put("held", check.held());
    return json;
  }

  private String text(Report found) {
    StringBuilder text = new StringBuilder();
    text.append(found.network()).append('\n');
    found.machine().forEach(line -> text.append(line).append('\n'));
    text.append('\n').append(layers(found.layers()));
    text.append(reasons(found.layers()));
    text.append('\n').append(comparison(found)).append('\n');
    for (Report.Check check : found.checks()) {
      text.append(check.held() ? "  ok      " : "  FAILED  ").append(check.text()).append('\n');
    }
    return text.append("\nreport: ").append(report).append('\n').toString();
  }

  private static Table layers(List<Report.Layer> layers) {
    Table table =
        new Table().row("layer", "operators", "type", "kernel", "FP32 µs", "int8 µs", "SQNR dB");
    for (Report.Layer layer : layers) {
      table.row(
          layer.name(),
          layer.op(),
          layer.dtype(),
          layer.backend() + " " + layer.kernel(),
          number(layer.fp32Micros()),
          number(layer.micros()),
          number(layer.sqnrDb()));
    }
    return table;
  }

  /// Why layers stay in FP32, those with the same reason together.
  private static String reasons(List<Report.Layer> layers) {
    Map<String, Integer> reasons = new LinkedHashMap<>();
    layers.stream()
        .filter(layer -> !layer.note().isEmpty() && !Double.isNaN(layer.sqnrDb()))
        .forEach(layer -> reasons.merge(layer.note(), 1, Integer::sum));
    StringBuilder text = new StringBuilder();
    reasons.forEach((why, n) -> text.append("\n  %d in FP32, %s\n".formatted(n, why)));
    return text.toString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : Sizes.tenths(value);
  }

  private static Table comparison(Report found) {
    Report.Side fp32 = found.fp32();
    Report.Side int8 = found.int8();
    double points = 100 * (int8.top1() - fp32.top1());
    return new Table()
        .row("", "FP32", "int8", "")
        .row(
            "top-1 accuracy",
            Sizes.percent(fp32.top1()),
            Sizes.percent(int8.top1()),
            Sizes.signed(points) + " points, same answer for " + Sizes.percent(found.agreement()))
        .sizes("parameters", fp32.bytes(), int8.bytes())
        .sizes("ONNX file", fp32.fileBytes(), int8.fileBytes())
        .row(
            "latency of one image",
            Sizes.millis(fp32.p50Millis()),
            Sizes.millis(int8.p50Millis()),
            Sizes.faster(fp32.p50Millis(), int8.p50Millis()) + ", one thread");
  }
}
