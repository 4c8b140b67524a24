package io.octet.cli.demo;

import io.octet.cli.measure.NodeTimes;
import io.octet.cli.measure.Noise;
import io.octet.cli.measure.Race;
import io.octet.cli.measure.SessionDefaults;
import io.octet.cli.measure.TopOne;
import io.octet.cli.measure.Watch;
import io.octet.cli.report.Report;
import io.octet.graph.Graph;
import io.octet.io.Samples;
import io.octet.onnx.Onnx;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A trained ResNet-20 on Fashion-MNIST, from FP32 to int8. Every number is measured here and now.
public final class Demo {
  private static final int BATCH = 32;
  private static final int NOISE_IMAGES = 512;

  private final Watch.Maker watches;
  private final int images;
  private final double seconds;
  private final byte[] file = DemoFiles.network();
  private final Graph fp32 = Onnx.read(file);

  private Demo(int images, double seconds, Watch.Maker watches) throws IOException {
    this.images = images;
    this.seconds = seconds;
    this.watches = watches;
  }

  /// Calibrates, quantizes, scores, times and compares.
  ///
  /// @param images how many of the 10,000 test images are scored, from the first
  /// @param seconds how long latency is measured
  /// @param watches are told how far each step has come
  public static Report run(int images, double seconds, Watch.Maker watches) throws IOException {
    return new Demo(images, seconds, watches).report();
  }

  private Report report() throws IOException {
    CalibrationTable table = calibrate();
    Graph int8 = Quantizer.convert(fp32, table);
    Outcome outcome = score(int8);
    Noise noise = noise(int8);
    SessionOptions oneThread = SessionDefaults.get().toBuilder().threads(t -> t.intraOp(1)).build();
    try (Session before = Session.open(fp32, oneThread);
        Session after = Session.open(int8, oneThread)) {
      Race race = race(before, after);
      List<NodeReport> nodes = after.explain();
      LayerTable layers = new LayerTable(int8, profile(before), profile(after), noise);
      Findings findings =
          new Findings(
              side(outcome.fp32Top1(), fp32, file.length, race.first().p50()),
              side(outcome.int8Top1(), int8, Onnx.toBytes(int8).length, race.second().p50()),
              outcome.agreement(),
              images,
              race);
      return findings.report(table, nodes, layers.rows(nodes));
    }
  }

  private CalibrationTable calibrate() throws IOException {
    try (Samples samples = DemoFiles.calibration(fp32, BATCH);
        Watch watch = watches.begin("calibrating", samples.count() / BATCH)) {
      return Calibrator.calibrate(fp32, QConfig.auto(), samples, watch);
    }
  }

  private record Outcome(double fp32Top1, double int8Top1, double agreement) {}

  private Outcome score(Graph int8) throws IOException {
    int[] labels = Arrays.copyOf(DemoFiles.labels(), images);
    int[] before = classify(fp32, "FP32 on test images");
    int[] after = classify(int8, "int8 on test images");
    return new Outcome(
        TopOne.agreement(before, labels),
        TopOne.agreement(after, labels),
        TopOne.agreement(before, after));
  }

  private int[] classify(Graph graph, String what) throws IOException {
    try (Session session = Session.open(graph, SessionDefaults.get());
        Samples samples = DemoFiles.test(graph, images, BATCH);
        Watch watch = watches.begin(what, images)) {
      return TopOne.of(session, samples, watch);
    }
  }

  private Noise noise(Graph int8) throws IOException {
    Graph everyValue = Quantizer.calibration(fp32, QConfig.auto()).graph();
    int n = Math.min(images, NOISE_IMAGES);
    try (Samples samples = DemoFiles.test(fp32, n, BATCH);
        Watch watch = watches.begin("noise, layer by layer", n)) {
      return Noise.of(everyValue, int8, samples, watch);
    }
  }

  private Race race(Session before, Session after) throws IOException {
    try (Watch watch = watches.begin("latency", (long) (1000 * seconds))) {
      return Race.run(before, after, image(), seconds, watch);
    }
  }

  private Map<String, Double> profile(Session session) throws IOException {
    return NodeTimes.of(session, image());
  }

  private Map<String, Tensor> image() throws IOException {
    try (Samples samples = DemoFiles.test(fp32, 1, 1)) {
      return samples.next();
    }
  }

  private static Report.Side side(double top1, Graph graph, long fileBytes, double p50) {
    return new Report.Side(top1, graph.parameterBytes(), fileBytes, p50);
  }
}
