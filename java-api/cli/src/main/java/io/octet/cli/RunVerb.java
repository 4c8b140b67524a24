package io.octet.cli;

import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.file.AtomicFile;
import io.octet.io.DataFiles;
import io.octet.io.ImageLayout;
import io.octet.io.Npz;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `octet run`.
@Command(
    name = "run",
    description = "Run a model once, on arrays named as its inputs.",
    footer = {
      "  octet run net.onnx --input x.npz --output y.npz",
      "  python -c \"import numpy as np; print(np.load('y.npz')['logits'])\""
    })
final class RunVerb extends Verb {
  @Parameters(paramLabel = "M.onnx", description = "The model.")
  private Path model;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "X.npz",
      description = "Arrays named as the model's inputs, or the only one (npz, npy).")
  private Path input;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "Y.npz",
      description = "Where arrays named as the model's outputs are written.")
  private Path output;

  @Mixin private DimOption dims;

  @Mixin private LayoutOption layout;

  @Mixin private InputOptions given;

  @Mixin private RunOptions how;

  @Override
  VerbResult answer() throws Exception {
    AtomicFile.requireWritable(output);
    Graph graph = read(model, dims);
    Map<String, Tensor> inputs = inputs(graph);
    graph.inputs().forEach(info -> requireOrder(info, inputs.get(info.name())));
    try (Session session = Session.open(graph, given.in(how.session()));
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> outputs = session.run(inputs, arena);
      Npz.write(output, outputs);
      List<Map<String, Object>> rows = new ArrayList<>();
      Table table = new Table().row("output", "array");
      outputs.forEach(
          (name, tensor) -> {
            rows.add(ModelFacts.json(new ValueInfo(name, tensor.type(), tensor.shape())));
            table.row(name, tensor.toString());
          });
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("output", output.toString());
      json.put("outputs", rows);
      Map<String, Shape> shapes = new LinkedHashMap<>();
      inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      List<NodeReport> nodes = session.explain(shapes);
      how.warning(nodes, "octet explain " + model + " tells why").ifPresent(this::note);
      json.put("dtype", ModelFacts.dtype(nodes));
      return VerbResult.of(json, table + "\nwritten to " + output + "\n");
    }
  }

  /// The session would refuse another shape too, but not tell what to do about another order.
  private void requireOrder(ValueInfo info, Tensor array) {
    Optional<String> advice =
        array == null ? Optional.empty() : ImageLayout.advice(array.shape(), info.shape());
    if (advice.isPresent()) {
      throw new IllegalArgumentException(
          "%s: input %s cannot take %s: %s".formatted(input, info, array, advice.get()));
    }
  }

  private Map<String, Tensor> inputs(Graph graph) throws IOException {
    Map<String, Tensor> arrays = DataFiles.read(input);
    List<String> names = graph.inputs().stream().map(ValueInfo::name).toList();
    if (names.size() == 1 && arrays.size() == 1) {
      return turned(Map.of(names.getFirst(), arrays.values().iterator().next()), graph);
    }
    Map<String, Tensor> wanted = new LinkedHashMap<>(arrays);
    wanted.keySet().retainAll(names);
    // the session says what is missing
    return wanted.size() == names.size() ? turned(wanted, graph) : arrays;
  }

  private Map<String, Tensor> turned(Map<String, Tensor> arrays, Graph graph) {
    if (layout.get().isEmpty()) {
      return arrays;
    }
    ImageLayout theirs = layout.get().get();
    if (arrays.values().stream().noneMatch(array -> array.shape().rank() == 4)) {
      throw new IllegalArgumentException(
          input + ": the layout is to be " + theirs + ", but no array has four axes");
    }
    Map<String, Tensor> turned = new LinkedHashMap<>();
    for (ValueInfo info : graph.inputs()) {
      Tensor array = arrays.get(info.name());
      turned.put(info.name(), theirs.turn(array, info.shape(), input.toString()));
    }
    return turned;
  }
}
