package io.octet.cli;

import io.octet.graph.Graph;
import io.octet.io.Samples;
import io.octet.quant.Calibration;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Map;

/// Runs the float network over samples and shows the observers what comes out.
final class Calibrating {
  private Calibrating() {}

  static CalibrationTable run(Graph graph, QConfig config, Samples samples, Progress progress) {
    Calibration calibration = Quantizer.calibration(graph, config);
    int threads = Runtime.getRuntime().availableProcessors();
    try (Session session =
        Session.open(calibration.graph(), SessionOptions.defaults().withIntraOpThreads(threads))) {
      long done = 0;
      while (samples.hasNext()) {
        Map<String, Tensor> batch = samples.next();
        try (Arena arena = Arena.ofConfined()) {
          calibration.accept(batch, session.run(batch, arena));
        }
        done += batch.values().iterator().next().shape().size(0);
        progress.at(done);
      }
    }
    return calibration.table();
  }
}
