package io.octet.io;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// The bytes of one file or member, read from front to back. It knows how many bytes there can be
/// at most, so that a size in a header is checked before memory is taken for it.
final class Section implements Closeable {
  /// Deflate packs at best 1032 bytes into one.
  private static final long DEFLATE_RATIO = 1032;

  private static final int CHUNK = 1 << 16;

  /// A reader over a section, which it closes.
  @FunctionalInterface
  interface Reader<T> {
    T over(Section section) throws IOException;
  }

  private final InputStream in;
  private final String where;
  private final long limit;
  private final Check end;
  private final Optional<Path> plain;
  private long position;

  /// Of what [#spread] gives; none until then, since closing a shared one stops every thread.
  private Arena arena;

  /// What must hold once every byte was read.
  @FunctionalInterface
  private interface Check {
    void run() throws MalformedFileException;
  }

  /// @param plain the file of which this section is the whole, where it is stored as it is
  private Section(InputStream in, String where, long limit, Check end, Optional<Path> plain) {
    this.in = in;
    this.where = where;
    this.limit = limit;
    this.end = end;
    this.plain = plain;
  }

  /// A plain file, or a gzipped one: its first two bytes tell.
  static Section of(Path file) throws IOException {
    return sniff(
        new BufferedInputStream(Files.newInputStream(file), CHUNK),
        file.toString(),
        Files.size(file),
        Optional.of(file));
  }

  /// A file that is in memory already.
  static Section of(byte[] content, String where) throws IOException {
    return sniff(new ByteArrayInputStream(content), where, content.length, Optional.empty());
  }

  /// One member of a zip.
  static Section of(ZipFile zip, ZipEntry member) throws IOException {
    String where = zip.getName() + ", member " + member.getName();
    long packed = member.getCompressedSize();
    long size = member.getSize();
    long most = member.getMethod() == ZipEntry.STORED ? packed : packed * DEFLATE_RATIO;
    if (size < 0 || size > most) {
      throw new MalformedFileException(
          where, "its " + packed + " packed bytes cannot hold the " + size + " that it declares");
    }
    CheckedInputStream in = new CheckedInputStream(unzip(zip, member, where), new CRC32());
    Check sum =
        () -> {
          if (in.getChecksum().getValue() != member.getCrc()) {
            throw new MalformedFileException(where, "damaged: its checksum does not match");
          }
        };
    return new Section(new BufferedInputStream(in, CHUNK), where, size, sum, Optional.empty());
  }

  private static InputStream unzip(ZipFile zip, ZipEntry member, String where) throws IOException {
    try {
      return zip.getInputStream(member);
    } catch (ZipException | EOFException e) {
      throw new MalformedFileException(where, "cannot be unpacked: " + e.getMessage(), e);
    }
  }

  private static Section sniff(InputStream in, String where, long size, Optional<Path> file)
      throws IOException {
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    if (!gzip) {
      return new Section(in, where, size, () -> {}, file);
    }
    try {
      return new Section(
          new BufferedInputStream(new GZIPInputStream(in, CHUNK), CHUNK),
          where,
          size * DEFLATE_RATIO,
          () -> {},
          Optional.empty());
    } catch (EOFException | ZipException e) {
      in.close();
      throw new MalformedFileException(where, "damaged gzip header", e);
    }
  }

  /// A reader that owns this section from now on; where it cannot begin, the section is closed.
  <T> T handTo(Reader<T> reader) throws IOException {
    boolean taken = false;
    try {
      T result = reader.over(this);
      taken = true;
      return result;
    } finally {
      if (!taken) {
        close();
      }
    }
  }

  /// How errors name this section.
  String where() {
    return where;
  }

  /// The bytes that can still come, at most.
  long remaining() {
    return limit - position;
  }

  /// The next `count` bytes, which stand for `what`.
  byte[] take(int count, String what) throws IOException {
    require(count, what);
    byte[] bytes = new byte[count];
    fill(MemorySegment.ofArray(bytes), what);
    return bytes;
  }

  /// Refuses `bytes` where the section cannot hold as many.
  void require(long bytes, String what) throws MalformedFileException {
    if (bytes > remaining()) {
      throw new MalformedFileException(
          where,
          "cut short: "
              + what
              + " takes "
              + bytes
              + " bytes, but at most "
              + remaining()
              + " are left");
    }
  }

  /// Fills `target` with the next bytes.
  void fill(MemorySegment target, String what) throws IOException {
    require(target.byteSize(), what);
    byte[] chunk = new byte[(int) Math.min(CHUNK, target.byteSize())];
    for (long done = 0; done < target.byteSize(); ) {
      int wanted = (int) Math.min(chunk.length, target.byteSize() - done);
      int got = read(chunk, wanted);
      if (got < wanted) {
        throw new MalformedFileException(
            where,
            "cut short: "
                + what
                + " takes "
                + target.byteSize()
                + " bytes, but there are "
                + (done + got));
      }
      MemorySegment.copy(MemorySegment.ofArray(chunk), 0, target, done, got);
      done += got;
    }
    position += target.byteSize();
    if (position == limit) {
      end.run();
    }
  }

  /// The next `bytes`, to be read in any order until this section is closed. Those of a plain file
  /// stay there; others are unpacked into memory outside of the heap.
  MemorySegment spread(long bytes, String what) throws IOException {
    require(bytes, what);
    arena = arena == null ? Arena.ofShared() : arena;
    if (plain.isEmpty()) {
      MemorySegment unpacked = arena.allocate(bytes);
      fill(unpacked, what);
      return unpacked;
    }
    try (FileChannel file = FileChannel.open(plain.get(), StandardOpenOption.READ)) {
      MemorySegment mapped = file.map(MapMode.READ_ONLY, position, bytes, arena);
      in.skipNBytes(bytes);
      position += bytes;
      return mapped;
    }
  }

  /// Reads past the last byte, where gzip keeps its checksum.
  void end() throws IOException {
    read(new byte[1], 1);
  }

  private int read(byte[] chunk, int wanted) throws IOException {
    try {
      return in.readNBytes(chunk, 0, wanted);
    } catch (EOFException | ZipException e) {
      throw new MalformedFileException(where, "damaged compression: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    if (arena != null && arena.scope().isAlive()) {
      arena.close();
    }
    in.close();
  }
}
