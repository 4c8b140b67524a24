package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A zip whose members share bytes unpacks to any multiple of what its file holds.
class OverlappingMembersTest {
  private static final int ENTRY = 0x02014b50;

  @TempDir private Path folder;

  private byte[] npz(String... names) throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    for (String name : names) {
      arrays.put(name, Tensor.of(new float[] {1, 2, 3}, 3));
    }
    Path file = folder.resolve("plain.npz");
    Npz.write(file, arrays);
    return Files.readAllBytes(file);
  }

  /// Where the directory's entries begin.
  private static List<Integer> entries(ByteBuffer zip) {
    return java.util.stream.IntStream.range(0, zip.limit() - 4)
        .filter(at -> zip.getInt(at) == ENTRY)
        .boxed()
        .toList();
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.resolve("changed.npz"), content);
  }

  private void assertRefused(byte[] content, String words) throws IOException {
    Path file = file(content);
    for (boolean open : new boolean[] {true, false}) {
      MalformedFileException e =
          assertThrows(
              MalformedFileException.class, () -> Object.class.cast(read(file, open)), words);
      assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
      assertTrue(e.getMessage().contains(words), e.getMessage());
    }
  }

  private static Object read(Path file, boolean open) throws IOException {
    return open ? Npz.open(file) : Npz.read(file);
  }

  @Test
  void twoNamesForOneMemberAreRefused() throws IOException {
    byte[] zip = npz("a", "b");
    ByteBuffer bytes = littleEndian(zip);
    List<Integer> entries = entries(bytes);
    bytes.putInt(entries.get(1) + 42, bytes.getInt(entries.get(0) + 42));
    assertRefused(zip, "members \"a.npy\" and \"b.npy\" overlap: both claim byte 0");
  }

  @Test
  void aMemberThatReachesIntoTheNextIsRefused() throws IOException {
    byte[] zip = npz("a", "b");
    ByteBuffer bytes = littleEndian(zip);
    int packed = entries(bytes).getFirst() + 20;
    bytes.putInt(packed, bytes.getInt(packed) + 40);
    assertRefused(zip, "members \"a.npy\" and \"b.npy\" overlap");
  }

  @Test
  void aMemberThatReachesIntoTheDirectoryIsRefused() throws IOException {
    byte[] zip = npz("a");
    ByteBuffer bytes = littleEndian(zip);
    int packed = entries(bytes).getFirst() + 20;
    bytes.putInt(packed, bytes.getInt(packed) + 40);
    assertRefused(zip, "member \"a.npy\" claims");
    bytes.putInt(packed, Integer.MAX_VALUE);
    assertRefused(zip, "member \"a.npy\" claims");
  }

  @Test
  void aMemberOutsideOfTheFileIsRefused() throws IOException {
    byte[] zip = npz("a");
    ByteBuffer bytes = littleEndian(zip);
    int place = entries(bytes).getFirst() + 42;
    bytes.putInt(place, bytes.limit());
    assertRefused(zip, "member \"a.npy\" lies outside of the file");
    bytes.putInt(place, 1);
    assertRefused(zip, "member \"a.npy\" has no header at byte 1");
  }

  @Test
  void manyMembersSideBySideAreRead() throws IOException {
    String[] names = new String[300];
    java.util.Arrays.setAll(names, i -> "array" + i);
    Map<String, Tensor> arrays = Npz.read(file(npz(names)));
    assertEquals(300, arrays.size());
    assertArrayEquals(new float[] {1, 2, 3}, arrays.get("array299").toFloats());
  }

  @Test
  void whatStandsBeforeAndBehindAZipIsNoneOfItsMembers() throws IOException {
    byte[] zip = npz("a", "b");
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.writeBytes("PK, and more before it".getBytes(StandardCharsets.US_ASCII));
    longer.writeBytes(zip);
    assertEquals(2, Npz.read(file(longer.toByteArray())).size());
    ByteArrayOutputStream comment = new ByteArrayOutputStream();
    comment.write(zip, 0, zip.length - 2);
    comment.writeBytes(new byte[] {3, 0, 'e', 'n', 'd'});
    assertEquals(2, Npz.read(file(comment.toByteArray())).size());
  }

  /// numpy writes sizes of 64 bits where an array has 4 GiB or more; here a small one has them.
  @Test
  void sizesOf64BitsAreReadWhereTheyStand() throws IOException {
    byte[] zip = npz("a", "b");
    assertEquals(2, Npz.read(file(wide(zip, 0))).size());
    assertRefused(wide(zip, 40), "members \"a.npy\" and \"b.npy\" overlap");
    assertRefused(wide(zip, 1L << 40), "member \"a.npy\" claims");
  }

  @Test
  void aDirectoryOf64BitsIsReadWhereItStands() throws IOException {
    byte[] zip = npz("a", "b");
    ByteBuffer old = littleEndian(zip);
    int end = zip.length - 22;
    byte[] longer = java.util.Arrays.copyOf(zip, zip.length + 56 + 20);
    System.arraycopy(zip, end, longer, end + 56 + 20, 22);
    ByteBuffer bytes = littleEndian(longer);
    bytes.putInt(end, 0x06064b50).putLong(end + 4, 44);
    bytes.putShort(end + 12, (short) 45).putShort(end + 14, (short) 45);
    bytes.putInt(end + 16, 0).putInt(end + 20, 0);
    bytes.putLong(end + 24, 2).putLong(end + 32, 2);
    bytes.putLong(end + 40, old.getInt(end + 12)).putLong(end + 48, old.getInt(end + 16));
    bytes.putInt(end + 56, 0x07064b50).putInt(end + 60, 0);
    bytes.putLong(end + 64, end).putInt(end + 72, 1);
    bytes.putInt(end + 76 + 12, -1).putInt(end + 76 + 16, -1);
    assertEquals(2, Npz.read(file(longer)).size());
    int entry = entries(bytes).get(1);
    bytes.putInt(entry + 42, 0);
    assertRefused(longer, "members \"a.npy\" and \"b.npy\" overlap");
    bytes.putLong(end + 64, Long.MAX_VALUE);
    assertRefused(longer, "not an npz file, or cut short");
  }

  @Test
  void aDirectoryThatIsDamagedIsRefused() throws IOException {
    byte[] zip = npz("a");
    int end = zip.length - 22;
    ByteBuffer bytes = littleEndian(zip);
    bytes.putShort(end + 20, (short) 1);
    assertRefused(zip, "its zip directory does not end with the file");
    bytes.putShort(end + 20, (short) 0);
    bytes.putInt(end + 12, zip.length);
    assertRefused(zip, "lies outside of the file");
    bytes.putInt(end + 12, end - entries(bytes).getFirst() - 1);
    assertRefused(zip, folder.toString());
    assertRefused(java.util.Arrays.copyOf(zip, end), "it has no zip directory");
  }

  /// The first entry with its numbers in the extra field, the packed size being `more` too large.
  private static byte[] wide(byte[] zip, long more) {
    ByteBuffer old = littleEndian(zip);
    int entry = entries(old).getFirst();
    int name = old.getShort(entry + 28);
    int at = entry + 46 + name;
    int added = 4 + 3 * Long.BYTES;
    byte[] longer = new byte[zip.length + added];
    System.arraycopy(zip, 0, longer, 0, at);
    System.arraycopy(zip, at, longer, at + added, zip.length - at);
    ByteBuffer bytes = littleEndian(longer);
    bytes.putShort(at, (short) 1).putShort(at + 2, (short) (3 * Long.BYTES));
    bytes.putLong(at + 4, old.getInt(entry + 24));
    bytes.putLong(at + 12, old.getInt(entry + 20) + more);
    bytes.putLong(at + 20, old.getInt(entry + 42));
    bytes.putShort(entry + 30, (short) (old.getShort(entry + 30) + added));
    bytes.putInt(entry + 20, -1).putInt(entry + 24, -1).putInt(entry + 42, -1);
    int end = longer.length - 22;
    bytes.putInt(end + 12, bytes.getInt(end + 12) + added);
    return longer;
  }
}
