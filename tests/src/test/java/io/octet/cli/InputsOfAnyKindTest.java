package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Product;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.io.CalibrationFile;
import io.octet.io.Npz;
import io.octet.onnx.Onnx;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ids, masks, a single number and a state: inputs that are no images, through the command and
/// through Java; and images whose channels are last.
class InputsOfAnyKindTest {
  private static final int WORDS = 20;
  private static final int LENGTH = 8;
  private static final int SAMPLES = 12;

  @TempDir private Path folder;

  /// `next = tanh(where(mask, table[ids], 0) * gain + state)`, `y = next W`. No axis of gain and
  /// state counts samples.
  private static Graph mixed() {
    Random random = new Random(3);
    ValueInfo y = new ValueInfo("y", DataType.F32, Shape.of());
    Graph open =
        new Graph(
            "mixed",
            List.of(
                new ValueInfo("ids", DataType.S64, Shape.batched("N", LENGTH)),
                new ValueInfo("mask", DataType.BOOL, Shape.batched("N", LENGTH)),
                new ValueInfo("gain", DataType.F32, Shape.of()),
                new ValueInfo("state", DataType.F32, Shape.of(LENGTH))),
            List.of(y),
            Map.of(
                "table", numbers(random, WORDS),
                "W", numbers(random, LENGTH, 5),
                "zero", Tensor.of(new float[1], 1)),
            List.of(
                new Node("words", new Selection.Gather(0), List.of("table", "ids"), "words"),
                new Node("masked", new Selection.Where(), List.of("mask", "words", "zero"), "m"),
                new Node("scaled", new Binary.Mul(), List.of("m", "gain"), "g"),
                new Node("sum", new Binary.Add(), List.of("g", "state"), "s"),
                new Node("next", new Unary.Tanh(), List.of("s"), "next"),
                new Node("y", new Product.MatMul(), List.of("next", "W"), "y")));
    Map<String, ValueInfo> infos = ShapeInference.infer(open);
    return open.withOutputs(List.of(infos.get("y"), infos.get("next")));
  }

  private static Tensor numbers(Random random, long... sizes) {
    float[] values = new float[(int) Shape.of(sizes).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, sizes);
  }

