package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which arrays an input takes, and as what.
class InputFitTest {
  private static final Shape COLOURS = Shape.batched("N", 2, 2, 3);

  /// Rows that are nowhere.
  private record Claimed(DataType type, Shape shape) implements Rows {
    @Override
    public String where() {
      return "data.npy";
    }

    @Override
    public Tensor next(int count) {
      throw new AssertionError("nothing is read to tell whether it fits");
    }

    @Override
    public void close() {}
  }

  /// "N,3,H,W", blanks and all.
  private static Shape shape(String text) {
    return new Shape(
        Stream.of(text.split(" "))
            .<Dim>map(
                axis ->
                    Character.isDigit(axis.charAt(0))
                        ? new Dim.Fixed(Long.parseLong(axis))
                        : new Dim.Symbol(axis))
            .toList());
  }

  private static InputFit fit(String wanted, String array) {
    return fit(DataType.F32, wanted, DataType.F32, array);
  }

  private static InputFit fit(DataType type, String wanted, DataType came, String array) {
    return new InputFit(
        new ValueInfo("x", type, shape(wanted)), new Claimed(came, shape(array)), Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "N 3 16 20, 8 3 16 20, '[2,3,16,20]'",
    "N 3 16 20, 8 960, '[2,3,16,20]'", // flattened
    "N 3 16 20, 8 48 20, '[2,3,16,20]'", // partly
    "N 3 16 20, 8 3 320, '[2,3,16,20]'",
    "N 960, 8 3 16 20, '[2,960]'", // to be flattened
    "N 48 20, 8 3 16 20, '[2,48,20]'",
    "N 1 28 28, 8 28 28, '[2,1,28,28]'", // a missing axis of 1
    "N 1 28 28, 8 28 28 1, '[2,1,28,28]'", // one channel, last
    "N 28 28, 8 1 28 28, '[2,28,28]'",
    "N 1, 8, '[2,1]'",
    "N, 8 1, '[2]'",
    "N 1 H W, 8 28 30, '[2,1,28,30]'",
    "N C H W, 8 28 30, '[2,1,28,30]'",
    "N 3 H W, 8 3 28 30, '[2,3,28,30]'",
    "N 3 3 3, 8 3 3 3, '[2,3,3,3]'", // nobody can tell
    "4 3 16 20, 8 3 16 20, '[2,3,16,20]'",
  })
  void arraysInTheSameOrderAreTaken(String wanted, String array, String as) {
    assertEquals(as, fit(wanted, array).shape(2).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "N 3 16 20, 8 16 20 3, 'channels last: give --layout nhwc'",
    "N 3 H W, 8 16 20 3, 'channels last: give --layout nhwc'",
    "N 3 16 20, 8 20 16 3, 'the same sizes in another order'",
    "N 3 16 20, 8 3 20 16, 'the same sizes in another order'",
    "N 16 20, 8 20 16, 'the same sizes in another order'",
    "N 3 16 20, 8 320 3, 'the sizes differ'",
    "N 3 16 20, 8 16 60, 'the sizes differ'",
    "N 3 16 20, 8 961, 'the sizes differ'",
    "N 3 16 20, 8 3 16 21, 'the sizes differ'",
    "N 3 16 20, 8 3 16 20 2, 'the sizes differ'",
    "N 3 16 20, 8, 'the sizes differ'",
    "N 4 6, 8 8 3, 'the sizes differ'",
    "N 3 H W, 8 28 30, 'the sizes differ'",
    "N 0 3, 8 0 3, 'has no numbers'",
    "N 9223372036854775807 9223372036854775807, 8 2 2, 'the sizes differ'",
  })
  void arraysInAnotherOrderAreRefused(String wanted, String array, String words) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> fit(wanted, array));
    String both =
        "data.npy: input \"x\" takes %s, but the array has shape %s: "
            .formatted(shape(wanted), shape(array));
    assertTrue(e.getMessage().startsWith(both), e.getMessage());
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void arraysWithoutAnAxisForSamplesAreRefused() {
    Rows scalar = new Claimed(DataType.F32, Shape.of());
    ValueInfo input = new ValueInfo("x", DataType.F32, Shape.of(1));
    assertThrows(
        IllegalArgumentException.class, () -> new InputFit(input, scalar, Optional.empty()));
  }

  @Test
  void inputsWithoutAnAxisForSamplesTakeWholeArraysOneByOne() {
    ValueInfo number = new ValueInfo("x", DataType.F32, Shape.of());
    InputFit one = new InputFit(number, new Claimed(DataType.F32, Shape.of(7)), Optional.empty());
    assertEquals(InputFit.Part.WHOLE, one.part());
    assertEquals(Shape.of(), one.shape(1));
    assertEquals(InputFit.Part.WHOLE, fit("2 1 64", "50 2 1 64").part());
    assertEquals(Shape.of(2, 1, 64), fit("2 1 64", "50 2 1 64").shape(1));
    assertEquals(Shape.of(2, 3, 64), fit("2 N 64", "50 2 3 64").shape(1));
    assertEquals(InputFit.Part.ROWS, fit("1 64", "50 1 64").part());
    assertThrows(IllegalArgumentException.class, () -> fit("2 1 64", "50 3 1 64"));
  }

  @Test
  void aBatchIsHeldToWhatAnArrayHolds() {
    InputFit fit = fit("N 1000", "8 1000");
    fit.requireSize(2);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> fit.requireSize(2_147_484));
    assertTrue(e.getMessage().contains("take a batch of 1 to "), e.getMessage());
    long most = Math.min(Integer.MAX_VALUE - 8L, Runtime.getRuntime().maxMemory() / 4) / 1000;
    fit.requireSize(most);
    assertThrows(IllegalArgumentException.class, () -> fit.requireSize(most + 1));
  }

  @Test
  void typesAreConvertedWhereNothingIsLost() {
    for (DataType wanted : DataType.values()) {
      for (DataType came : DataType.values()) {
        boolean taken =
            wanted == came
                || (!wanted.isFloat() && !came.isFloat())
                || (wanted == DataType.F32 && came == DataType.U8);
        if (taken) {
          assertEquals("[1,2]", fit(wanted, "N 2", came, "8 2").shape(1).toString());
        } else {
          IllegalArgumentException e =
              assertThrows(IllegalArgumentException.class, () -> fit(wanted, "N 2", came, "8 2"));
          assertTrue(e.getMessage().contains("takes " + wanted), e.getMessage());
          assertTrue(e.getMessage().contains("the array is " + came), e.getMessage());
        }
      }
    }
  }

  @Test
  void meanAndStdAreForPixels() {
    ValueInfo input = new ValueInfo("x", DataType.F32, shape("N 2"));
    Rows floats = new Claimed(DataType.F32, shape("8 2"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new InputFit(input, floats, Optional.of(Pixels.UNIT)));
    ValueInfo ids = new ValueInfo("ids", DataType.S64, shape("N 2"));
    Rows integers = new Claimed(DataType.S64, shape("8 2"));
    InputFit fit = new InputFit(ids, integers, Optional.of(Pixels.UNIT));
    assertEquals("[3,2]", fit.shape(3).toString());
  }

  @Test
  void integersOfEveryWidthAreKeptOrRefusedWithTheirSample() {
    Tensor longs = Tensor.of(new long[] {1, -2, 127, -128}, 2, 2);
    Tensor bytes = fit(DataType.S8, "N 2", DataType.S64, "8 2").apply(longs, 0);
    assertArrayEquals(new byte[] {1, -2, 127, -128}, bytes.toBytes());
    Tensor ints = fit(DataType.S32, "N 2", DataType.S64, "8 2").apply(longs, 0);
    assertArrayEquals(new int[] {1, -2, 127, -128}, ints.toInts());
    Tensor wide = fit(DataType.S64, "N 2", DataType.S8, "8 2").apply(bytes, 0);
    assertArrayEquals(new long[] {1, -2, 127, -128}, wide.toLongs());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> fit(DataType.U8, "N 2", DataType.S64, "8 2").apply(longs, 40));
    assertEquals("data.npy: sample 40 of input \"x\" has -2, which u8 cannot hold", e.getMessage());
    Tensor large = Tensor.of(new long[] {0, 0, 0, 128}, 2, 2);
    IllegalArgumentException f =
        assertThrows(
            IllegalArgumentException.class,
            () -> fit(DataType.S8, "N 2", DataType.S64, "8 2").apply(large, 40));
    assertEquals(
        "data.npy: sample 41 of input \"x\" has 128, which s8 cannot hold", f.getMessage());
  }

  @Test
  void aSampleWithoutAFiniteValueIsRefused() {
    float inf = Float.POSITIVE_INFINITY;
    InputFit fit = fit("N 2", "8 2");
    Tensor mixed = Tensor.of(new float[] {1, inf, -inf, 2}, 2, 2);
    fit.requireNumbers(mixed, 0);
    assertEquals(mixed.data(), fit.apply(mixed, 0).data());
    Tensor none = Tensor.of(new float[] {1, 2, -inf, inf, 3, 4}, 3, 2);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> fit.requireNumbers(none, 10));
    assertEquals(
        "data.npy: sample 11 of input \"x\" has no finite value, its first is " + inf,
        e.getMessage());
    Tensor long3 = Tensor.of(new float[] {inf, inf, 1, 2, inf, inf, inf, inf, inf}, 3, 3);
    IllegalArgumentException g =
        assertThrows(
            IllegalArgumentException.class, () -> fit("N 3", "8 3").requireNumbers(long3, 1));
    assertTrue(g.getMessage().contains("sample 3 of input"), g.getMessage());
    Tensor nan = Tensor.of(new float[] {1, 2, 3, Float.NaN}, 2, 2);
    IllegalArgumentException f =
        assertThrows(IllegalArgumentException.class, () -> fit.requireNumbers(nan, 10));
    assertEquals("data.npy: sample 11 of input \"x\" has NaN as element 1", f.getMessage());
  }

  @Test
  void pixelsAreNormalizedChannelByChannel() {
    ValueInfo input = new ValueInfo("x", DataType.F32, shape("N 2 1 2"));
    Rows rows = new Claimed(DataType.U8, shape("8 2 1 2"));
    Pixels pixels = new Pixels(List.of(0f, 1f), List.of(1f, 0.5f));
    Tensor image =
        new InputFit(input, rows, Optional.of(pixels))
            .apply(Tensor.of(DataType.U8, new byte[] {0, -1, 0, -1}, 1, 2, 1, 2), 0);
    assertArrayEquals(new float[] {0, 1, -2, 0}, image.toFloats());
    Rows flat = new Claimed(DataType.U8, shape("8 2"));
    Tensor plain =
        new InputFit(new ValueInfo("x", DataType.F32, shape("N 2")), flat, Optional.empty())
            .apply(Tensor.of(DataType.U8, new byte[] {51, -1}, 1, 2), 0);
    assertArrayEquals(new float[] {0.2f, 1}, plain.toFloats());
  }

  @Test
  void aTransposedArrayHasItsChannelsFirst() throws IOException {
    byte[] npy = npy(2, 2, 3, 2);
    try (Rows rows = ImageLayout.NHWC.turn(open(npy), COLOURS)) {
      assertEquals(Shape.of(2, 2, 2, 3), rows.shape());
      assertEquals(DataType.U8, rows.type());
      assertEquals("nhwc.npy", rows.where());
      assertArrayEquals(new byte[] {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11}, rows.next(1).toBytes());
      assertArrayEquals(
          new byte[] {12, 14, 16, 18, 20, 22, 13, 15, 17, 19, 21, 23}, rows.next(1).toBytes());
    }
    try (Rows rows = ImageLayout.NHWC.turn(open(npy(4, 3)), COLOURS)) {
      assertEquals(Shape.of(4, 3), rows.shape());
    }
    try (Rows rows = ImageLayout.NCHW.turn(open(npy), COLOURS)) {
      assertEquals(Shape.of(2, 2, 3, 2), rows.shape());
    }
  }

  private static byte[] npy(long... sizes) {
    Shape shape = Shape.of(sizes);
    byte[] header = new NpyHeader(Element.U8, false, shape).bytes();
    byte[] file = Arrays.copyOf(header, header.length + (int) shape.elements());
    for (int i = 0; i < shape.elements(); i++) {
      file[header.length + i] = (byte) i;
    }
    return file;
  }

  private static Rows open(byte[] npy) throws IOException {
    return Section.of(npy, "nhwc.npy").handTo(NpyRows::new);
  }

  @Test
  void layoutsHaveNames() {
    assertEquals(ImageLayout.NHWC, ImageLayout.named("nhwc"));
    assertEquals(ImageLayout.NCHW, ImageLayout.named("nchw"));
    assertEquals("nhwc", ImageLayout.NHWC.toString());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ImageLayout.named("NHWC"));
    assertEquals("expected nchw or nhwc, but came \"NHWC\"", e.getMessage());
  }
}
