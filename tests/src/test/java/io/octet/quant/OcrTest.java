package io.octet.quant;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.io.Npz;
import io.octet.onnx.Onnx;
import io.octet.runtime.Calibrator;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.RealFiles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// PP-OCRv4's recognition reads 500 rendered lines in FP32 and, calibrated on 64 others, in int8.
class OcrTest {
  private static final int CALIBRATION = 64;
  private static final int WIDTH = 320;
  private static final int HEIGHT = 48;
  private static final Path REAL = Path.of("src/test/resources/real");

  @Tag("long")
  @Test
  void int8ReadsWhatFp32Reads() throws IOException {
    Graph graph = Onnx.read(RealFiles.read("/models/ch_PP-OCRv4_rec_infer.onnx"));
    List<String> letters = letters();
    List<String> texts = Files.readAllLines(REAL.resolve("ocr-lines.txt"));
    Tensor images = Npz.read(REAL.resolve("ocr-lines.npz")).get("images");
    CalibrationTable table =
        Calibrator.calibrate(
            graph,
            QConfig.auto(),
            IntStream.range(0, CALIBRATION).mapToObj(i -> Map.of("x", line(images, i))).iterator());
    Graph int8 = Quantizer.convert(graph, table);
    double floats = errorRate(graph, images, texts, letters);
    double integers = errorRate(int8, images, texts, letters);
    System.out.printf(
        "| PP-OCRv4 recognition | %d lines | character error rate FP32 %.2f%%, int8 %.2f%% | %s"
            + " |%n",
        texts.size() - CALIBRATION, 100 * floats, 100 * integers, nodes(int8));
    assertTrue(floats < 0.1, "FP32 reads badly: " + floats);
    assertTrue(integers - floats <= 0.003, "int8 loses " + (integers - floats));
  }

  /// As PaddleOCR prepares a line: grey in three channels, from -1 to 1.
  private static Tensor line(Tensor images, int index) {
    float[] x = new float[3 * HEIGHT * WIDTH];
    for (int i = 0; i < x.length; i++) {
      long pixel = images.getInteger((long) index * HEIGHT * WIDTH + i % (HEIGHT * WIDTH));
      x[i] = pixel / 127.5f - 1;
    }
    return Tensor.of(x, 1, 3, HEIGHT, WIDTH);
  }

  private static double errorRate(
      Graph graph, Tensor images, List<String> texts, List<String> letters) {
    long errors = 0;
    long all = 0;
    try (Session session = Session.open(graph)) {
      for (int i = CALIBRATION; i < texts.size(); i++) {
        try (Arena arena = Arena.ofConfined()) {
          Tensor y = session.run(Map.of("x", line(images, i)), arena).values().iterator().next();
          errors += distance(read(y, letters), texts.get(i));
        }
        all += texts.get(i).length();
      }
    }
    return (double) errors / all;
  }

  /// The best letter at each place, without repetitions and blanks (CTC).
  private static String read(Tensor y, List<String> letters) {
    int classes = (int) y.shape().size(2);
    StringBuilder text = new StringBuilder();
    int last = 0;
    for (int t = 0; t < y.shape().size(1); t++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (y.getFloat((long) t * classes + c) > y.getFloat((long) t * classes + best)) {
          best = c;
        }
      }
      if (best != last && best != 0) {
        text.append(letters.get(best - 1));
      }
      last = best;
    }
    return text.toString();
  }

  /// Levenshtein's.
  private static int distance(String a, String b) {
    int[] row = IntStream.rangeClosed(0, b.length()).toArray();
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static List<String> letters() throws IOException {
    String keys = new String(RealFiles.read("/models/ppocr_keys_v1.txt"), StandardCharsets.UTF_8);
    List<String> letters = new ArrayList<>(keys.lines().toList());
    letters.add(" ");
    return letters;
  }

  private static String nodes(Graph int8) {
    try (Session session = Session.open(int8)) {
      List<NodeReport> rows = session.explain(Map.of("x", Shape.of(1, 3, HEIGHT, WIDTH)));
      long fallbacks = rows.stream().filter(NodeReport::fellBack).count();
      long bytes = rows.stream().filter(r -> r.dtype().equals("int8")).count();
      return bytes + " of " + rows.size() + " nodes in int8, " + fallbacks + " fallbacks";
    }
  }
}
