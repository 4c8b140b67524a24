package io.octet.cli;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;
import static io.octet.nn.Layers.softmax;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.graph.Graph;
import io.octet.io.CalibrationFile;
import io.octet.io.Npy;
import io.octet.io.Npz;
import io.octet.onnx.ModelMetadata;
import io.octet.onnx.Onnx;
import io.octet.quant.Quantizer;
import io.octet.runtime.Session;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.ReportedModels;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every verb on a small network of random weights, and on what does not fit it.
class ModelVerbsTest {
  @TempDir Path folder;
  private Graph net;
  private Path model;
  private Path data;

  @BeforeEach
  void writeANetworkAndSamples() throws IOException {
    net =
        sequential(
                conv2d(3, 8, 3).padding(1),
                relu(),
                maxPool2d(2),
                flatten(),
                linear(8 * 4 * 4, 10),
                softmax(1))
            .input(3, 8, 8);
    model = folder.resolve("net.onnx");
    data = folder.resolve("data.npz");
    Onnx.write(net, model);
    Npz.write(data, Map.of("input", samples(50)));
  }

  private static Tensor samples(int n) {
    Random random = new Random(7);
    float[] values = new float[n * 3 * 8 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, n, 3, 8, 8);
  }

  private Path quantized() {
    Path int8 = folder.resolve("net8.onnx");
    Octet.run("quantize", model, int8, "--calibration", data).expect(Exit.DONE);
    return int8;
  }

