package io.octet.cli;

import io.octet.graph.Graph;
import io.octet.internal.file.AtomicFile;
import io.octet.io.CalibrationFile;
import io.octet.io.Samples;
import io.octet.onnx.ModelMetadata;
import io.octet.onnx.Onnx;
import io.octet.onnx.WriteOptions;
import io.octet.quant.CalibrationTable;
import io.octet.quant.CalibrationTable.FloatNode;
import io.octet.quant.CalibrationTable.RaisedScale;
import io.octet.quant.NodeConfig;
import io.octet.quant.QConfig;
import io.octet.quant.QConfig.Activations;
import io.octet.quant.QConfig.WeightScales;
import io.octet.quant.Quantizer;
import io.octet.quant.observe.ObserverKind;
import io.octet.runtime.Calibrator;
import io.octet.tensor.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `octet quantize`.
@Command(
    name = "quantize",
    description =
        "Calibrate an FP32 model on samples, and write it in int8 (as QDQ nodes, or in another"
            + " form); or, with --dynamic, its linear layers in int8 without samples.",
    footer = {
      "  octet quantize net.onnx net8.onnx --calibration train.npz",
      "  octet quantize bert.onnx bert8.onnx --dynamic",
      "  octet quantize net.onnx net8.onnx --calibration photos/ --size 224 \\",
      "    --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
      "  octet quantize net.onnx net8.onnx --calibration train.npz --qconfig fbgemm --table t.json",
      "  octet quantize net.onnx net8.onnx --calibration train.npz --fp32 conv1 --fp32 fc",
      "  octet quantize net.onnx net8.onnx --calibration train.npz --profile tensorrt"
    })
final class QuantizeVerb extends Verb {
  @Parameters(index = "0", paramLabel = "IN.onnx", description = "The FP32 model.")
  private Path in;

  @Parameters(index = "1", paramLabel = "OUT.onnx", description = "Where the int8 model goes.")
  private Path out;

  @Option(
      names = "--calibration",
      paramLabel = "DATA",
      description =
          "Samples of the kind the model will meet, 100 or more: npz, npy, IDX (.gz), or a folder"
              + " of images.")
  private Path data;

  @Option(
      names = "--dynamic",
      description =
          "Quantize linear layers alone, whose data's range is found in every run: for"
              + " transformers. Needs no samples.")
  private boolean dynamic;

  @Option(
      names = "--qconfig",
      paramLabel = "NAME",
      description = "auto (the default), or PyTorch's fbgemm, x86 or onednn.")
  private String qconfig = "auto";

  @Option(
      names = "--observer",
      paramLabel = "KIND",
      converter = Words.Observer.class,
      description = "What watches activations: histogram (the default), min_max or moving_average.")
  private ObserverKind observer;

  @Option(
      names = "--weights",
      paramLabel = "SCALES",
      converter = Words.Weights.class,
      description =
          "Scales of a layer's weights: per_channel (the default), or per_tensor, one for all.")
  private WeightScales weights;

  @Option(
      names = "--fp32",
      paramLabel = "NODE",
      description =
          "A node that stays FP32, by its name (octet explain lists them); give it again for"
              + " another. With a layer its Relu or Clip stays, and the sums, pools and moves"
              + " before it, up to the layers that make its data.")
  private List<String> fp32 = List.of();

  @Option(
      names = "--format",
      paramLabel = "FORM",
      converter = Words.Format.class,
      description =
          "qdq (the default), or qoperator: QLinearConv and the like, as ONNX Runtime's quantizer"
              + " writes them; activations are u8 then.")
  private WriteOptions.Format format = WriteOptions.Format.QDQ;

  @Option(
      names = "--profile",
      paramLabel = "READER",
      converter = Words.Profile.class,
      description =
          "any (the default), or tensorrt: every zero point 0, s8, weights within [-127, 127],"
              + " biases as floats.")
  private WriteOptions.Profile profile = WriteOptions.Profile.ANY;

  @Option(
      names = "--table",
      paramLabel = "T.json",
      description = "Also write what calibration found, as JSON.")
  private Path table;

  @Mixin private DimOption dims;

  @Mixin private DataOptions options;

  @Override
  VerbResult answer() throws Exception {
    requireOneWay();
    QConfig config = config();
    WriteOptions writing = writing();
    AtomicFile.requireWritable(out);
    if (table != null) {
      AtomicFile.requireWritable(table);
    }
    Onnx.Model model = readModel(in, dims);
    Graph graph = model.graph();
    long before = Files.size(in); // the output may take its place
    if (ModelFacts.quantized(graph)) {
      throw new Refusal(in + " carries QDQ nodes already: it is quantized. Give the FP32 model.");
    }
    if (dynamic) {
      return dynamic(model, config, before);
    }
    CalibrationTable found;
    long samples;
    try (Samples calibration = options.open(data, graph);
        Progress progress = progress("calibrating", calibration.batches())) {
      if (calibration.count() == 0) {
        throw new IllegalArgumentException(
            data + ": calibration needs samples, but there are none");
      }
      samples = calibration.count();
      found = Calibrator.calibrate(graph, config, calibration, progress);
    }
    Graph quantized = Quantizer.convert(graph, found);
    Onnx.write(quantized, model.metadata(), out, writing);
    if (table != null) {
      CalibrationFile.write(table, found);
    }
    found.warnings().forEach(this::note);
    Size fp32 = new Size(graph.parameterBytes(), before);
    return answer(
        fp32, new Size(quantized.parameterBytes(), written(quantized, writing)), found, samples);
  }

