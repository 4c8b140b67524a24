package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.io.Npz;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.RealFiles;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A sentence encoder (all-MiniLM-L6-v2, from Maven) under dynamic quantization: where 1,000
/// sentences lie, beside FP32, and how long one takes, beside the file that ONNX Runtime's own
/// quantizer made of it. The sentences are of the documentation that Debian installs
/// (`golden-scripts/documentation.py`).
@Tag("long")
class DynamicEncoderTest {
  private static final String NAME = "/all-minilm-l6-v2";

  /// The ids of each sentence, shorter ones first: plans are made once for each length.
  private static List<long[]> sentences() throws Exception {
    Map<String, Tensor> arrays =
        Npz.read(Path.of(DynamicEncoderTest.class.getResource("/real/documentation.npz").toURI()));
    int[] ids = arrays.get("ids").toInts();
    byte[] lengths = arrays.get("lengths").toBytes();
    List<long[]> sentences = new ArrayList<>();
    int at = 0;
    for (byte length : lengths) {
      int end = at + (length & 0xff);
      sentences.add(Arrays.stream(ids, at, end).asLongStream().toArray());
      at = end;
    }
    sentences.sort(Comparator.comparingInt(s -> s.length));
    return sentences;
  }

  private static Map<String, Tensor> inputs(long[] ids) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("input_ids", Tensor.of(ids, 1, ids.length));
    inputs.put(
        "attention_mask",
        Tensor.of(LongStream.generate(() -> 1).limit(ids.length).toArray(), 1, ids.length));
    inputs.put("token_type_ids", Tensor.of(new long[ids.length], 1, ids.length));
    return inputs;
  }

  /// The mean over the tokens.
  private static double[] embedding(Session session, Map<String, Tensor> inputs) {
    try (Arena arena = Arena.ofConfined()) {
      String first = session.outputs().getFirst().name();
      float[] hidden = session.run(inputs, arena).get(first).toFloats();
      double[] mean = new double[hidden.length / (int) inputs.get("input_ids").elements()];
      for (int i = 0; i < hidden.length; i++) {
        mean[i % mean.length] += hidden[i];
      }
      return mean;
    }
  }

  @Test
  void aThousandSentencesLieWhereTheyDoInFp32() throws Exception {
    Graph fp32 = Onnx.read(RealFiles.read(NAME + ".onnx"));
    byte[] file = Onnx.toBytes(Quantizer.dynamic(fp32, QConfig.auto()));
    Graph int8 = Onnx.read(file);
    SessionOptions all = SessionOptions.builder().kernels(k -> k.exact(true)).build();
    List<long[]> sentences = sentences();
    double rows = 0;
    double least = 1;
    double range = 0;
    try (Session real = Session.open(fp32);
        Session byRow = Session.open(int8);
        Session byTensor = Session.open(int8, all)) {
      requireInt8(byRow);
      for (long[] sentence : sentences) {
        Map<String, Tensor> inputs = inputs(sentence);
        double[] expected = embedding(real, inputs);
        double own = Answers.cosine(expected, embedding(byRow, inputs));
        rows += own;
        least = Math.min(least, own);
        range += Answers.cosine(expected, embedding(byTensor, inputs));
      }
    }
    double mean = rows / sentences.size();
    System.out.printf(
        "| mean cosine to FP32 over %d sentences | by row %.5f, least %.5f | by tensor %.5f |%n",
        sentences.size(), mean, least, range / sentences.size());
    assertEquals(1000, sentences.size());
    assertTrue(mean >= 0.995, "mean cosine " + mean);
  }

  /// Nothing that was quantized runs in FP32.
  private static void requireInt8(Session session) {
    Map<String, Shape> shapes = new HashMap<>();
    inputs(new long[7]).forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    List<NodeReport> products =
        session.explain(shapes).stream().filter(n -> n.dtype().equals("int8")).toList();
    assertTrue(products.size() > 36, products::toString);
    assertTrue(
        session.explain(shapes).stream().noneMatch(NodeReport::fellBack),
        () -> session.explain(shapes).toString());
  }

  /// Printed, and not asserted: what a machine that others use says of time.
  @Test
  void itsLatencyBesideOnnxRuntimes() throws Exception {
    Graph int8 = Quantizer.dynamic(Onnx.read(RealFiles.read(NAME + ".onnx")), QConfig.auto());
    try (Session ours = Session.open(int8);
        Session theirFile = Session.open(Onnx.read(RealFiles.read(NAME + "-q.onnx")));
        OrtRunner theirs = new OrtRunner(RealFiles.read(NAME + "-q.onnx"))) {
      for (int length : new int[] {16, 64, 128}) {
        long[] ids = new long[length];
        Arrays.setAll(ids, i -> 2000 + 37L * i % 20000);
        Map<String, Tensor> inputs = inputs(ids);
        double[] best = {Double.MAX_VALUE, Double.MAX_VALUE, Double.MAX_VALUE};
        for (int round = 0; round < 60; round++) {
          best[0] = Math.min(best[0], millis(() -> embedding(ours, inputs)));
          best[1] = Math.min(best[1], millis(() -> embedding(theirFile, inputs)));
          best[2] = Math.min(best[2], millis(() -> theirs.run(inputs)));
        }
        System.out.printf(
            "| %d tokens, one thread, least of 60 | Octet %.2f ms, on the -q file %.2f |"
                + " ONNX Runtime on the -q file %.2f |%n",
            length, best[0], best[1], best[2]);
      }
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static double millis(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }
}
