package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SectionTest {
  @TempDir private Path folder;

  private static byte[] ramp(int n) {
    byte[] bytes = new byte[n];
    for (int i = 0; i < n; i++) {
      bytes[i] = (byte) (i % 251);
    }
    return bytes;
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  @Test
  void bytesComeInTheirOrderAndAreCounted() throws IOException {
    byte[] content = ramp(200_000); // several chunks
    Path file = Files.write(folder.resolve("plain"), content);
    try (Section section = Section.of(file)) {
      assertEquals(file.toString(), section.where());
      assertEquals(200_000, section.remaining());
      assertArrayEquals(ramp(3), section.take(3, "three"));
      assertEquals(199_997, section.remaining());
      MemorySegment rest = MemorySegment.ofArray(new byte[199_997]);
      section.fill(rest, "the rest");
      assertEquals(-1, rest.mismatch(MemorySegment.ofArray(content).asSlice(3)));
      assertEquals(0, section.remaining());
      MalformedFileException e =
          assertThrows(MalformedFileException.class, () -> section.take(1, "one more"));
      assertEquals(
          file + ": cut short: one more takes 1 bytes, but at most 0 are left", e.getMessage());
    }
  }

  @Test
  void aGzippedFileThatEndsTooEarlySaysHowMuchThereIs() throws IOException {
    Section section = Section.of(gzip(ramp(70_000)), "memory");
    assertTrue(section.remaining() >= 70_000, "deflate packs at best 1032 bytes into one");
    byte[] target = new byte[70_001];
    MalformedFileException e =
        assertThrows(
            MalformedFileException.class, () -> section.fill(MemorySegment.ofArray(target), "all"));
    assertEquals("memory: cut short: all takes 70001 bytes, but there are 70000", e.getMessage());
  }

  @Test
  void bytesToBeReadInAnyOrderFollowThoseTakenBefore() throws IOException {
    byte[] content = ramp(100_000);
    Path plain = Files.write(folder.resolve("plain"), content);
    Path packed = Files.write(folder.resolve("packed"), gzip(content));
    for (Path file : new Path[] {plain, packed}) {
      MemorySegment spread;
      try (Section section = Section.of(file)) {
        section.take(10, "ten");
        spread = section.spread(99_000, "many");
        assertEquals(content[10], spread.get(ValueLayout.JAVA_BYTE, 0));
        assertEquals(content[99_009], spread.get(ValueLayout.JAVA_BYTE, 98_999));
        assertArrayEquals(
            java.util.Arrays.copyOfRange(content, 99_010, 99_020), section.take(10, "ten"));
        assertThrows(MalformedFileException.class, () -> section.spread(1_032L * 100_000, "more"));
        assertEquals(
            file.equals(plain), section.remaining() == 100_000 - 99_020, "what is left is known");
      }
      assertFalse(spread.scope().isAlive(), "it is given back when the section is closed");
    }
  }

  @Test
  void whatCannotBeHandedOnIsClosed() throws IOException {
    Path file = Files.write(folder.resolve("plain"), ramp(10));
    Section section = Section.of(file);
    assertThrows(
        IOException.class,
        () ->
            section.handTo(
                s -> {
                  throw new IOException("no");
                }));
    assertThrows(IOException.class, () -> section.take(5, "five"), "the file is closed");
    Section kept = Section.of(file);
    assertEquals(10, kept.handTo(Section::remaining));
    assertEquals(5, kept.take(5, "five").length);
    kept.close();
  }

  @Test
  void aDamagedGzipHeaderIsNamed() throws IOException {
    byte[] packed = gzip(ramp(10));
    packed[2] = 7; // no deflate
    Path file = Files.write(folder.resolve("packed"), packed);
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> Section.of(file));
    assertEquals(file + ": damaged gzip header", e.getMessage());
  }
}
