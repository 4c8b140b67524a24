package io.octet.bench;

import io.octet.graph.Graph;
import io.octet.onnx.Onnx;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Binding;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// One network, one image, one thread, in three hands: an Octet session with memory of the
/// caller's, oneDNN's bare primitives, and ONNX Runtime with its optimizer on, reading the file
/// that Octet wrote.
final class Contestants implements AutoCloseable {
  private static final long SEED = 20251201;

  private final Arena arena = Arena.ofShared();
  private final Map<String, Tensor> image;
  private final Session session;
  private final Binding binding;
  private final BarePrimitives bare;
  private final OrtPeer ort;

  /// @param name a network's data file, such as "resnet50"
  /// @param int8 quantized with `QConfig.auto` after two random images, else float
  Contestants(String name, boolean int8) {
    Net net = Net.named(name);
    Random random = new Random(SEED);
    Tensor input = offHeap(NetGraph.image(net, random));
    image = Map.of(net.input(), input);
    Graph graph = NetGraph.of(net, SEED);
    if (int8) {
      List<Map<String, Tensor>> samples =
          List.of(image, Map.of(net.input(), NetGraph.image(net, random)));
      CalibrationTable table = Calibrator.calibrate(graph, QConfig.auto(), samples.iterator());
      graph = Quantizer.convert(graph, table);
    }
    session = Session.open(graph, SessionOptions.builder().threads(t -> t.intraOp(1)).build());
    Shape scores = session.outputs(Map.of(net.input(), input.shape())).getFirst().shape();
    Tensor output = Tensor.allocate(arena, DataType.F32, scores);
    binding = session.bind(image, Map.of(session.outputs().getFirst().name(), output));
    bare = new BarePrimitives(net, int8);
    ort = new OrtPeer(Onnx.toBytes(graph), image);
  }

  private Tensor offHeap(Tensor tensor) {
    Tensor copy = Tensor.allocate(arena, tensor.type(), tensor.shape());
    copy.data().copyFrom(tensor.data());
    return copy;
  }

  void octet() {
    session.run(binding);
  }

  void bare() {
    bare.run();
  }

  void ort() {
    ort.run();
  }

  /// Where Octet's time goes, and what oneDNN needs for each layer by itself.
  String profile(int runs) {
    StringBuilder text = new StringBuilder("  Octet's nodes, microseconds:\n");
    session.profile(image, runs).forEach(t -> row(text, t.nanos(), t.name()));
    text.append("  bare primitives, microseconds:\n");
    bare.profile(runs).forEach((label, nanos) -> row(text, nanos, label));
    text.append("  kernels:\n");
    session
        .explain()
        .forEach(
            r ->
                text.append(
                    "  %-32s %-16s %-10s %s%n"
                        .formatted(r.name(), r.op(), r.backend(), r.kernel() + "  " + r.types())));
    return text.toString();
  }

  private static void row(StringBuilder text, double nanos, String name) {
    text.append("  %9.1f  %s%n".formatted(nanos / 1e3, name));
  }

  @Override
  public void close() {
    session.close();
    ort.close();
    arena.close();
  }
}
