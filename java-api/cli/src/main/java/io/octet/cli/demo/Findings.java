package io.octet.cli.demo;

import io.octet.cli.measure.Race;
import io.octet.cli.report.Histogram;
import io.octet.cli.report.Report;
import io.octet.cli.report.Report.Check;
import io.octet.cli.report.Report.Side;
import io.octet.cpu.Cpu;
import io.octet.cpu.CpuInfo;
import io.octet.cpu.Verdict;
import io.octet.quant.CalibrationTable;
import io.octet.runtime.NodeReport;
import io.octet.tensor.QuantParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the demo measured, and what it makes of it.
///
/// @param fp32 the network as it was trained
/// @param int8 the quantized one
/// @param agreement the part of images that both put into the same class
/// @param images how many images were scored
/// @param race latencies of both
record Findings(Side fp32, Side int8, double agreement, int images, Race race) {
  private static final int ALL_IMAGES = 10_000;
  private static final double LEAST_TOP1 = 0.935;
  private static final double LEAST_SMALLER = 3.85;
  private static final double LEAST_SMALLER_FILE = 3.3;

  Report report(CalibrationTable table, List<NodeReport> nodes, List<Report.Layer> layers) {
    CpuInfo cpu = Cpu.detect();
    Verdict verdict = Cpu.verdict();
    return new Report(
        "ResNet-20 on Fashion-MNIST",
        "%,d test images of Fashion-MNIST".formatted(images),
        List.of(
            "%s, %s, %d logical cores".formatted(cpu.model(), cpu.arch(), cpu.logicalCores()),
            verdict.path().text() + ": " + verdict.reason()),
        fp32,
        int8,
        agreement,
        checks(nodes, verdict),
        layers,
        table.values().stream().map(Findings::activation).toList(),
        method(table));
  }

  /// What must hold. Speed and kernels are promised where the processor has VNNI; accuracy is
  /// promised for all test images.
  private List<Check> checks(List<NodeReport> nodes, Verdict verdict) {
    List<Check> checks = new ArrayList<>();
    if (images == ALL_IMAGES) {
      checks.add(atLeast("int8 top-1", 100 * int8.top1(), 100 * LEAST_TOP1, "%.2f%%"));
    }
    double smaller = (double) fp32.bytes() / int8.bytes();
    double smallerFile = (double) fp32.fileBytes() / int8.fileBytes();
    checks.add(atLeast("parameters smaller", smaller, LEAST_SMALLER, "%.2fx"));
    checks.add(atLeast("file smaller", smallerFile, LEAST_SMALLER_FILE, "%.2fx"));
    if (verdict.path() == Verdict.Path.INT8_VNNI) {
      double faster = fp32.p50Millis() / int8.p50Millis();
      checks.add(atLeast("faster", faster, 1, "%.2fx"));
      checks.add(convolutions(nodes));
    }
    return checks;
  }

  private static Check atLeast(String what, double value, double least, String form) {
    String text =
        what
            + " "
            + String.format(Locale.ROOT, form, value)
            + ", expected at least "
            + String.format(Locale.ROOT, form, least);
    return new Check(text, value >= least);
  }

  private static Check convolutions(List<NodeReport> nodes) {
    List<NodeReport> all = nodes.stream().filter(n -> n.op().equals("Conv")).toList();
    long int8 = all.stream().filter(n -> n.dtype().equals("int8") && n.fallback() == null).count();
    return new Check(int8 + " of " + all.size() + " convolutions in int8", int8 == all.size());
  }

  private static Report.Activation activation(CalibrationTable.Entry entry) {
    QuantParams p = entry.params();
    return new Report.Activation(
        entry.value(),
        histogram(entry),
        p.scale() * (p.type().min() - p.zeroPoint()),
        p.scale() * (p.type().max() - p.zeroPoint()),
        "%s, scale %s, zero point %d"
            .formatted(p.type(), String.format(Locale.ROOT, "%.4g", p.scale()), p.zeroPoint()));
  }

  private static Histogram histogram(CalibrationTable.Entry entry) {
    float[] counts = entry.histogram().counts();
    double max = Math.max(entry.max(), Math.nextUp(entry.min()));
    return new Histogram(entry.min(), max, counts.length == 0 ? new float[1] : counts);
  }

  private List<String> method(CalibrationTable table) {
    return List.of(
        "Calibration: the first 512 of 60,000 training images, QConfig \"%s\"."
            .formatted(table.qconfig()),
        "Accuracy: the first %,d test images, none of which was seen in calibration."
            .formatted(images),
        "Size: all weights, biases, scales and zero points; the file is the ONNX model.",
        "Latency: batch 1, one thread, medians of %,d and %,d runs that took turns, ten by ten."
            .formatted(race.first().runs(), race.second().runs()),
        "Time of a layer: median of 15 means of 20 runs each, with the copies and conversions made"
            + " for it; rows without an FP32 time have no counterpart in that network.",
        "SQNR: 10 log10(sum of x² / sum of (x − x')²) over 512 test images at the layer's output, x"
            + " in FP32, x' in int8, all layers before it in int8 too.",
        "Made by `octet demo` of Octet on Java %s.".formatted(Runtime.version()));
  }
}