  private void requireOneWay() {
    if (!dynamic && data == null) {
      throw misuse(
          "give --calibration DATA, samples from which the ranges of activations are taken, or"
              + " --dynamic, which finds those of linear layers in every run and needs none");
    }
    boolean forSamples = data != null || observer != null || table != null;
    boolean form = format != WriteOptions.Format.QDQ || profile != WriteOptions.Profile.ANY;
    if (dynamic && (forSamples || form)) {
      throw misuse(
          "--dynamic takes no samples and has one form: leave out --calibration, --observer,"
              + " --table, --format and --profile");
    }
  }

  private VerbResult dynamic(Onnx.Model model, QConfig config, long before) throws IOException {
    Graph graph = model.graph();
    Graph quantized = Quantizer.dynamic(graph, config);
    long layers =
        quantized.initializers().values().stream()
            .filter(w -> w.type() == DataType.S8 && w.shape().rank() == 2)
            .count();
    if (layers == 0) {
      throw new Refusal(
          in
              + " has no linear layer to quantize: no MatMul or Gemm with known weights that is not"
              + " to stay FP32. Give --calibration for convolutions.");
    }
    Onnx.write(quantized, model.metadata(), out, WriteOptions.DEFAULT);
    Size fp32 = new Size(graph.parameterBytes(), before);
    Size int8 = new Size(quantized.parameterBytes(), written(quantized, WriteOptions.DEFAULT));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("output", out.toString());
    json.put("qconfig", config.toString());
    json.put("dynamic_weights", layers);
    json.put("fp32", fp32.json());
    json.put("int8", int8.json());
    String text =
        "weights of %s linear layers under \"%s\", their data quantized in every run%n%n%s%nwritten to %s%n"
            .formatted(Sizes.count(layers), config, sizes(fp32, int8), out);
    return VerbResult.of(json, text);
  }

  /// Parameters, and the file that holds them.
  private record Size(long bytes, long fileBytes) {
    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("bytes", bytes);
      json.put("file_bytes", fileBytes);
      return json;
    }
  }

  /// A pipe or a device does not tell what went into it.
  private long written(Graph quantized, WriteOptions writing) throws IOException {
    return Files.isRegularFile(out)
        ? Files.size(out)
        : Onnx.toBytes(quantized, ModelMetadata.NONE, writing).length;
  }

  private WriteOptions writing() {
    try {
      return new WriteOptions(format, profile);
    } catch (IllegalArgumentException e) {
      throw misuse("--format: " + e.getMessage());
    }
  }

  private QConfig config() {
    QConfig.Builder builder = preset().toBuilder();
    if (observer != null) {
      builder.observer(observer);
    }
    if (weights != null) {
      builder.weights(weights);
    }
    fp32.forEach(node -> builder.node(node, NodeConfig.fp32()));
    wanted().ifPresent(builder::activations);
    return builder.build();
  }

  /// The activations that the file's readers need; nothing where any will do.
  private Optional<Activations> wanted() {
    boolean auto = preset().preset() == QConfig.Preset.AUTO;
    if (profile == WriteOptions.Profile.TENSORRT && !auto) {
      throw misuse("--profile tensorrt: TensorRT takes no u8: give --qconfig auto, not " + qconfig);
    }
    if (!auto || profile == WriteOptions.Profile.ANY && format == WriteOptions.Format.QDQ) {
      return Optional.empty();
    }
    return Optional.of(
        profile == WriteOptions.Profile.TENSORRT ? Activations.SYMMETRIC : Activations.AFFINE);
  }

  private QConfig preset() {
    try {
      return QConfig.named(qconfig);
    } catch (IllegalArgumentException e) {
      throw misuse("--qconfig: " + e.getMessage());
    }
  }

  private VerbResult answer(Size fp32, Size int8, CalibrationTable found, long samples) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("output", out.toString());
    json.put("qconfig", found.qconfig().toString());
    json.put("samples", samples);
    json.put("fp32", fp32.json());
    json.put("int8", int8.json());
    json.put("float_nodes", found.floatNodes().stream().map(QuantizeVerb::json).toList());
    json.put("raised_scales", found.raisedScales().stream().map(QuantizeVerb::json).toList());
    json.put("warnings", found.warnings());
    return VerbResult.of(json, text(fp32, int8, found, samples));
  }

  private static Map<String, Object> json(FloatNode node) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", node.node());
    json.put("op", node.op());
    json.put("reason", node.reason());
    return json;
  }

  private static Map<String, Object> json(RaisedScale raised) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("node", raised.node());
    json.put("channel", raised.channel());
    json.put("from", raised.from());
    json.put("to", raised.to());
    return json;
  }

  private String text(Size fp32, Size int8, CalibrationTable found, long samples) {
    StringBuilder text = new StringBuilder();
    text.append(
        "calibrated on %s samples under \"%s\"\n\n"
            .formatted(Sizes.count(samples), found.qconfig()));
    text.append(sizes(fp32, int8));
    if (!found.floatNodes().isEmpty()) {
      text.append("\nstay in FP32:\n");
      found.floatNodes().stream()
          .map(n -> "  %s %s: %s\n".formatted(n.op(), n.node(), n.reason()))
          .forEach(text::append);
    }
    if (!found.raisedScales().isEmpty()) {
      text.append("\nscale raised so that the bias fits int32:\n");
      found.raisedScales().stream()
          .map(
              r -> "  %s channel %d: %s -> %s\n".formatted(r.node(), r.channel(), r.from(), r.to()))
          .forEach(text::append);
    }
    return text.append("\nwritten to ").append(out).append('\n').toString();
  }

  private static Table sizes(Size fp32, Size int8) {
    return new Table()
        .row("", "FP32", "int8", "")
        .sizes("parameters", fp32.bytes(), int8.bytes())
        .sizes("file", fp32.fileBytes(), int8.fileBytes());
  }
}