  private int[] classes(Graph graph) {
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      float[] scores = session.run(Map.of("input", samples(50)), arena).get("output").toFloats();
      int[] classes = new int[50];
      for (int i = 0; i < 50; i++) {
        for (int c = 1; c < 10; c++) {
          classes[i] = scores[10 * i + c] > scores[10 * i + classes[i]] ? c : classes[i];
        }
      }
      return classes;
    }
  }

  // ---- inspect

  @Test
  void inspectTellsInputsOperatorsAndSize() throws IOException {
    Map<String, Object> json = Octet.run("inspect", model, "--json").expect(Exit.DONE).json();
    assertEquals("fp32", json.get("dtype"));
    assertEquals(net.parameters(), ((Number) json.get("parameters")).longValue());
    assertEquals(Files.size(model), ((Number) json.get("file_bytes")).longValue());
    Map<?, ?> input = (Map<?, ?>) ((List<?>) json.get("inputs")).getFirst();
    assertEquals("input", input.get("name"));
    assertEquals("f32", input.get("type"));
    assertEquals(List.of("3", "8", "8"), ((List<?>) input.get("shape")).subList(1, 4));
    assertEquals(1, ((Map<?, ?>) json.get("operators")).get("Conv"));
    assertEquals(
        "int8", Octet.run("inspect", quantized(), "--json").expect(Exit.DONE).json().get("dtype"));
    assertTrue(Octet.run("inspect", model).expect(Exit.DONE).out().contains("MaxPool"));
  }

  @Test
  void inspectTellsOfAFileThatOctetCannotRun() throws IOException {
    Path foreign = folder.resolve("foreign.onnx");
    OnnxModel body = new OnnxModel(24).node("Riddle", "x", "t").openOutput("t");
    Files.write(
        foreign,
        new OnnxModel(24)
            .input("x", TensorProto.DataType.STRING, "N", 3, "")
            .constant("w", new long[] {2, 2}, 1, 2, 3, 4)
            .node("n", "Relu", "x", "a")
            .branches("a", "b", body, body)
            .call("Mystery", "b w", "y")
            .openOutput("y")
            .bytes());
    Map<String, Object> json = Octet.run("inspect", foreign, "--json").expect(Exit.DONE).json();
    assertEquals(4, json.get("parameters"));
    Map<?, ?> input = (Map<?, ?>) ((List<?>) json.get("inputs")).getFirst();
    assertEquals(Map.of("name", "x", "type", "string", "shape", List.of("N", "3", "?")), input);
    List<?> missing = (List<?>) json.get("unsupported");
    assertEquals(
        Map.of(
            "operator", "Riddle", "domain", "ai.onnx", "opset", 24, "nodes", 2, "node", "t_node"),
        missing.getLast());
    assertEquals("local", ((Map<?, ?>) missing.getFirst()).get("domain"));
    assertTrue(json.get("refusal").toString().contains("opset 24"));
    String text = Octet.run("inspect", foreign).expect(Exit.DONE).out();
    assertTrue(text.contains("model    made, which Octet cannot run"), text);
    assertTrue(text.contains("first node \"y_node\""), text);
    assertTrue(text.contains("x string[N,3,?]"), text);
  }

  @Test
  void aFreeAxisThatReadsAsANumberIsBadInput() {
    Path attack = ReportedModels.named("attack", "free_axis_number");
    Octet.Outcome outcome = Octet.run("inspect", attack).expect(Exit.BAD_INPUT);
    assertTrue(outcome.err().contains("\"99999999999999999999\""), outcome::err);
  }

  @Test
  void aFreeAxisGetsASizeAsTheModelIsRead() {
    String json = Octet.run("inspect", model, "--dim", "N=3", "--json").expect(Exit.DONE).out();
    assertTrue(json.contains("[\"3\",\"3\",\"8\",\"8\"]"), json);
    Octet.Outcome other = Octet.run("explain", model, "--dim", "M=3").expect(Exit.BAD_INPUT);
    assertTrue(other.err().contains("free axes: [N]"), other.err());
    Octet.run("explain", model, "--dim", "N=x").expect(Exit.USAGE);
  }

  @Test
  void inspectTellsWhatTheFileSaysOfTheModel() throws IOException {
    Path labelled = ReportedModels.named("metadata", "net");
    Map<String, Object> json = Octet.run("inspect", labelled, "--json").expect(Exit.DONE).json();
    Map<?, ?> metadata = (Map<?, ?>) json.get("metadata");
    assertEquals(7, metadata.get("version"));
    assertEquals("made for the test", metadata.get("doc"));
    assertEquals("32", ((Map<?, ?>) metadata.get("properties")).get("stride"));
    String text = Octet.run("inspect", labelled).expect(Exit.DONE).out();
    assertTrue(text.contains("property names = {0: 'cat', 1: 'dog'}\n"), text);
  }

  // ---- quantize

  @Test
  void quantizeKeepsLabelsVersionsAndDescriptions() throws IOException {
    Path labelled = ReportedModels.named("metadata", "net");
    Path samples = folder.resolve("x.npz");
    Npz.write(samples, Map.of("x", samples(50)));
    Path int8 = folder.resolve("labelled8.onnx");
    Octet.run("quantize", labelled, int8, "--calibration", samples).expect(Exit.DONE);
    ModelMetadata kept = Onnx.readModel(int8).metadata();
    ModelMetadata before = Onnx.readModel(labelled).metadata();
    assertEquals(3, kept.model().properties().size());
    assertEquals(before.model(), kept.model());
    assertEquals(before.version(), kept.version());
    assertEquals("octet", kept.producer());
  }

  @Test
  void quantizeWritesTheFormThatIsAskedFor() throws IOException {
    Path int8 = folder.resolve("form.onnx");
    Octet.run("quantize", model, int8, "--calibration", data, "--format", "qoperator")
        .expect(Exit.DONE);
    String operators = Files.readString(int8, StandardCharsets.ISO_8859_1);
    assertTrue(operators.contains("QLinearConv"), "no QLinearConv");
    assertTrue(operators.contains("com.microsoft"), "no com.microsoft");
    Octet.run("explain", int8).expect(Exit.DONE);
    Octet.run("quantize", model, int8, "--calibration", data, "--profile", "tensorrt")
        .expect(Exit.DONE);
    assertFalse(Files.readString(int8, StandardCharsets.ISO_8859_1).contains("QLinear"));
    Octet.run("explain", int8).expect(Exit.DONE);
    List<String> pytorch = List.of("--profile", "tensorrt", "--qconfig", "fbgemm");
    Octet.run("quantize", model, int8, "--calibration", data, pytorch).expect(Exit.USAGE);
    List<String> both = List.of("--profile", "tensorrt", "--format", "qoperator");
    Octet.run("quantize", model, int8, "--calibration", data, both).expect(Exit.USAGE);
  }

  @Test
  void quantizeWritesASmallerModelAndTheTable() throws IOException {
    Path int8 = folder.resolve("net8.onnx");
    Path table = folder.resolve("table.json");
    Map<String, Object> json =
        Octet.run("quantize", model, int8, "--calibration", data, "--table", table, "--json")
            .expect(Exit.DONE)
            .json();
    assertEquals(50, json.get("samples"));
    assertEquals("auto", json.get("qconfig"));
    Map<?, ?> before = (Map<?, ?>) json.get("fp32");
    Map<?, ?> after = (Map<?, ?>) json.get("int8");
    assertTrue((int) before.get("bytes") > 3 * (int) after.get("bytes"), json::toString);
    assertEquals(Files.size(int8), ((Number) after.get("file_bytes")).longValue());
    assertTrue(json.get("float_nodes").toString().contains("Softmax"), json::toString);
    assertEquals(2, CalibrationFile.read(table).batches());
  }

  @Test
  void everyQconfigWorksAndAnUnknownOneIsAnErrorOfUsage() {
    Path int8 = folder.resolve("net8.onnx");
    for (String name : new String[] {"auto", "fbgemm", "x86", "onednn"}) {
      Octet.run("quantize", model, int8, "--calibration", data, "--qconfig", name)
          .expect(Exit.DONE);
    }
    Octet.Outcome outcome =
        Octet.run("quantize", model, int8, "--calibration", data, "--qconfig", "best")
            .expect(Exit.USAGE);
    assertTrue(outcome.err().contains("auto, fbgemm, x86 and onednn"), outcome.err());
  }

  @Test
  void nodesMayStayFp32AndTheTableKeepsIt() throws IOException {
    Path int8 = folder.resolve("net8.onnx");
    Path table = folder.resolve("table.json");
    String[] how = {"--calibration", data.toString(), "--table", table.toString()};
    Map<String, Object> json =
        Octet.run("quantize", model, int8, how, "--fp32", "4", "--observer", "min_max", "--json")
            .expect(Exit.DONE)
            .json();
    assertEquals("auto (observer min_max, 1 rule for nodes)", json.get("qconfig"));
    assertTrue(
        json.get("float_nodes").toString().contains("op=Gemm, reason=told so by the qconfig"),
        json::toString);
    assertArrayEquals(
        Files.readAllBytes(int8),
        Onnx.toBytes(Quantizer.convert(Onnx.read(model), CalibrationFile.read(table))));
    String explained = Octet.run("explain", int8, "--fallback", "fail").expect(Exit.DONE).out();
    assertTrue(explained.contains("not_quantized"), explained);
    Octet.run("quantize", model, int8, how, "--fp32", "0", "--fp32", "4").expect(Exit.DONE);
    Graph back = Onnx.read(int8);
    assertEquals(0, back.nodes().stream().filter(n -> n.op().name().contains("Quant")).count());
    Octet.run("quantize", model, int8, how, "--weights", "per_tensor").expect(Exit.DONE);
    assertEquals(Shape.of(), Onnx.read(int8).constant("4.weight_s").shape());
  }

  @Test
  void whatNoNodeAndNoWordIsCalledIsRefused() {
    Path int8 = folder.resolve("net8.onnx");
    Octet.Outcome unknown =
        Octet.run("quantize", model, int8, "--calibration", data, "--fp32", "5x");
    unknown.expect(Exit.BAD_INPUT);
    assertTrue(unknown.err().contains("no node is called \"5x\"; the nearest are"), unknown.err());
    Octet.Outcome word =
        Octet.run("quantize", model, int8, "--calibration", data, "--observer", "mean");
    word.expect(Exit.USAGE);
    assertTrue(
        word.err().contains("expected min_max, moving_average or histogram, but came \"mean\""),
        word.err());
  }

  @Test
  void theSameSamplesGiveTheSameModel() throws IOException {
    byte[] first = Files.readAllBytes(quantized());
    assertArrayEquals(first, Files.readAllBytes(quantized()));
  }

  @Test
  void aModelThatIsQuantizedAlreadyIsRefused() {
    Octet.Outcome outcome =
        Octet.run("quantize", quantized(), folder.resolve("again.onnx"), "--calibration", data)
            .expect(Exit.REFUSED);
    assertTrue(outcome.err().contains("quantized"), outcome.err());
    assertFalse(Files.exists(folder.resolve("again.onnx")));
  }

  @Test
  void calibrationDataThatDoesNotFitIsBadInput() throws IOException {
    Path out = folder.resolve("net8.onnx");
    Path bad = folder.resolve("bad.npz");
    Npz.write(bad, Map.of("input", Tensor.of(new float[2 * 3 * 8 * 9], 2, 3, 8, 9)));
    Octet.Outcome shape =
        Octet.run("quantize", model, out, "--calibration", bad).expect(Exit.BAD_INPUT);
    assertTrue(shape.err().contains("[2,3,8,9]") && shape.err().contains("\"input\""), shape::err);
    Tensor holed = samples(3);
    holed.setFloat(100, Float.NaN);
    Npz.write(bad, Map.of("input", holed));
    Octet.Outcome nan =
        Octet.run("quantize", model, out, "--calibration", bad).expect(Exit.BAD_INPUT);
    assertTrue(nan.err().contains("NaN"), nan::err);
    Npz.write(bad, Map.of("input", Tensor.of(new float[0], 0, 3, 8, 8)));
    Octet.run("quantize", model, out, "--calibration", bad).expect(Exit.BAD_INPUT);
    Files.writeString(bad, "hello");
    Octet.run("quantize", model, out, "--calibration", bad).expect(Exit.BAD_INPUT);
    Octet.run("quantize", model, out, "--calibration", data, "--mean", "0.5")
        .expect(Exit.BAD_INPUT);
    Octet.run("quantize", model, out, "--calibration", data, "--batch", "0").expect(Exit.USAGE);
    assertFalse(Files.exists(out));
  }

  @Test
  void aPlaceThatCannotBeWrittenIsRefusedBeforeAnyWork() {
    Path nowhere = folder.resolve("none/net8.onnx");
    Octet.Outcome outcome =
        Octet.watched("quantize", model, nowhere, "--calibration", data).expect(Exit.BAD_INPUT);
    assertTrue(outcome.err().contains(nowhere.getParent().toString()), outcome::err);
    assertFalse(outcome.err().contains("calibrating"), outcome::err);
    Octet.run("quantize", model, folder, "--calibration", data).expect(Exit.BAD_INPUT);
  }

  // ---- run

  @Test
  void runWritesWhatTheSessionGives() throws IOException {
    Path out = folder.resolve("y.npz");
    Octet.run("run", model, "--input", data, "--output", out).expect(Exit.DONE);
    Map<String, Tensor> written = Npz.read(out);
    assertEquals(Set.of("output"), written.keySet());
    try (Session session = Session.open(net);
        Arena arena = Arena.ofConfined()) {
      Tensor expected = session.run(Map.of("input", samples(50)), arena).get("output");
      assertEquals(-1, expected.data().mismatch(written.get("output").data()));
    }
  }

  @Test
  void runTakesTheOnlyArrayAndReportsTheOutputs() throws IOException {
    Path npy = folder.resolve("x.npy");
    Npy.write(npy, samples(2));
    Path out = folder.resolve("y.npz");
    Map<String, Object> json =
        Octet.run("run", quantized(), "--input", npy, "--output", out, "--json")
            .expect(Exit.DONE)
            .json();
    Map<?, ?> output = (Map<?, ?>) ((List<?>) json.get("outputs")).getFirst();
    assertEquals("output", output.get("name"));
    assertEquals(List.of("2", "10"), output.get("shape"));
  }

  @Test
  void runNamesTheInputThatIsMissingOrWrong() throws IOException {
    Path x = folder.resolve("x.npz");
    Path out = folder.resolve("y.npz");
    Npz.write(x, Map.of("a", samples(1), "b", samples(1)));
    Octet.Outcome missing =
        Octet.run("run", model, "--input", x, "--output", out).expect(Exit.BAD_INPUT);
    assertTrue(missing.err().contains("\"input\""), missing::err);
    Npz.write(x, Map.of("input", Tensor.of(new int[3 * 8 * 8], 1, 3, 8, 8)));
    Octet.Outcome type =
        Octet.run("run", model, "--input", x, "--output", out).expect(Exit.BAD_INPUT);
    assertTrue(type.err().contains("f32") && type.err().contains("s32"), type::err);
    assertFalse(Files.exists(out));
  }

  // ---- eval

  @Test
  void evalCountsRightAnswersWhateverTheBatch() throws IOException {
    int[] labels = classes(net);
    labels[3] = (labels[3] + 1) % 10;
    labels[40] = (labels[40] + 1) % 10;
    Path file = folder.resolve("labels.npy");
    Npy.write(file, Tensor.of(labels, 50));
    for (int batch : new int[] {1, 7, 32, 64}) {
      Map<String, Object> json =
          Octet.run("eval", model, "--data", data, "--labels", file, "--batch", batch, "--json")
              .expect(Exit.DONE)
              .json();
      assertEquals(0.96, ((Number) json.get("top1")).doubleValue(), 1e-9);
      assertEquals(50, json.get("count"));
      assertEquals("fp32", json.get("dtype"));
    }
  }

  @Test
  void evalRefusesLabelsThatDoNotFit() throws IOException {
    Path file = folder.resolve("labels.npy");
    Npy.write(file, Tensor.of(new int[49], 49));
    Octet.Outcome fewer =
        Octet.run("eval", model, "--data", data, "--labels", file).expect(Exit.BAD_INPUT);
    assertTrue(fewer.err().contains("50") && fewer.err().contains("49"), fewer::err);
    Npy.write(file, Tensor.of(new float[50], 50));
    Octet.run("eval", model, "--data", data, "--labels", file).expect(Exit.BAD_INPUT);
    int[] negative = new int[50];
    negative[1] = -1;
    Npy.write(file, Tensor.of(negative, 50));
    Octet.run("eval", model, "--data", data, "--labels", file).expect(Exit.BAD_INPUT);
  }

  // ---- bench

  @Test
  void benchHasEveryKeyAndOrderedPercentiles() throws IOException {
    Map<String, Object> json =
        Octet.run(
                "bench",
                quantized(),
                "--batch",
                3,
                "--threads",
                1,
                "--callers",
                2,
                "--seconds",
                0.2,
                "--json")
            .expect(Exit.DONE)
            .json();
    double p50 = ((Number) json.get("p50_ms")).doubleValue();
    double p90 = ((Number) json.get("p90_ms")).doubleValue();
    double p99 = ((Number) json.get("p99_ms")).doubleValue();
    assertTrue(0 < p50 && p50 <= p90 && p90 <= p99, json::toString);
    assertTrue(((Number) json.get("throughput_per_s")).doubleValue() > 0);
    assertEquals(3, json.get("batch"));
    assertEquals(1, json.get("threads"));
    assertEquals(2, json.get("callers"));
  }

  @Test
  void benchTakesAShapeOrAFile() throws IOException {
    Map<String, Object> shaped =
        Octet.run("bench", model, "--shape", "input=5x3x8x8", "--seconds", 0.05, "--json")
            .expect(Exit.DONE)
            .json();
    assertEquals(5, shaped.get("batch"));
    Map<String, Object> fed =
        Octet.run("bench", model, "--input", data, "--batch", 4, "--seconds", 0.05, "--json")
            .expect(Exit.DONE)
            .json();
    assertEquals(4, fed.get("batch"));
    Octet.run("bench", model, "--input", data, "--batch", 51, "--seconds", 0.05)
        .expect(Exit.BAD_INPUT);
  }

  @Test
  void benchRefusesOptionsThatContradictTheModel() {
    for (String[] options :
        new String[][] {
          {"--shape", "input=1x3x8x9"},
          {"--shape", "input=1x3x8"},
          {"--shape", "input=big"},
          {"--shape", "other=1x3x8x8"},
          {"--batch", "0"},
          {"--threads", "0"},
          {"--callers", "-1"},
          {"--seconds", "0"},
          {"--input", data.toString(), "--shape", "input=1x3x8x8"}
        }) {
      Octet.run("bench", model, options).expect(Exit.USAGE);
    }
  }

  // ---- explain

  @Test
  void explainTellsEveryNodeAndWhyItStaysInFp32() throws IOException {
    Map<String, Object> json = Octet.run("explain", quantized(), "--json").expect(Exit.DONE).json();
    List<?> nodes = (List<?>) json.get("nodes");
    boolean softmax = false;
    for (Object element : nodes) {
      Map<?, ?> node = (Map<?, ?>) element;
      assertTrue(
          node.keySet()
              .containsAll(Set.of("name", "op", "backend", "kernel", "dtype", "fused", "fallback")),
          node::toString);
      if (node.get("op").equals("Softmax")) {
        softmax = true;
        assertEquals("fp32", node.get("dtype"));
        Map<?, ?> fallback = (Map<?, ?>) node.get("fallback");
        assertEquals(Set.of("code", "text"), fallback.keySet());
      }
      if (node.get("op").equals("Conv") && node.get("dtype").equals("int8")) {
        assertNull(node.get("fallback"));
      }
    }
    assertTrue(softmax, nodes::toString);
    String text = Octet.run("explain", quantized(), "--batch", 4).expect(Exit.DONE).out();
    assertTrue(text.contains("layers with weights run in int8"), text);
  }

  @Test
  void aFixedBatchIsKept() throws IOException {
    Path fixed = folder.resolve("fixed.onnx");
    Onnx.write(sequential(flatten(), linear(6, 2)).input(Shape.of(4, 6)), fixed);
    Octet.run("explain", fixed, "--batch", 2).expect(Exit.USAGE);
    Map<String, Object> json =
        Octet.run("bench", fixed, "--seconds", 0.05, "--json").expect(Exit.DONE).json();
    assertEquals(4, json.get("batch"));
    Path samples = folder.resolve("samples.npz");
    Npz.write(samples, Map.of("input", Tensor.of(new float[48], 8, 6)));
    Octet.run("quantize", fixed, folder.resolve("f8.onnx"), "--calibration", samples)
        .expect(Exit.DONE);
    Octet.Outcome outcome =
        Octet.run(
                "quantize",
                fixed,
                folder.resolve("f8.onnx"),
                "--calibration",
                samples,
                "--batch",
                3)
            .expect(Exit.BAD_INPUT);
    assertTrue(outcome.err().contains("4 samples at a time"), outcome::err);
  }

  // ---- progress

  @Test
  void progressIsDrawnForPeopleAndIsSilentInAPipe() {
    Path out = folder.resolve("net8.onnx");
    Octet.Outcome piped = Octet.run("quantize", model, out, "--calibration", data);
    assertEquals("", piped.expect(Exit.DONE).err());
    Octet.Outcome watched = Octet.watched("quantize", model, out, "--calibration", data, "--json");
    assertTrue(watched.expect(Exit.DONE).err().contains("calibrating"), watched::err);
    assertFalse(watched.out().contains("calibrating"), watched::out);
  }
}
