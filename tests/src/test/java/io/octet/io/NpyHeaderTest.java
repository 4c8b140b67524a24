package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyHeaderTest {
  /// A file of one float, its header filled up with blanks to that length.
  private static byte[] file(int version, int length) {
    String dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    ByteBuffer width = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length);
    out.write(width.array(), 0, version == 1 ? 2 : 4);
    out.writeBytes((dictionary + " ".repeat(length - dictionary.length())).getBytes());
    out.writeBytes(new byte[] {0, 0, 0x20, 0x40}); // 2.5
    return out.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({"1, 100", "1, 32767", "1, 32768", "1, 65535", "2, 32768", "2, 65536", "3, 40000"})
  void aLongHeaderIsRead(int version, int length) throws IOException {
    assertEquals(2.5f, Npy.read(file(version, length), "long.npy").getFloat(0));
  }

  @Test
  void aHeaderOfMoreThan65536BytesIsRefused() {
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> Npy.read(file(2, 65_537), "long.npy"));
    assertEquals("long.npy: a header of 65537 bytes, but 65536 are the most", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 255})
  void anUnknownVersionIsRefused(int version) {
    byte[] file = file(1, 100);
    file[6] = (byte) version;
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> Npy.read(file, "new.npy"));
    assertTrue(e.getMessage().contains("but 1 to 3 are known"), e.getMessage());
  }

  @Test
  void magicIsSixBytes() {
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    assertTrue(NpyHeader.isMagic(magic));
    assertTrue(NpyHeader.isMagic(file(1, 100)));
    assertFalse(NpyHeader.isMagic(java.util.Arrays.copyOf(magic, 5)));
    assertFalse(NpyHeader.isMagic("\u0093NUMPX".getBytes(StandardCharsets.ISO_8859_1)));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenIsReadAndTheNumbersBeginAtAMultipleOf64(Element element) throws IOException {
    for (Shape shape : new Shape[] {Shape.of(), Shape.of(7), Shape.of(2, 3), Shape.of(1, 1, 1)}) {
      NpyHeader header = new NpyHeader(element, shape.rank() == 2, shape);
      byte[] bytes = header.bytes();
      assertEquals(0, bytes.length % 64);
      assertEquals('\n', bytes[bytes.length - 1]);
      assertEquals(bytes.length - 10, (bytes[8] & 0xff) + 256 * (bytes[9] & 0xff));
      assertEquals(header, NpyHeader.read(Section.of(bytes, "x.npy")));
    }
  }

  @Test
  void tuplesAreWrittenAsPythonDoes() {
    assertTrue(text(Shape.of()).contains("'shape': (), }"), text(Shape.of()));
    assertTrue(text(Shape.of(7)).contains("'shape': (7,), }"), text(Shape.of(7)));
    assertTrue(text(Shape.of(7, 8)).contains("'shape': (7, 8), }"), text(Shape.of(7, 8)));
  }

  private static String text(Shape shape) {
    return new String(
        new NpyHeader(Element.F32, false, shape).bytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void theFillingIsAsShortAsItCanBe() {
    long size = 1;
    for (int digits = 1; digits <= 18; digits++, size *= 10) {
      for (Shape shape : new Shape[] {Shape.of(size), Shape.of(size, 1), Shape.of(size, size, 1)}) {
        String header = text(shape);
        int needed = header.stripTrailing().length() + 1; // the line break
        assertEquals((needed + 63) / 64 * 64, header.length(), header);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"(3L, 4L)|[3,4]", "(3,)|[3]", "()|[]", "( 3 ,\t4 )|[3,4]", "(0, 5)|[0,5]"})
  void shapesAreReadAsPythonWritesThem(String tuple, String shape) throws IOException {
    assertEquals(shape, parse("'<i8'", "True", tuple).shape().toString());
  }

  @Test
  void ordersAndQuotesAreRead() throws IOException {
    assertTrue(parse("\"<f2\"", "True", "(1,)").fortran());
    assertFalse(parse("'<f8'", "False", "(1,)").fortran());
    assertEquals(Element.F64, parse("'<f8'", "False", "(1,)").element());
    assertEquals(Element.U8, parse("'u1'", "False", "(1,)").element());
    assertEquals(Element.S8, parse("'<i1'", "False", "(1,)").element());
    assertEquals(Element.BOOL, parse("'|b1'", "False", "(1,)").element());
  }

  @ParameterizedTest
  @ValueSource(strings = {"'>f4'", "'<u2'", "'<c8'", "[('a', '<f4')]"})
  void otherTypesAreRefusedByName(String descr) {
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> parse(descr, "False", "(1,)"));
    assertTrue(e.getMessage().startsWith("x.npy: "), e.getMessage());
  }

  @Test
  void moreAxesThanNumpyHasAreRefused() throws IOException {
    String most = "(" + "1,".repeat(64) + ")";
    assertEquals(64, parse("'<f4'", "False", most).shape().rank());
    MalformedFileException e =
        assertThrows(
            MalformedFileException.class,
            () -> parse("'<f4'", "False", "(" + "1,".repeat(65) + ")"));
    assertEquals("x.npy: 65 axes, but numpy has at most 64", e.getMessage());
  }

  private static NpyHeader parse(String descr, String fortran, String shape) throws IOException {
    return NpyHeader.parse(
        "{'descr': %s, 'fortran_order': %s, 'shape': %s, }".formatted(descr, fortran, shape),
        "x.npy");
  }

  @Test
  void headersOfVersion3AreUtf8() throws IOException {
    byte[] file = file(3, 100);
    assertArrayEquals(new float[] {2.5f}, Npy.read(file, "x.npy").toFloats());
  }
}
