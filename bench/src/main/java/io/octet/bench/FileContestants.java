package io.octet.bench;

import io.octet.graph.Graph;
import io.octet.onnx.Onnx;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Binding;
import io.octet.runtime.Calibrator;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// One real file in FP32 and in int8, each in two hands: an Octet session with memory of the
/// caller's, and ONNX Runtime. One that is quantized already has no FP32.
final class FileContestants implements AutoCloseable {
  private static final int PROFILED_RUNS = 20;

  private final Arena arena = Arena.ofShared();
  private final Map<String, Tensor> inputs = new HashMap<>();
  private final Map<String, Session> ours = new LinkedHashMap<>();
  private final Map<String, OrtPeer> theirs = new LinkedHashMap<>();

  /// @param folders where its `-q` file may be
  FileContestants(RealFile file, byte[] model, List<Path> folders) {
    file.inputs().forEach((name, tensor) -> inputs.put(name, offHeap(tensor)));
    Graph graph = Onnx.read(model);
    if (file.kind() != RealFile.Kind.QUANTIZED) {
      ours.put("FP32", open(graph));
      theirs.put("FP32", new OrtPeer(model, inputs));
    }
    switch (file.kind()) {
      case CALIBRATED -> {
        List<Map<String, Tensor>> samples = List.of(inputs);
        Graph int8 =
            Quantizer.convert(
                graph, Calibrator.calibrate(graph, QConfig.auto(), samples.iterator()));
        ours.put("int8", open(int8));
        theirs.put("int8", new OrtPeer(Onnx.toBytes(int8), inputs));
      }
      case DYNAMIC -> {
        ours.put("int8", open(Quantizer.dynamic(graph, QConfig.auto())));
        file.bytes("-q", folders).ifPresent(q -> theirs.put("int8", new OrtPeer(q, inputs)));
      }
      case QUANTIZED -> {
        ours.put("int8", open(graph));
        theirs.put("int8", new OrtPeer(model, inputs));
      }
    }
  }

  private static Session open(Graph graph) {
    return Session.open(graph, SessionOptions.builder().threads(t -> t.intraOp(1)).build());
  }

  private Tensor offHeap(Tensor tensor) {
    Tensor copy = Tensor.allocate(arena, tensor.type(), tensor.shape());
    copy.data().copyFrom(tensor.data());
    return copy;
  }

  /// A run of each, as "Octet FP32" and the like.
  Map<String, Runnable> racers() {
    Map<String, Runnable> racers = new LinkedHashMap<>();
    ours.forEach(
        (type, session) -> {
          Binding binding = session.bind(inputs, session.run(inputs, arena));
          racers.put("Octet " + type, () -> session.run(binding));
        });
    theirs.forEach((type, peer) -> racers.put("ONNX Runtime " + type, peer::run));
    return racers;
  }

  /// Where the time of Octet's sessions goes.
  ///
  /// @param most nodes of each session, the slowest first
  String profile(int most) {
    StringBuilder text = new StringBuilder();
    ours.forEach(
        (type, session) -> {
          text.append("  %s, microseconds:%n".formatted(type));
          Map<String, NodeReport> reports =
              session.explain(shapes()).stream()
                  .collect(Collectors.toMap(NodeReport::name, Function.identity(), (a, _) -> a));
          session.profile(inputs, PROFILED_RUNS).stream()
              .sorted(Comparator.comparingDouble(t -> -t.nanos()))
              .limit(most)
              .forEach(
                  t ->
                      text.append(
                          "  %9.1f  %-40s %s%n"
                              .formatted(t.nanos() / 1e3, t.name(), how(reports.get(t.name())))));
        });
    return text.toString();
  }

  private Map<String, Shape> shapes() {
    return inputs.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().shape()));
  }

  private static String how(NodeReport report) {
    return report == null
        ? ""
        : String.join(
            " ", report.op(), report.backend(), report.kernel(), report.dtype(), report.types());
  }

  @Override
  public void close() {
    ours.values().forEach(Session::close);
    theirs.values().forEach(OrtPeer::close);
    arena.close();
  }
}
