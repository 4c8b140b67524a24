package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// IDX numbers are big-endian, whatever their width.
class IdxValuesTest {
  private static Rows rows(String type, String sizes, String numbers) throws IOException {
    int axes = sizes.replace(" ", "").length() / 8;
    return Idx.open(hex("0000" + type + "%02x".formatted(axes) + sizes + numbers), "test.idx");
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  @Test
  void everyTypeIsReadByValue() throws IOException {
    assertArrayEquals(new byte[] {1, -1}, rows("08", "00000002", "01 ff").all().toBytes());
    assertEquals(DataType.U8, rows("08", "00000001", "01").type());
    Tensor signed = rows("09", "00000002", "80 7f").all();
    assertEquals(-128, signed.getInteger(0));
    assertEquals(127, signed.getInteger(1));
    assertArrayEquals(new int[] {0x0102, -2}, rows("0b", "00000002", "0102 fffe").all().toInts());
    assertArrayEquals(
        new int[] {0x01020304, -2}, rows("0c", "00000002", "01020304 fffffffe").all().toInts());
    assertArrayEquals(
        new float[] {1.5f, -2}, rows("0d", "00000002", "3fc00000 c0000000").all().toFloats());
    assertArrayEquals(
        new float[] {1.5f, -2},
        rows("0e", "00000002", "3ff8000000000000 c000000000000000").all().toFloats());
  }

  @Test
  void rowsFollowEachOtherAlongTheFirstAxis() throws IOException {
    try (Rows rows =
        rows("0c", "00000003 00000002", "00000001 00000002 00000003 00000004 00000005 00000006")) {
      assertEquals(Shape.of(3, 2), rows.shape());
      assertEquals("test.idx", rows.where());
      assertArrayEquals(new int[] {1, 2, 3, 4}, rows.next(2).toInts());
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> rows.next(2));
      assertEquals("test.idx has 1 rows left, but 2 were wanted", e.getMessage());
      assertArrayEquals(new int[] {5, 6}, rows.next(1).toInts());
      assertThrows(IllegalArgumentException.class, () -> rows.next(1));
    }
  }

  @Test
  void aSizeIsAnUnsignedNumberOf32Bits() throws IOException {
    try (Rows rows = rows("08", "ffffffff 00000000", "")) {
      assertEquals(Shape.of(4_294_967_295L, 0), rows.shape());
      MalformedFileException e = assertThrows(MalformedFileException.class, rows::all);
      assertEquals(
          "test.idx: 4294967295 rows at once, but 2147483647 are the most", e.getMessage());
    }
  }

  @Test
  void whatIsNoIdxSaysWhy() {
    assertRefused("01000801 00000001 01", "two zero bytes");
    assertRefused("00010801 00000001 01", "two zero bytes");
    assertRefused("00000a01 00000001 01", "element type 0x0a");
    assertRefused("00000800", "declares no axis");
    assertRefused("00000801 00000002 01", "cut short: an IDX array of shape [2] takes 2 bytes");
    assertRefused("00000e03 ffffffff ffffffff ffffffff", "larger than any memory");
  }

  private static void assertRefused(String file, String words) {
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> Idx.open(hex(file), "test.idx").close());
    assertTrue(e.getMessage().startsWith("test.idx: "), e.getMessage());
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void aDoubleThatNoFloatHoldsIsRefusedAndAnInfiniteOneIsNot() throws IOException {
    String beyond = HexFormat.of().formatHex(bits(1e39));
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> rows("0e", "00000001", beyond).all());
    assertEquals(
        "test.idx: 1.0E39 is beyond the floats, of which the largest is 3.4028235E38",
        e.getMessage());
    String infinite = HexFormat.of().formatHex(bits(Double.NEGATIVE_INFINITY));
    assertEquals(Float.NEGATIVE_INFINITY, rows("0e", "00000001", infinite).all().getFloat(0));
  }

  private static byte[] bits(double value) {
    return ByteBuffer.allocate(8).putDouble(value).array();
  }

  @Test
  void manyNumbersAreConvertedPieceByPiece() throws IOException {
    int n = (1 << 14) + 3;
    ByteBuffer file = ByteBuffer.allocate(8 + 4 * n);
    file.putInt(0x0c01).putInt(n);
    for (int i = 0; i < n; i++) {
      file.putInt(i);
    }
    int[] values = Idx.open(file.array(), "test.idx").all().toInts();
    for (int i = 0; i < n; i++) {
      assertEquals(i, values[i]);
    }
  }
}
