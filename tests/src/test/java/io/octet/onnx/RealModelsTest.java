package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.io.Npz;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.RealFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Networks that nobody made for Octet, on real input, beside ONNX Runtime. The large ones come
/// from Maven in the `long` profile, or stand in the folder that `-Dreal.models=FOLDER` names.
class RealModelsTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "ch_ppocr_mobile_v2.0_cls_infer, direction, 1e-5, 1e-5",
    // A sigmoid of values up to 156: 2e-6 of those are 6e-5 here. Doubles are 1.1e-5 from ONNX
    // Runtime.
    "ch_PP-OCRv3_det_infer, page, 2e-4, 2e-4",
    "silero_vad_16k_sequence, speech, 1e-4, 1e-5",
    // ONNX Runtime's float sums cancel here: it is that far from what doubles give.
    "magika_standard_v3_3, bytes, 1e-3, 1e-4"
  })
  void smallNetworks(String name, String data, double error, double own) throws Exception {
    byte[] model = RealFiles.read("/real/" + name + ".onnx");
    Map<String, Tensor> inputs = inputs(data);
    Map<String, Tensor> ours = ours(model, inputs, "");
    assertClose(name, theirs(model, inputs), ours, error);
    assertClose(name + " by definition", ours(model, inputs, "reference"), ours, own);
  }

  @Tag("long")
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "models/ch_PP-OCRv3_rec_infer, line, 1e-5",
    "models/ch_PP-OCRv4_rec_infer, line, 2e-5",
    "models/ch_PP-OCRv4_det_infer, page, 1e-4",
    "all-minilm-l6-v2, sentences, 1e-4",
    "bge-small-en-v1.5, sentences, 1e-4",
    "e5-small-v2, sentences, 1e-4",
  })
  void largeNetworks(String name, String data, double error) throws Exception {
    byte[] model = RealFiles.read("/" + name + ".onnx");
    Map<String, Tensor> inputs = inputs(data);
    assertClose(name, theirs(model, inputs), ours(model, inputs, ""), error);
  }

  /// Products of bytes, and sums of floats between them, in another order: what counts is where a
  /// sentence lies among others.
  @Tag("long")
  @ParameterizedTest(name = "{0}")
  @CsvSource({"all-minilm-l6-v2-q", "bge-small-en-v1.5-q", "e5-small-v2-q"})
  void quantizedEncoders(String name) throws Exception {
    byte[] model = RealFiles.read("/" + name + ".onnx");
    Map<String, Tensor> batch = inputs("sentences");
    double sum = 0;
    int sentences = (int) batch.get("input_ids").shape().size(0);
    for (int i = 0; i < sentences; i++) {
      Map<String, Tensor> one = sentence(batch, i);
      sum +=
          Answers.cosine(
              pooled(theirs(model, one).get("last_hidden_state")),
              pooled(ours(model, one, "").get("last_hidden_state")));
    }
    double cosine = sum / sentences;
    System.out.printf("| %s | mean cosine to ONNX Runtime %.6f |%n", name, cosine);
    assertTrue(cosine >= 0.999, "mean cosine " + cosine);
  }

  /// One sentence of a batch, without its padding.
  private static Map<String, Tensor> sentence(Map<String, Tensor> batch, int index) {
    Tensor mask = batch.get("attention_mask");
    int longest = (int) mask.shape().size(1);
    int from = index * longest;
    int to = from;
    while (to < from + longest && mask.getInteger(to) != 0) {
      to++;
    }
    Map<String, Tensor> one = new HashMap<>();
    for (Map.Entry<String, Tensor> input : batch.entrySet()) {
      long[] ids = Arrays.copyOfRange(input.getValue().toLongs(), from, to);
      one.put(input.getKey(), Tensor.of(ids, 1, ids.length));
    }
    return one;
  }

  @Tag("long")
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // A probability of 2%, of int8 layers whose float parts round in another order.
    "smart-turn-v3.2-cpu, mel, 0.25",
    "efficientnet_lite0, photograph, 1e-5"
  })
  void networksFromAFolder(String name, String data, double error) throws Exception {
    String folder = System.getProperty("real.models");
    Assumptions.assumeTrue(folder != null, "-Dreal.models=FOLDER says where " + name + " is");
    byte[] model = Files.readAllBytes(Path.of(folder, name + ".onnx"));
    Map<String, Tensor> inputs = data.equals("photograph") ? photograph() : inputs(data);
    assertClose(name, theirs(model, inputs), ours(model, inputs, ""), error);
  }

  /// Smooth colours with edges: as far from noise as a photograph.
  private static Map<String, Tensor> photograph() {
    int size = 224;
    float[] pixels = new float[3 * size * size];
    for (int i = 0; i < pixels.length; i++) {
      int x = i % size;
      int y = i / size % size;
      int channel = i / size / size;
      double wave = Math.sin(x / (17.0 + channel)) + Math.cos(y / (23.0 - 3 * channel));
      boolean inside = Math.hypot(x - 120, y - 90) < 60;
      pixels[i] = (float) (0.4 * wave * (inside ? -1 : 1) + (inside ? 0.1 * channel : 0));
    }
    return Map.of("input", Tensor.of(pixels, 1, 3, size, size));
  }

  private static Map<String, Tensor> inputs(String data) throws IOException, URISyntaxException {
    return Npz.read(Path.of(RealModelsTest.class.getResource("/real/" + data + ".npz").toURI()));
  }

  /// @param backend that is asked first; "" for the usual order
  private static Map<String, Tensor> ours(byte[] model, Map<String, Tensor> inputs, String backend)
      throws IOException {
    Graph graph = Onnx.read(model);
    SessionOptions options =
        SessionOptions.builder()
            .kernels(k -> backend.isEmpty() ? k : k.backends(backend))
            .checks(c -> c.fallback(FallbackPolicy.ALLOW))
            .build();
    try (Session session = Session.open(graph, options)) {
      return session.run(inputs, Arena.ofAuto());
    }
  }

  private static Map<String, Tensor> theirs(byte[] model, Map<String, Tensor> inputs)
      throws Exception {
    try (OrtRunner ort = new OrtRunner(model)) {
      return ort.run(inputs);
    }
  }

  private static void assertClose(
      String name, Map<String, Tensor> theirs, Map<String, Tensor> ours, double error) {
    assertEquals(theirs.keySet(), ours.keySet());
    for (String output : theirs.keySet()) {
      assertEquals(theirs.get(output).toString(), ours.get(output).toString());
      assertEquals(DataType.F32, ours.get(output).type());
      double distance = Answers.relativeError(theirs.get(output), ours.get(output));
      System.out.printf("| %s | %s | %.1e |%n", name, output, distance);
      assertTrue(distance <= error, output + " is off by " + distance);
    }
  }

  /// The mean over the tokens of one sentence.
  private static double[] pooled(Tensor hidden) {
    double[] sums = new double[(int) hidden.shape().size(2)];
    for (int i = 0; i < hidden.elements(); i++) {
      sums[i % sums.length] += hidden.getFloat(i);
    }
    return sums;
  }
}
