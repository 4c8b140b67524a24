package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplesTest {
  private static final List<ValueInfo> IMAGE =
      List.of(new ValueInfo("image", DataType.F32, Shape.batched("N", 1, 2, 3)));

  @TempDir Path folder;

  private Path npz(Map<String, Tensor> arrays) throws IOException {
    Path file = folder.resolve("data.npz");
    Npz.write(file, arrays);
    return file;
  }

  private static Tensor ramp(long... sizes) {
    float[] values = new float[(int) Shape.of(sizes).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.of(values, sizes);
  }

  private static List<Map<String, Tensor>> all(Samples samples) throws IOException {
    List<Map<String, Tensor>> batches = new ArrayList<>();
    try (samples) {
      samples.forEachRemaining(batches::add);
      assertThrows(NoSuchElementException.class, samples::next);
    }
    return batches;
  }

  @Test
  void batchesFollowEachOtherAndTheLastOneIsShort() throws IOException {
    Path file = npz(Map.of("image", ramp(7, 1, 2, 3)));
    Samples samples = Samples.open(file, IMAGE, 3, Optional.empty());
    assertEquals(7, samples.count());
    List<Map<String, Tensor>> batches = all(samples);
    assertEquals(3, batches.size());
    assertEquals("f32[3,1,2,3]", batches.get(0).get("image").toString());
    assertEquals("f32[1,1,2,3]", batches.get(2).get("image").toString());
    assertEquals(36, batches.get(2).get("image").getFloat(0));
  }

  @Test
  void batchesAndShapesAreToldBeforeTheyAreRead() throws IOException {
    Path file = npz(Map.of("image", ramp(7, 1, 2, 3)));
    for (int[] expected : new int[][] {{1, 7}, {3, 3}, {4, 2}, {7, 1}, {8, 1}}) {
      try (Samples samples = Samples.open(file, IMAGE, expected[0], Optional.empty())) {
        assertEquals(expected[1], samples.batches());
        int first = Math.min(7, expected[0]);
        assertEquals(Map.of("image", Shape.of(first, 1, 2, 3)), samples.shapes());
        assertEquals(expected[1], all(samples).size());
      }
    }
    assertThrows(
        IllegalArgumentException.class, () -> Samples.open(file, IMAGE, 0, Optional.empty()));
  }

  @Test
  void aFixedBatchTakesWholeBatches() throws IOException {
    List<ValueInfo> fixed = List.of(new ValueInfo("x", DataType.F32, Shape.of(2, 3)));
    Path file = npz(Map.of("x", ramp(4, 3)));
    assertEquals(2, all(Samples.open(file, fixed, 2, Optional.empty())).size());
    assertThrows(
        IllegalArgumentException.class, () -> Samples.open(file, fixed, 4, Optional.empty()));
    Path odd = npz(Map.of("x", ramp(5, 3)));
    assertThrows(
        IllegalArgumentException.class, () -> Samples.open(odd, fixed, 2, Optional.empty()));
  }

  @Test
  void oneOfSeveralArraysIsChosenByNameForAModelOfOneInput() throws IOException {
    Path file = npz(Map.of("image", ramp(2, 1, 2, 3), "other", ramp(9, 9)));
    assertEquals(2, all(Samples.open(file, IMAGE, 1, Optional.empty())).size());
  }

  @Test
  void anArrayIsClosedWithItsSamples() throws IOException {
    Path file = folder.resolve("x.npy");
    Npy.write(file, ramp(1, 1, 2, 3));
    Rows rows = Npy.open(file);
    Samples.of(Map.of("image", rows), IMAGE, 1, Optional.empty()).close();
    assertThrows(IOException.class, () -> rows.next(1));
  }

  @Test
  void theOnlyArrayNeedsNoName() throws IOException {
    Path npy = folder.resolve("x.npy");
    Npy.write(npy, ramp(2, 1, 2, 3));
    assertEquals(1, all(Samples.open(npy, IMAGE, 2, Optional.empty())).size());
    Path file = npz(Map.of("other", ramp(2, 1, 2, 3)));
    assertEquals(2, all(Samples.open(file, IMAGE, 1, Optional.empty())).size());
  }

  @Test
  void arraysAreChosenByInputNameAndOthersAreLeftAlone() throws IOException {
    List<ValueInfo> inputs =
        List.of(
            new ValueInfo("ids", DataType.S64, Shape.batched("N", 2)),
            new ValueInfo("mask", DataType.S64, Shape.batched("N", 2)));
    Path file =
        npz(
            Map.of(
                "mask", Tensor.of(new long[] {1, 0, 1, 1}, 2, 2),
                "ids", Tensor.of(new int[] {7, 8, 9, -1}, 2, 2),
                "labels", Tensor.of(new long[] {3, 4, 5}, 3)));
    Map<String, Tensor> batch = all(Samples.open(file, inputs, 8, Optional.empty())).getFirst();
    assertEquals(List.of("ids", "mask"), List.copyOf(batch.keySet()));
    assertArrayEquals(new long[] {7, 8, 9, -1}, batch.get("ids").toLongs());
    assertArrayEquals(new long[] {1, 0, 1, 1}, batch.get("mask").toLongs());
  }

  @Test
  void imagesOfBytesAreNormalizedAndGetAChannelAxis() throws IOException {
    byte[] idx = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, -1, 1, 2, 3, 4};
    Path file = Files.write(folder.resolve("images-idx3-ubyte"), idx);
    Pixels pixels = new Pixels(List.of(0.286f), List.of(0.353f));
    Tensor batch = all(Samples.open(file, IMAGE, 4, Optional.of(pixels))).getFirst().get("image");
    assertEquals(Shape.of(1, 1, 2, 3), batch.shape());
    assertEquals((0 - 0.286f) / 0.353f, batch.getFloat(0));
    assertEquals((1 - 0.286f) / 0.353f, batch.getFloat(1));
    Tensor plain = all(Samples.open(file, IMAGE, 4, Optional.empty())).getFirst().get("image");
    assertEquals(4 / 255f, plain.getFloat(5));
  }

  @Test
  void eachChannelHasItsOwnMeanAndStd() {
    Pixels pixels = new Pixels(List.of(0f, 1f), List.of(1f, 2f));
    Tensor image = Tensor.of(DataType.U8, new byte[] {-1, 0, -1, 0}, 1, 2, 1, 2);
    assertArrayEquals(new float[] {1, 0, 0, -0.5f}, pixels.normalize(image, 2, 2));
    assertThrows(IllegalArgumentException.class, () -> pixels.normalize(image, 3, 1));
    assertThrows(IllegalArgumentException.class, () -> new Pixels(List.of(0f), List.of(1f, 1f)));
    assertThrows(IllegalArgumentException.class, () -> new Pixels(List.of(0f), List.of(0f)));
  }

  @Test
  void whatDoesNotFitIsRefusedWithBothShapes() throws IOException {
    assertRefused(Map.of("image", ramp(2, 1, 2, 4)), IMAGE, "[N,1,2,3]", "[2,1,2,4]");
    assertRefused(Map.of("image", Tensor.scalar(1)), IMAGE, "single number");
    assertRefused(
        Map.of("image", Tensor.of(new int[6], 1, 1, 2, 3)), IMAGE, "takes f32", "is s32", "astype");
    assertRefused(Map.of("a", ramp(2, 2), "b", ramp(2, 2)), IMAGE, "\"image\"", "a", "b");
    List<ValueInfo> two =
        List.of(
            new ValueInfo("a", DataType.F32, Shape.batched("N", 2)),
            new ValueInfo("b", DataType.F32, Shape.batched("N", 2)));
    assertRefused(Map.of("a", ramp(2, 2), "b", ramp(3, 2)), two, "2 samples", "has 3");
    List<ValueInfo> fixed = List.of(new ValueInfo("x", DataType.F32, Shape.of(4, 2)));
    assertRefused(Map.of("x", ramp(6, 2)), fixed, "takes 4 samples at a time");
  }

  private void assertRefused(Map<String, Tensor> arrays, List<ValueInfo> inputs, String... parts)
      throws IOException {
    Path file = npz(arrays);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Samples.open(file, inputs, 2, Optional.empty()).close());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
    Files.delete(file); // possible on every system only where the file was closed
  }

  @Test
  void anIntegerThatDoesNotFitIsRefused() throws IOException {
    List<ValueInfo> bytes = List.of(new ValueInfo("x", DataType.S8, Shape.batched("N", 1)));
    Path file = npz(Map.of("x", Tensor.of(new long[] {128}, 1, 1)));
    try (Samples samples = Samples.open(file, bytes, 1, Optional.empty())) {
      assertThrows(IllegalArgumentException.class, samples::next);
    }
  }

  @Test
  void labelsComeFromAnyArrayOfIntegers() throws IOException {
    Path file = folder.resolve("labels.npy");
    Npy.write(file, Tensor.of(new long[] {3, 1, 2}, 3));
    assertArrayEquals(new int[] {3, 1, 2}, DataFiles.labels(file));
    Npy.write(file, Tensor.of(DataType.U8, new byte[] {3, -1}, 2, 1));
    assertArrayEquals(new int[] {3, 255}, DataFiles.labels(file));
    Npy.write(file, ramp(3));
    assertThrows(IllegalArgumentException.class, () -> DataFiles.labels(file));
    Npy.write(file, Tensor.of(new int[6], 3, 2));
    assertThrows(IllegalArgumentException.class, () -> DataFiles.labels(file));
  }

  @Test
  void theDemosImagesAreThere() throws IOException {
    try (Rows images = demo("t10k-images-idx3-ubyte.gz");
        Rows labels = demo("t10k-labels-idx1-ubyte.gz");
        Rows training = demo("train512-images-idx3-ubyte.gz")) {
      assertEquals(Shape.of(10_000, 28, 28), images.shape());
      assertEquals(Shape.of(512, 28, 28), training.shape());
      int[] classes = DataFiles.labels(labels);
      assertEquals(10_000, classes.length);
      assertEquals(9, classes[0]);
      assertEquals("u8[10000,28,28]", images.next(10_000).toString());
      assertFalse(training.next(512).toBytes().length == 0);
    }
  }

  private static Rows demo(String name) throws IOException {
    try (InputStream in = SamplesTest.class.getResourceAsStream("/io/octet/cli/demo/" + name)) {
      return Idx.open(in.readAllBytes(), name);
    }
  }
}
