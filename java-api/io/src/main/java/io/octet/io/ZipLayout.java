package io.octet.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Where the members of a zip lie in its file. Members that share bytes unpack to any multiple of
/// what the file holds, and no program writes them: they are refused. The JDK reads zips, but does
/// not tell where their members lie.
final class ZipLayout {
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END64_LOCATOR = 0x07064b50;
  private static final int ENTRY_SIGNATURE = 0x02014b50;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR_BYTES = 20;
  private static final int END64_BYTES = 56;
  private static final int ENTRY_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int LONGEST_COMMENT = 0xffff;

  /// What stands where a number of 64 bits is kept elsewhere.
  private static final long WIDE = 0xffffffffL;

  private static final int WIDE_COUNT = 0xffff;

  /// A member with its local header, from the file's byte `from` to before `to`.
  private record Extent(String member, long from, long to) {}

  /// The directory of members: `begin` is where it lies, `offset` where it says that it lies.
  /// Programs that put something before a zip leave the second as it was.
  private record Directory(long begin, long offset, long bytes) {
    long shift() {
      return begin - offset;
    }
  }

  private final RandomAccessFile file;
  private final String where;

  private ZipLayout(RandomAccessFile file, String where) {
    this.file = file;
    this.where = where;
  }

  /// Refuses a zip of which two members share bytes.
  ///
  /// @throws MalformedFileException if they do, or lie beyond the file or within its directory
  static void check(Path zip) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(zip.toFile(), "r")) {
      new ZipLayout(file, zip.toString()).check();
    }
  }

  private void check() throws IOException {
    Directory directory = directory();
    List<Extent> extents = extents(directory);
    extents.sort(Comparator.comparingLong(Extent::from));
    Extent before = new Extent("", 0, 0);
    for (Extent extent : extents) {
      if (extent.from() < before.to()) {
        throw malformed(
            "members \"%s\" and \"%s\" overlap: both claim byte %d"
                .formatted(before.member(), extent.member(), extent.from()));
      }
      before = extent;
    }
    if (before.to() > directory.begin()) {
      throw malformed(
          "member \"%s\" claims bytes to %d, but the directory begins at %d"
              .formatted(before.member(), before.to(), directory.begin()));
    }
  }

  private Directory directory() throws IOException {
    long length = file.length();
    int tail = (int) Math.min(length, LONGEST_COMMENT + END_BYTES);
    ByteBuffer bytes = read(length - tail, tail);
    for (int at = tail - END_BYTES; at >= 0; at--) {
      // The JDK takes the last one too, so both look at the same directory.
      if (bytes.getInt(at) == END_SIGNATURE) {
        if (at + END_BYTES + unsigned16(bytes, at + 20) != tail) {
          throw malformed("its zip directory does not end with the file");
        }
        return directory(bytes.slice(at, END_BYTES).order(LITTLE_ENDIAN), length - tail + at);
      }
    }
    throw malformed("not an npz file, or cut short: it has no zip directory");
  }

  private Directory directory(ByteBuffer record, long end) throws IOException {
    long bytes = unsigned32(record, 12);
    long offset = unsigned32(record, 16);
    boolean wide = bytes == WIDE || offset == WIDE || unsigned16(record, 10) == WIDE_COUNT;
    if (wide && end >= LOCATOR_BYTES) {
      ByteBuffer locator = read(end - LOCATOR_BYTES, LOCATOR_BYTES);
      if (locator.getInt(0) == END64_LOCATOR) {
        long end64 = locator.getLong(8);
        ByteBuffer record64 = read(end64, END64_BYTES);
        return placed(end64, record64.getLong(40), record64.getLong(48));
      }
    }
    return placed(end, bytes, offset);
  }

  private Directory placed(long end, long bytes, long offset) throws MalformedFileException {
    if (bytes < 0 || offset < 0 || bytes > end || offset > end - bytes || bytes > 1 << 30) {
      throw malformed("its zip directory of " + bytes + " bytes lies outside of the file");
    }
    return new Directory(end - bytes, offset, bytes);
  }

  private List<Extent> extents(Directory directory) throws IOException {
    ByteBuffer entries = read(directory.begin(), (int) directory.bytes());
    List<Extent> extents = new ArrayList<>();
    int at = 0;
    while (at + ENTRY_BYTES <= directory.bytes() && entries.getInt(at) == ENTRY_SIGNATURE) {
      int name = unsigned16(entries, at + 28);
      int extra = unsigned16(entries, at + 30);
      int next = at + ENTRY_BYTES + name + extra + unsigned16(entries, at + 32);
      if (next > directory.bytes()) {
        throw malformed("its zip directory is damaged");
      }
      extents.add(extent(entries.slice(at, next - at).order(LITTLE_ENDIAN), directory));
      at = next;
    }
    return extents;
  }

  private Extent extent(ByteBuffer entry, Directory directory) throws IOException {
    int nameBytes = unsigned16(entry, 28);
    byte[] name = new byte[nameBytes];
    entry.get(ENTRY_BYTES, name);
    ByteBuffer extra =
        entry.slice(ENTRY_BYTES + nameBytes, unsigned16(entry, 30)).order(LITTLE_ENDIAN);
    long size = unsigned32(entry, 24);
    long packed = unsigned32(entry, 20);
    long local = unsigned32(entry, 42);
    // A size of 64 bits stands in the extra field, in the order: size, packed size, place.
    int wide = wideFields(extra);
    if (wide >= 0) {
      wide += size == WIDE ? Long.BYTES : 0;
      if (packed == WIDE) {
        packed = wide(extra, wide);
        wide += Long.BYTES;
      }
      local = local == WIDE ? wide(extra, wide) : local;
    }
    String member = new String(name, StandardCharsets.UTF_8);
    long from = directory.shift() + local;
    if (from < 0 || packed < 0 || from > directory.begin() - LOCAL_BYTES) {
      throw malformed("member \"" + member + "\" lies outside of the file");
    }
    ByteBuffer header = read(from, LOCAL_BYTES);
    if (header.getInt(0) != LOCAL_SIGNATURE) {
      throw malformed("member \"" + member + "\" has no header at byte " + from);
    }
    long data = from + LOCAL_BYTES + unsigned16(header, 26) + unsigned16(header, 28);
    if (packed > directory.begin() - data) {
      throw malformed(
          "member \"%s\" claims %d bytes from %d, but the directory begins at %d"
              .formatted(member, packed, data, directory.begin()));
    }
    return new Extent(member, from, data + packed);
  }

  /// Where the wide numbers begin in an extra field; -1 where there are none.
  private static int wideFields(ByteBuffer extra) {
    int at = 0;
    while (at + 4 <= extra.limit()) {
      if (unsigned16(extra, at) == 1) {
        return at + 4;
      }
      at += 4 + unsigned16(extra, at + 2);
    }
    return -1;
  }

  private long wide(ByteBuffer extra, int at) throws MalformedFileException {
    if (at + Long.BYTES > extra.limit()) {
      throw malformed("its zip directory is damaged");
    }
    return extra.getLong(at);
  }

  private ByteBuffer read(long from, int bytes) throws IOException {
    if (from < 0 || from > file.length() - bytes) {
      throw malformed("not an npz file, or cut short");
    }
    byte[] content = new byte[bytes];
    file.seek(from);
    file.readFully(content);
    return ByteBuffer.wrap(content).order(LITTLE_ENDIAN);
  }

  private static int unsigned16(ByteBuffer from, int at) {
    return from.getShort(at) & 0xffff;
  }

  private static long unsigned32(ByteBuffer from, int at) {
    return from.getInt(at) & 0xffffffffL;
  }

  private MalformedFileException malformed(String problem) {
    return new MalformedFileException(where, problem);
  }
}