  private static Map<String, Tensor> sample(int seed) {
    Random random = new Random(seed);
    byte[] mask = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      mask[i] = (byte) random.nextInt(2);
    }
    Map<String, Tensor> sample = new LinkedHashMap<>();
    sample.put("ids", Tensor.of(random.longs(LENGTH, 0, WORDS).toArray(), 1, LENGTH));
    sample.put("mask", Tensor.of(DataType.BOOL, mask, 1, LENGTH));
    sample.put("gain", Tensor.scalar(1 + random.nextFloat()));
    sample.put("state", numbers(random, LENGTH));
    return sample;
  }

  private static Map<String, Tensor> joined(List<Map<String, Tensor>> samples) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put("ids", longs(samples));
    all.put("mask", bytes(samples));
    all.put("gain", floats(samples, "gain", SAMPLES));
    all.put("state", floats(samples, "state", SAMPLES, LENGTH));
    return all;
  }

  private static Tensor longs(List<Map<String, Tensor>> samples) {
    long[] all =
        samples.stream()
            .flatMapToLong(s -> java.util.stream.LongStream.of(s.get("ids").toLongs()))
            .toArray();
    return Tensor.of(all, SAMPLES, LENGTH);
  }

  private static Tensor bytes(List<Map<String, Tensor>> samples) {
    byte[] all = new byte[SAMPLES * LENGTH];
    for (int i = 0; i < SAMPLES; i++) {
      System.arraycopy(samples.get(i).get("mask").toBytes(), 0, all, i * LENGTH, LENGTH);
    }
    return Tensor.of(DataType.BOOL, all, SAMPLES, LENGTH);
  }

  private static Tensor floats(List<Map<String, Tensor>> samples, String name, long... sizes) {
    float[] all = new float[(int) Shape.of(sizes).elements()];
    int each = all.length / SAMPLES;
    for (int i = 0; i < SAMPLES; i++) {
      System.arraycopy(samples.get(i).get(name).toFloats(), 0, all, i * each, each);
    }
    return Tensor.of(all, sizes);
  }

  private static List<Map<String, Tensor>> samples() {
    return IntStream.range(0, SAMPLES).mapToObj(InputsOfAnyKindTest::sample).toList();
  }

  @Test
  void anNpzAndAnIteratorCalibrateAlike() throws IOException {
    Path model = folder.resolve("mixed.onnx");
    Path table = folder.resolve("table.json");
    Path data = folder.resolve("data.npz");
    Onnx.write(mixed(), model);
    Npz.write(data, joined(samples()));
    Octet.run(
            "quantize",
            model,
            folder.resolve("mixed8.onnx"),
            "--calibration",
            data,
            "--table",
            table)
        .expect(Exit.DONE);
    CalibrationTable byIterator =
        Calibrator.calibrate(Onnx.read(model), QConfig.auto(), samples().iterator());
    assertEquals(byIterator.values(), CalibrationFile.read(table).values());
    assertTrue(byIterator.values().toString().contains("next"), byIterator::toString);
  }

  @Test
  void oneArrayOfTheInputsOwnShapeServesEverySample() throws IOException {
    Path model = folder.resolve("mixed.onnx");
    Path data = folder.resolve("data.npz");
    Onnx.write(mixed(), model);
    Map<String, Tensor> arrays = joined(samples());
    arrays.put("gain", Tensor.scalar(1.5f));
    arrays.put("state", sample(0).get("state"));
    Npz.write(data, arrays);
    Path out = folder.resolve("mixed8.onnx");
    Map<String, Object> json =
        Octet.run("quantize", model, out, "--calibration", data, "--batch", 5, "--json")
            .expect(Exit.DONE)
            .json();
    assertEquals(SAMPLES, json.get("samples"));
    Path labels = folder.resolve("labels.npz");
    Npz.write(labels, Map.of("labels", Tensor.of(new int[SAMPLES], SAMPLES)));
    for (Object batch : new Object[] {1, 5}) {
      Octet.run("eval", model, "--data", data, "--labels", labels, "--batch", batch)
          .expect(Exit.DONE);
    }
    Octet.run("bench", model, "--input", data, "--batch", 2, "--seconds", 0.01).expect(Exit.DONE);
    Octet.run("bench", model, "--seconds", 0.01).expect(Exit.DONE);
  }

  @Test
  void whatHasNoAxisForSamplesRunsOneByOne() throws IOException {
    Path model = folder.resolve("mixed.onnx");
    Path data = folder.resolve("data.npz");
    Onnx.write(mixed(), model);
    Npz.write(data, joined(samples()));
    String err =
        Octet.run(
                "quantize", model, folder.resolve("x.onnx"), "--calibration", data, "--batch", "2")
            .expect(Exit.BAD_INPUT)
            .err();
    assertTrue(err.contains("\"gain\" [] has no axis for samples"), err);
  }

  @Test
  void runReadsAndWritesTruthsAndSingleNumbers() throws IOException {
    Graph graph = mixed();
    Path model = folder.resolve("mixed.onnx");
    Path data = folder.resolve("data.npz");
    Path answer = folder.resolve("answer.npz");
    Onnx.write(graph, model);
    Npz.write(data, sample(4));
    assertEquals(DataType.BOOL, Npz.read(data).get("mask").type());
    Octet.run("run", model, "--input", data, "--output", answer).expect(Exit.DONE);
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> expected = session.run(sample(4), arena);
      Npz.read(answer)
          .forEach(
              (name, tensor) ->
                  assertArrayEquals(expected.get(name).toFloats(), tensor.toFloats()));
    }
  }

  // ---- Images with their channels last

  private static Graph channelsLast(Dim channels) {
    Random random = new Random(5);
    ValueInfo y = new ValueInfo("y", DataType.F32, Shape.of());
    Shape images =
        new Shape(List.of(new Dim.Symbol("N"), new Dim.Fixed(6), new Dim.Fixed(5), channels));
    Graph open =
        new Graph(
            "nhwc",
            List.of(new ValueInfo("image", DataType.F32, images)),
            List.of(y),
            Map.of("w", numbers(random, 4, 3, 3, 3)),
            List.of(
                new Node(
                    "nchw", new Movement.Transpose(List.of(0, 3, 1, 2)), List.of("image"), "c"),
                new Node(
                    "conv", new Convolution.Conv(Window.of(3, 3), 1), List.of("c", "w"), "y")));
    return open.withOutputs(List.of(ShapeInference.infer(open).get("y")));
  }

  private void writeImages() throws IOException {
    Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < 4; i++) {
      BufferedImage image = new BufferedImage(5, 6, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 30; at++) {
        image.setRGB(at % 5, at / 5, new Color(40 * i + at, 7 * at, 255 - at).getRGB());
      }
      ImageIO.write(image, "png", folder.resolve("images/" + i + ".png").toFile());
    }
  }

  /// The same pixels as {@link #writeImages}.
  private static Tensor images(boolean last) {
    byte[] pixels = new byte[4 * 30 * 3];
    for (int i = 0; i < 4; i++) {
      for (int at = 0; at < 30; at++) {
        int[] colours = {40 * i + at, 7 * at, 255 - at};
        for (int c = 0; c < 3; c++) {
          int place = last ? (i * 30 + at) * 3 + c : (i * 3 + c) * 30 + at;
          pixels[place] = (byte) colours[c];
        }
      }
    }
    return last
        ? Tensor.of(DataType.U8, pixels, 4, 6, 5, 3)
        : Tensor.of(DataType.U8, pixels, 4, 3, 6, 5);
  }

  private Map<String, Object> table(Path model, Path data, Object... more) throws IOException {
    Path table = folder.resolve("t.json");
    String[] words = java.util.Arrays.stream(more).map(Object::toString).toArray(String[]::new);
    String[] pixels = {"--mean", "0.1,0.2,0.3", "--std", "0.5,0.6,0.7"};
    Octet.run(
            "quantize",
            model,
            folder.resolve("o.onnx"),
            "--calibration",
            data,
            "--table",
            table,
            pixels,
            words)
        .expect(Exit.DONE);
    return Map.of("params", CalibrationFile.read(table).values());
  }

  @Test
  void aFolderAndArraysOfEitherLayoutCalibrateAModelThatTakesChannelsLast() throws IOException {
    Path model = folder.resolve("nhwc.onnx");
    Onnx.write(channelsLast(new Dim.Fixed(3)), model);
    writeImages();
    Path last = folder.resolve("last.npz");
    Path first = folder.resolve("first.npz");
    Npz.write(last, Map.of("image", images(true)));
    Npz.write(first, Map.of("image", images(false)));
    Map<String, Object> expected = table(model, last);
    assertEquals(expected, table(model, last, "--layout", "nhwc"));
    assertEquals(expected, table(model, first, "--layout", "nchw"));
    assertEquals(expected, table(model, folder.resolve("images")));
    String err =
        Octet.run("quantize", model, folder.resolve("o.onnx"), "--calibration", first)
            .expect(Exit.BAD_INPUT)
            .err();
    assertTrue(err.contains("channels first: give --layout nchw"), err);
  }

  @Test
  void aFolderAsksForTheLayoutThatNoShapeTells() throws IOException {
    Path model = folder.resolve("free.onnx");
    Onnx.write(channelsLast(new Dim.Symbol("C")), model);
    writeImages();
    Path last = folder.resolve("last.npz");
    Npz.write(last, Map.of("image", images(true)));
    Map<String, Object> taken = table(model, folder.resolve("images"), "--layout", "nhwc");
    Onnx.write(channelsLast(new Dim.Fixed(3)), model);
    assertEquals(table(model, last), taken);
  }
}
