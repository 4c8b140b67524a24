package io.octet.cli;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.io.Npy;
import io.octet.io.Npz;
import io.octet.onnx.Onnx;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Data and numbers that cannot be right: a sentence that names them, and exit code 3 or 2.
class DataErrorsTest {
  private static final int C = 3;
  private static final int H = 4;
  private static final int W = 6;

  @TempDir private Path folder;
  private Path model;
  private Path data;
  private Path labels;

  @BeforeEach
  void writeANetwork() throws IOException {
    model = folder.resolve("net.onnx");
    data = folder.resolve("data.npy");
    labels = folder.resolve("labels.npy");
    Onnx.write(
        sequential(conv2d(C, 4, 3).padding(1), relu(), flatten(), linear(4 * H * W, 10))
            .input(C, H, W),
        model);
    Npy.write(labels, Tensor.of(new int[8], 8));
  }

  /// Value (n, c, h, w), laid out as NCHW or NHWC.
  private static Tensor images(int n, boolean channelsLast) {
    float[] values = new float[n * C * H * W];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int a = 0; a < (channelsLast ? H : C); a++) {
        for (int b = 0; b < (channelsLast ? W : H); b++) {
          for (int d = 0; d < (channelsLast ? C : W); d++) {
            values[at++] = channelsLast ? value(i, d, a, b) : value(i, a, b, d);
          }
        }
      }
    }
    return channelsLast ? Tensor.of(values, n, H, W, C) : Tensor.of(values, n, C, H, W);
  }

  private static float value(int n, int c, int h, int w) {
    return (float) Math.sin(1 + n + 3 * c + 0.7 * h + 0.3 * w);
  }

  private Octet.Outcome quantize(Object... more) {
    return Octet.run(
        "quantize", model, folder.resolve("net8.onnx"), "--calibration", data, texts(more));
  }

  private Octet.Outcome eval(Object... more) {
    return Octet.run("eval", model, "--data", data, "--labels", labels, texts(more));
  }

  private Octet.Outcome run(Object... more) {
    return Octet.run(
        "run", model, "--input", data, "--output", folder.resolve("out.npz"), texts(more));
  }

  private Octet.Outcome bench(Object... more) {
    return Octet.run("bench", model, "--input", data, "--seconds", 0.01, texts(more));
  }

  private static String[] texts(Object... words) {
    return java.util.Arrays.stream(words).map(Object::toString).toArray(String[]::new);
  }

  private static void assertSays(Octet.Outcome outcome, int exit, String... parts) {
    String err = outcome.expect(exit).err();
    for (String part : parts) {
      assertTrue(err.contains(part), err);
    }
    assertFalse(err.contains("\tat "), err);
  }

  // ---- The order of axes

  @Test
  void imagesWithTheirChannelsLastAreRefusedByEveryVerbWithTheWayOut() throws IOException {
    Npy.write(data, images(8, true));
    assertSays(quantize(), Exit.BAD_INPUT, data.toString(), "[8,4,6,3]", "--layout nhwc");
    assertSays(eval(), Exit.BAD_INPUT, data.toString(), "[8,4,6,3]", "--layout nhwc");
    assertSays(bench(), Exit.BAD_INPUT, data.toString(), "[8,4,6,3]", "--layout nhwc");
    assertSays(run(), Exit.BAD_INPUT, data.toString(), "[8,4,6,3]", "--layout nhwc");
  }

  @Test
  void layoutNhwcTransposesForEveryVerb() throws IOException {
    Npy.write(data, images(8, false));
    run().expect(Exit.DONE);
    float[] expected = Npz.read(folder.resolve("out.npz")).values().iterator().next().toFloats();
    byte[] quantized = quantizedBytes();
    String top1 = eval("--json").expect(Exit.DONE).out();

    Npy.write(data, images(8, true));
    run("--layout", "nhwc").expect(Exit.DONE);
    assertArrayEquals(
        expected, Npz.read(folder.resolve("out.npz")).values().iterator().next().toFloats());
    assertArrayEquals(quantized, quantizedBytes("--layout", "nhwc"));
    assertEquals(top1, eval("--json", "--layout", "nhwc").expect(Exit.DONE).out());
    bench("--layout", "nhwc").expect(Exit.DONE);
  }

  private byte[] quantizedBytes(Object... more) throws IOException {
    quantize(more).expect(Exit.DONE);
    return Files.readAllBytes(folder.resolve("net8.onnx"));
  }

  @Test
  void anotherOrderOfTheSameSizesIsRefusedAsSuch() throws IOException {
    Npy.write(data, images(8, true).reshape(io.octet.tensor.Shape.of(8, 6, 3, 4)));
    assertSays(quantize(), Exit.BAD_INPUT, "the same sizes in another order", "transpose");
    assertSays(run(), Exit.BAD_INPUT, "the same sizes in another order", "transpose");
  }

  @Test
  void aLayoutThatChangesNothingIsRefused() throws IOException {
    Npy.write(data, Tensor.of(new float[8 * C * H * W], 8, C * H * W));
    assertSays(quantize("--layout", "nhwc"), Exit.BAD_INPUT, "no array has four axes");
    assertSays(quantize("--layout", "chwn"), Exit.USAGE, "expected nchw or nhwc");
    data = folder;
    assertSays(quantize("--layout", "nhwc"), Exit.USAGE, "--layout nhwc: the model takes", "nchw");
  }

  // ---- Values

  @ParameterizedTest
  @ValueSource(floats = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN})
  void aSampleWithoutNumbersIsNamed(float value) throws IOException {
    Tensor images = images(8, false);
    for (int i = 0; i < C * H * W; i++) {
      images.setFloat(5 * C * H * W + i, value);
    }
    Npy.write(data, images);
    assertSays(quantize(), Exit.BAD_INPUT, data + ": sample 5 of input \"input\" has");
    assertSays(quantize("--batch", 2), Exit.BAD_INPUT, data + ": sample 5 of input \"input\"");
    assertSays(eval("--batch", 3), Exit.BAD_INPUT, data + ": sample 5 of input \"input\" has");
    assertSays(bench("--batch", 8), Exit.BAD_INPUT, data + ": sample 5 of input \"input\" has");
  }

  @Test
  void nanInOneElementIsNamed() throws IOException {
    Tensor images = images(8, false);
    images.setFloat(3 * C * H * W + 7, Float.NaN);
    Npy.write(data, images);
    assertSays(quantize(), Exit.BAD_INPUT, "sample 3 of input \"input\" has NaN as element 7");
    assertSays(run(), Exit.BAD_INPUT, "NaN", "input");
  }

  @Test
  void singleInfinitiesAreLeftOutWithAWarning() throws IOException {
    Tensor images = images(8, false);
    images.setFloat(0, Float.POSITIVE_INFINITY);
    Npy.write(data, images);
    Onnx.write(sequential(conv2d(C, 4, 3), relu()).input(C, H, W), model);
    String err = quantize().expect(Exit.DONE).err();
    assertTrue(err.contains("infinities in \"input\" were left out"), err);
  }

  @Test
  void labelsThatAreNoClassesAreNamed() throws IOException {
    Npy.write(data, images(8, false));
    Npy.write(labels, Tensor.of(new long[] {0, 9, 0, 10, 0, 0, 0, 0}, 8));
    assertSays(
        eval(),
        Exit.BAD_INPUT,
        labels + ": the label of sample 3 is 10, but the network has classes 0 to 9");
    Npy.write(labels, Tensor.of(new long[] {0, -1, 0, 0, 0, 0, 0, 0}, 8));
    assertSays(eval(), Exit.BAD_INPUT, "the label of sample 1 is -1");
    Npy.write(labels, Tensor.of(new long[] {0, 1L << 40, 0, 0, 0, 0, 0, 0}, 8));
    assertSays(eval(), Exit.BAD_INPUT, labels + ": the label of sample 1 is 1099511627776");
    Npy.write(labels, Tensor.of(new int[7], 7));
    assertSays(eval(), Exit.BAD_INPUT, "has 8 samples, but " + labels + " has 7 labels");
    Npy.write(labels, Tensor.of(new float[8], 8));
    assertSays(eval(), Exit.BAD_INPUT, labels + ": labels are integers");
    Npy.write(labels, Tensor.of(new int[0], 0));
    assertSays(eval(), Exit.BAD_INPUT, labels + ": expected one label for each sample");
  }

  @Test
  void arraysOfAWrongTypeAreNamed() throws IOException {
    Npy.write(data, Tensor.of(DataType.S8, new byte[8 * C * H * W], 8, C, H, W));
    assertSays(quantize(), Exit.BAD_INPUT, data.toString(), "takes f32", "is s8");
    assertSays(run(), Exit.BAD_INPUT, "f32", "s8");
  }

  @Test
  void aModelWithoutInputsIsNoModelForAFolder() throws IOException {
    Files.createDirectory(folder.resolve("images"));
    data = folder.resolve("images");
    assertSays(quantize(), Exit.BAD_INPUT, "no image below it");
  }

  // ---- Numbers

  @ParameterizedTest
  @CsvSource({
    "--batch, 100000000",
    "--batch, 2147483647",
  })
  void aBatchThatNoMemoryHoldsIsRefusedWithTheRange(String option, String value)
      throws IOException {
    for (String verb : new String[] {"bench", "explain"}) {
      assertSays(
          Octet.run(verb, model, option, value),
          Exit.BAD_INPUT,
          option + " " + value,
          "holds 0 to");
    }
    Npy.write(data, images(8, false));
    assertSays(bench(option, value), Exit.BAD_INPUT, "has 8 samples, but --batch is " + value);
    quantize(option, value).expect(Exit.DONE); // one batch of what there is
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000000000x3x4x6", "4294967296x3x4x6", "9223372036854775807x3x4x6"})
  void aShapeThatNoMemoryHoldsIsRefusedWithTheRange(String shape) {
    for (String verb : new String[] {"bench", "explain"}) {
      assertSays(
          Octet.run(verb, model, "--shape", "input=" + shape),
          Exit.BAD_INPUT,
          "--shape input=" + shape,
          "holds 0 to");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--threads, 0",
    "--threads, -1",
    "--threads, 1025",
    "--threads, 2147483647",
    "--callers, 0",
    "--callers, 1025",
    "--seconds, 0",
    "--seconds, NaN",
    "--seconds, 1e300",
    "--seconds, Infinity",
    "--seconds, -1"
  })
  void aNumberThatNoModelMakesRightIsRefusedWithTheRange(String option, String value) {
    assertSays(Octet.run("bench", model, option, value), Exit.USAGE, option + " must be", "not ");
  }

  @ParameterizedTest
  @CsvSource({"--seconds, NaN", "--seconds, 1e300", "--images, 0", "--images, 10001"})
  void theDemosNumbersHaveRangesToo(String option, String value) {
    assertSays(Octet.run("demo", option, value), Exit.USAGE, option + " must be", "not ");
  }

  @ParameterizedTest
  @CsvSource({
    "--mean, NaN",
    "--mean, Infinity",
    "--std, NaN",
    "--std, 0",
    "--std, -1",
    "--std, 1e-45",
    "--mean, 3e38"
  })
  void aMeanOrStdThatMakesNoFloatsIsRefused(String option, String value) throws IOException {
    Npy.write(data, Tensor.of(DataType.U8, new byte[8 * C * H * W], 8, C, H, W));
    String std = option.equals("--mean") ? "--std=0.1" : "--mean=0";
    assertSays(quantize(option, value, std), Exit.USAGE, "--mean, --std: ", "std");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "16385", "99999999999", "1x99999999999", "99999999999999999999"})
  void anImageSizeOutOfRangeIsRefused(String size) throws IOException {
    javax.imageio.ImageIO.write(
        new java.awt.image.BufferedImage(2, 2, 1), "png", folder.resolve("a.png").toFile());
    data = folder;
    assertSays(quantize("--size", size), Exit.USAGE, "--size: ");
  }

  @Test
  void imagesThatNoArrayHoldsAreRefused() throws IOException {
    Onnx.write(sequential(conv2d(C, 4, 3), relu()).input(C, 16_384, 16_384), model);
    for (int i = 0; i < 3; i++) {
      javax.imageio.ImageIO.write(
          new java.awt.image.BufferedImage(2, 2, 1), "png", folder.resolve(i + ".png").toFile());
    }
    data = folder;
    assertSays(quantize(), Exit.BAD_INPUT, folder.toString(), "a batch of 3 samples");
  }

  @Test
  void arraysOfSeveralInputsAreHeldToTheirOwn() throws IOException {
    data = folder.resolve("data.npz");
    Npz.write(data, Map.of("other", images(8, false), "input", images(8, true)));
    assertSays(quantize(), Exit.BAD_INPUT, "member input.npy", "--layout nhwc");
  }
}
