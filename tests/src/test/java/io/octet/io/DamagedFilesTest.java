package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.octet.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files cut short, damaged, or lying about their size: an exception that names the file, and no
/// memory taken for what is not there.
class DamagedFilesTest {
  @TempDir Path folder;

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  @Test
  void everyPrefixOfAFileIsRefusedByName() throws IOException {
    for (String name :
        new String[] {"version1.npy", "version2.npy", "stored.npz", "deflated.npz"}) {
      byte[] whole = Files.readAllBytes(NumpyFilesTest.numpy(name));
      for (int length = 0; length < whole.length; length++) {
        Path cut = file("cut-" + name, Arrays.copyOf(whole, length));
        MalformedFileException e =
            assertThrows(
                MalformedFileException.class, () -> readAll(cut), name + " cut at " + length);
        assertTrue(e.getMessage().contains(cut.toString()), e.getMessage());
      }
    }
  }

  @Test
  void everyChangedByteGivesArraysOrAnIoException() throws IOException {
    for (String name : new String[] {"version1.npy", "stored.npz", "deflated.npz"}) {
      byte[] whole = Files.readAllBytes(NumpyFilesTest.numpy(name));
      for (int at = 0; at < whole.length; at++) {
        byte[] changed = whole.clone();
        changed[at] ^= (byte) (1 << (at % 8));
        Path file = file("changed-" + name, changed);
        try {
          readAll(file);
        } catch (IOException e) {
          assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        } catch (RuntimeException | OutOfMemoryError e) {
          fail(name + " changed at " + at, e);
        }
      }
    }
  }

  private static void readAll(Path file) throws IOException {
    for (Rows rows : DataFiles.open(file).values()) {
      try (rows) {
        rows.next(Math.toIntExact(rows.count()));
      }
    }
  }

  @Test
  void aChangedNumberInAZipIsNoticed() throws IOException {
    byte[] whole = Files.readAllBytes(NumpyFilesTest.numpy("stored.npz"));
    whole[200] ^= 1; // within the numbers of the first, stored member
    Path file = file("flipped.npz", whole);
    IOException e = assertThrows(MalformedFileException.class, () -> Npz.read(file));
    assertTrue(e.getMessage().contains("checksum"), e.getMessage());
    assertTrue(e.getMessage().contains("f2.npy"), e.getMessage());
  }

  @Test
  void aHeaderThatPromisesMoreThanTheFileHoldsCostsNoMemory() throws IOException {
    for (String shape : new String[] {"(1000000000, 1000)", "(9223372036854775807, 2)", "(3, )"}) {
      Path file =
          file(
              "liar.npy",
              npy("{'descr': '<f4', 'fortran_order': False, 'shape': %s, }".formatted(shape)));
      assertThrows(MalformedFileException.class, () -> Npy.read(file), shape);
    }
    byte[] idx = {0, 0, 0x0d, 2, 0x7f, -1, -1, -1, 0x7f, -1, -1, -1};
    assertThrows(MalformedFileException.class, () -> Idx.read(file("liar.idx", idx)));
    assertThrows(MalformedFileException.class, () -> Idx.read(file("liar.gz", gzip(idx))));
  }

  @Test
  void aHeaderThatIsNoDictionaryIsQuoted() throws IOException {
    for (String header :
        new String[] {
          "",
          "{}",
          "{'descr': '<f4'}",
          "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}",
          "{'descr': '<f4', 'fortran_order': True, 'shape': (-1,)}",
          "{'descr': '<f4', 'fortran_order': True, 'shape': (1 2,)}",
          "{'descr': '<f4', 'fortran_order': True, 'shape': (99999999999999999999,)}"
        }) {
      assertThrows(MalformedFileException.class, () -> Npy.read(npy(header), "header.npy"), header);
    }
  }

  @Test
  void aFileOfNoKnownKindSaysWhichAreKnown() throws IOException {
    Path file = file("notes.txt", "hello, world".getBytes(StandardCharsets.UTF_8));
    IOException e = assertThrows(MalformedFileException.class, () -> DataFiles.open(file));
    assertEquals(
        file + ": neither npz nor npy nor IDX (gzipped or not), by its first bytes",
        e.getMessage());
  }

  @Test
  void idxCutShortOrWronglyTypedIsRefused() throws IOException {
    byte[] idx = {0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
    assertEquals("u8[2,3]", Idx.read(file("whole.idx", idx)).toString());
    for (int length = 0; length < idx.length; length++) {
      byte[] cut = Arrays.copyOf(idx, length);
      assertThrows(MalformedFileException.class, () -> Idx.read(file("cut.idx", cut)));
      assertThrows(MalformedFileException.class, () -> Idx.read(file("cut.gz", gzip(cut))));
    }
    byte[] packed = gzip(idx);
    for (int length = 2; length < packed.length; length++) {
      byte[] cut = Arrays.copyOf(packed, length);
      assertThrows(MalformedFileException.class, () -> Idx.read(file("cut.gz", cut)));
    }
    idx[2] = 0x10;
    assertThrows(MalformedFileException.class, () -> Idx.read(file("type.idx", idx)));
  }

  @Test
  void aZipOfOtherThingsIsNoNpz() throws IOException {
    Path file = folder.resolve("archive.npz");
    Npz.write(file, Map.of("x", Tensor.scalar(1)));
    byte[] content = Files.readAllBytes(file);
    String text = new String(content, StandardCharsets.ISO_8859_1).replace("x.npy", "x.txt");
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    IOException e = assertThrows(MalformedFileException.class, () -> Npz.read(file));
    assertTrue(e.getMessage().contains("x.txt"), e.getMessage());
  }

  private static byte[] npy(String header) {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.write(text.length);
    out.write(text.length >> 8);
    out.writeBytes(text);
    return out.toByteArray();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }
}
