package io.octet.cli;

import io.octet.cli.measure.TopOne;
import io.octet.graph.Graph;
import io.octet.io.DataFiles;
import io.octet.io.Samples;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `octet eval`.
@Command(
    name = "eval",
    description = "Count how often a classifier's first guess is right.",
    footer = {
      "  octet eval net8.onnx --data test.npz --labels labels.npy",
      "  octet eval net8.onnx --data t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz"
          + " \\",
      "    --mean 0.2860 --std 0.3530"
    })
final class EvalVerb extends Verb {
  @Parameters(paramLabel = "M.onnx", description = "The model: its first output has the scores.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATA",
      description = "Samples: npz, npy, IDX (.gz), or a folder of images in the labels' order.")
  private Path data;

  @Option(
      names = "--labels",
      required = true,
      paramLabel = "L.npy",
      description = "The class of each sample: npy, npz with one array, or IDX (.gz).")
  private Path labels;

  @Mixin private DimOption dims;

  @Mixin private DataOptions options;

  @Mixin private InputOptions given;

  @Mixin private RunOptions how;

  @Override
  VerbResult answer() throws Exception {
    Graph graph = read(model, dims);
    int[] expected = DataFiles.labels(labels);
    try (Session session = Session.open(graph, given.in(how.session()));
        Samples samples = given.in(options.open(data, graph));
        Progress progress = progress("evaluating", samples.count())) {
      if (samples.count() != expected.length) {
        throw new IllegalArgumentException(
            "%s has %d samples, but %s has %d labels"
                .formatted(data, samples.count(), labels, expected.length));
      }
      Shape scores = session.outputs(samples.shapes()).getFirst().shape();
      TopOne.requireLabels(expected, scores, labels);
      double top1 = TopOne.agreement(TopOne.of(session, samples, progress), expected);
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("top1", top1);
      json.put("count", expected.length);
      List<NodeReport> nodes = session.explain(samples.shapes());
      how.warning(nodes, "octet explain " + model + " tells why").ifPresent(this::note);
      json.put("dtype", ModelFacts.dtype(nodes));
      String text =
          "top-1 %s of %s samples, in %s%n"
              .formatted(Sizes.percent(top1), Sizes.count(expected.length), json.get("dtype"));
      return VerbResult.of(json, text);
    }
  }
}
