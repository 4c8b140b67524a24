package io.octet.runtime;

import io.octet.graph.Graph;
import io.octet.quant.Calibration;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongConsumer;

/// Runs a float network over samples and watches the ranges of its activations: the middle step of
/// prepare, calibrate, convert. Memory is bounded by one batch, however many there are.
public final class Calibrator {
  private Calibrator() {}

  /// Calibrates without reporting progress.
  ///
  /// @see #calibrate(Graph, QConfig, Iterator, LongConsumer)
  public static CalibrationTable calibrate(
      Graph graph, QConfig qconfig, Iterator<Map<String, Tensor>> batches) {
    return calibrate(graph, qconfig, batches, done -> {});
  }

  /// Calibrates on the fastest FP32 backend. Real inputs, as the network will see them in
  /// production, give real ranges; random ones do not.
  ///
  /// @param graph the float network, prepared or not
  /// @param qconfig what watches, and how ranges become scales
  /// @param batches inputs by name, batch by batch; each is read before the next is asked for
  /// @param progress hears, after each batch, how many are done
  /// @return what {@link Quantizer#convert} needs
  /// @throws IllegalArgumentException if a batch does not fit the network's inputs or holds NaN, or
  ///   a value was infinite wherever it was seen: the message names it
  /// @throws IllegalStateException if there is no batch
  public static CalibrationTable calibrate(
      Graph graph, QConfig qconfig, Iterator<Map<String, Tensor>> batches, LongConsumer progress) {
    Calibration calibration = Quantizer.calibration(graph, qconfig);
    SessionOptions options =
        SessionOptions.builder()
            .threads(t -> t.maxConcurrentRuns(1))
            .checks(c -> c.refuseNan(false))
            .build();
    try (Session session = Session.open(calibration.graph(), options)) {
      for (long done = 1; batches.hasNext(); done++) {
        Map<String, Tensor> inputs = batches.next();
        try (Arena arena = Arena.ofConfined()) {
          calibration.accept(inputs, session.run(inputs, arena));
        }
        progress.accept(done);
      }
    }
    return calibration.table();
  }
}
