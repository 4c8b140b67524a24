package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Arrays whose first axis is the fastest: each row lies scattered over the whole file.
class FortranOrderTest {
  private static final Shape SHAPE = Shape.of(5, 2, 3);

  @TempDir private Path folder;

  /// How a file holds its bytes.
  enum Form {
    PLAIN {
      @Override
      void write(OutputStream out, byte[] npy) throws IOException {
        out.write(npy);
      }
    },
    GZIPPED {
      @Override
      void write(OutputStream out, byte[] npy) throws IOException {
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
          gzip.write(npy);
        }
      }
    },
    ZIPPED {
      @Override
      void write(OutputStream out, byte[] npy) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
          zip.putNextEntry(new ZipEntry("x.npy"));
          zip.write(npy);
        }
      }
    };

    abstract void write(OutputStream out, byte[] npy) throws IOException;
  }

  /// Element (n, c, k) is 100 n + 10 c + k.
  private static byte[] npy(Element element) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new NpyHeader(element, true, SHAPE).bytes());
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    for (int k = 0; k < 3; k++) {
      for (int c = 0; c < 2; c++) {
        for (int n = 0; n < 5; n++) {
          int value = 100 * n + 10 * c + k;
          number.clear();
          if (element == Element.F32) {
            number.putFloat(value);
          } else {
            number.putShort((short) value);
          }
          out.write(number.array(), 0, element.bytes());
        }
      }
    }
    return out.toByteArray();
  }

  private Path file(Form form, Element element) throws IOException {
    Path file = folder.resolve("x." + form);
    try (OutputStream out = Files.newOutputStream(file)) {
      form.write(out, npy(element));
    }
    return file;
  }

  private static Rows open(Form form, Path file) throws IOException {
    return form == Form.GZIPPED ? Npy.open(file) : DataFiles.open(file).values().iterator().next();
  }

  @ParameterizedTest
  @EnumSource
  void theLastBatchMayBeShort(Form form) throws IOException {
    try (Rows rows = open(form, file(form, Element.F32))) {
      assertEquals(SHAPE, rows.shape());
      assertArrayEquals(
          new float[] {0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112}, rows.next(2).toFloats());
      Tensor second = rows.next(2);
      assertEquals(Shape.of(2, 2, 3), second.shape());
      assertEquals(200, second.getFloat(0));
      assertEquals(312, second.getFloat(11));
      Tensor last = rows.next(1);
      assertEquals(Shape.of(1, 2, 3), last.shape());
      assertArrayEquals(new float[] {400, 401, 402, 410, 411, 412}, last.toFloats());
      assertThrows(IllegalArgumentException.class, () -> rows.next(1));
      assertEquals(0, rows.next(0).elements());
    }
  }

  @ParameterizedTest
  @EnumSource
  void numbersAreWidenedWhileTheyAreGathered(Form form) throws IOException {
    try (Rows rows = open(form, file(form, Element.S16))) {
      rows.next(3);
      assertArrayEquals(
          new int[] {300, 301, 302, 310, 311, 312, 400, 401, 402, 410, 411, 412},
          rows.next(2).toInts());
    }
  }

  @Test
  void theWholeArrayIsInCOrder() throws IOException {
    float[] all = Npy.read(file(Form.PLAIN, Element.F32)).toFloats();
    for (int i = 0; i < 30; i++) {
      assertEquals(100 * (i / 6) + 10 * (i / 3 % 2) + i % 3, all[i]);
    }
    assertArrayEquals(all, Npy.read(npy(Element.F32), "memory").toFloats());
    Map<String, Tensor> zipped = Npz.read(file(Form.ZIPPED, Element.F32));
    assertArrayEquals(all, zipped.get("x").toFloats());
  }

  @Test
  void anArrayCutShortIsRefusedWhenItIsOpened() throws IOException {
    Path file = file(Form.PLAIN, Element.F32);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));
    assertThrows(MalformedFileException.class, () -> Npy.open(file).close());
  }

  @Test
  void rowsOfAnArrayThatNoHeapHoldsAreGathered() throws IOException {
    Path file = folder.resolve("large.npy");
    Shape shape = Shape.of(1L << 30, 3); // 3 GiB, of which the disk holds the header alone
    byte[] header = new NpyHeader(Element.U8, true, shape).bytes();
    Files.write(file, header);
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(header.length + shape.elements());
      large.seek(header.length + (2L << 30) + 1); // row 1 of the last column
      large.write(77);
    }
    try (Rows rows = Npy.open(file)) {
      Tensor first = rows.next(2);
      assertEquals(Shape.of(2, 3), first.shape());
      assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 77}, first.toBytes());
    }
  }

  @Test
  void anEmptyArrayTakesNoTimeHoweverManyColumnsItHas() throws IOException {
    Path file = folder.resolve("empty.npy");
    Files.write(file, new NpyHeader(Element.U8, true, Shape.of(0, 1L << 40, 2)).bytes());
    assertEquals(Shape.of(0, 1L << 40, 2), Npy.read(file).shape());
    Files.write(file, new NpyHeader(Element.U8, true, Shape.of(1L << 40, 0)).bytes());
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> Npy.read(file));
    assertEquals(
        file + ": 1099511627776 rows at once, but 2147483647 are the most", e.getMessage());
  }
}
