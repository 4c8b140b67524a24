package io.octet.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.testkit.ChildJvm;
import io.octet.testkit.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
  private static final int WRITERS = 4;
  private static final int ENTRIES = 50;

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("findings.txt");
  }

  /// As another process sees it.
  private Store another() {
    return new Store(Optional.of(folder));
  }

  private Store withThree() {
    Store store = another();
    store.put("one", "1");
    store.put("two", "2");
    store.put("three", "3");
    return store;
  }

  @Test
  void anotherProcessRemembersWhatThisOnePut() {
    another().put("a key\twith\nlines\\n", "a value\r\\ and ü");
    assertEquals(Optional.of("a value\r\\ and ü"), another().get("a key\twith\nlines\\n"));
    assertEquals(Optional.empty(), another().get("a key"));
  }

  @Test
  void theLastValueOfAKeyStands() {
    withThree().put("two", "twice");
    assertEquals(Optional.of("twice"), another().get("two"));
  }

  @Test
  void whatIsPutHereStaysInThisProcess() {
    Store store = withThree();
    store.putHere("mine", "0");
    store.put("four", "4");
    assertEquals(Optional.of("0"), store.get("mine"));
    assertEquals(Optional.empty(), another().get("mine"));
  }

  @Test
  void sameFolderMeansSameStore() {
    assertEquals(Store.in(folder), Store.in(folder.resolve("x").resolve("..")));
  }

  @Test
  void aFileCutAnywhereLosesEntriesAndLiesAboutNone() throws IOException {
    withThree();
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      assertTruthful(another(), "cut to " + length);
      assertMends("cut to " + length);
    }
  }

  @Test
  void aDamagedFileIsIgnoredWhereItIsDamagedAndWrittenAnew() throws IOException {
    withThree();
    byte[] whole = Files.readAllBytes(file());
    Seeds.cases(60)
        .forEach(
            seed -> {
              SplittableRandom random = new SplittableRandom(seed);
              byte[] damaged = whole.clone();
              for (int i = random.nextInt(1, 4); i > 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
              }
              write(damaged);
              assertTruthful(another(), Seeds.replay(seed));
              assertMends(Seeds.replay(seed));
            });
  }

  @Test
  void aFileOfAnotherFormatIsReplacedByTheNextEntry() throws IOException {
    Files.writeString(file(), "octet findings 99\n00000000\tone\twrong\n");
    assertEquals(Optional.empty(), another().get("one"));
    another().put("four", "4");
    assertEquals(Optional.of("4"), another().get("four"));
    assertTrue(Files.readString(file()).startsWith("octet findings 1\n"));
  }

  @Test
  void aFileThatGrewBeyondMeasureStartsAnew() throws IOException {
    withThree();
    Files.write(file(), new byte[9 << 20], java.nio.file.StandardOpenOption.APPEND);
    assertEquals(Optional.empty(), another().get("one"));
    another().put("four", "4");
    assertTrue(Files.size(file()) < 1000, "the file was written anew");
  }

  /// Whatever is left says what was put, or nothing.
  private static void assertTruthful(Store store, String how) {
    Map.of("one", "1", "two", "2", "three", "3")
        .forEach(
            (key, value) ->
                assertTrue(
                    store.get(key).isEmpty() || store.get(key).equals(Optional.of(value)), how));
  }

  private void assertMends(String how) {
    withThree().put("four", "4");
    Store mended = another();
    assertEquals(Optional.of("1"), mended.get("one"), how);
    assertEquals(Optional.of("2"), mended.get("two"), how);
    assertEquals(Optional.of("3"), mended.get("three"), how);
    assertFalse(Lines.parse(read()).damaged(), how);
  }

  @Test
  void aFileThatIsLostComesBackWithEverything() throws IOException {
    Store store = withThree();
    Files.delete(file());
    store.put("four", "4");
    assertEquals(Optional.of("1"), another().get("one"));
    assertEquals(Optional.of("4"), another().get("four"));
  }

  @Test
  void aFolderThatCannotBeWrittenLeavesAStoreInMemory() throws IOException {
    Path occupied = Files.writeString(folder.resolve("occupied"), "a file");
    Store store = new Store(Optional.of(occupied.resolve("octet")));
    store.put("one", "1");
    assertEquals(Optional.of("1"), store.get("one"));
    assertEquals("a file", Files.readString(occupied));
  }

  @Test
  void aFolderThatCanBeWrittenLaterGetsEverything() throws IOException {
    Path occupied = Files.writeString(folder.resolve("occupied"), "a file");
    Store store = new Store(Optional.of(occupied));
    store.put("one", "1");
    Files.delete(occupied);
    store.put("two", "2");
    assertEquals(Optional.of("1"), new Store(Optional.of(occupied)).get("one"));
  }

  @Test
  void withoutAFolderMemoryServes() {
    Store store = new Store(Optional.empty());
    store.put("one", "1");
    assertEquals(Optional.of("1"), store.get("one"));
  }

  @Test
  void anInterruptedThreadReadsAndWritesAndStaysInterrupted() {
    withThree();
    Thread.currentThread().interrupt();
    Store store = another();
    Optional<String> read = store.get("two");
    store.put("four", "4");
    assertTrue(Thread.interrupted(), "still interrupted");
    assertEquals(Optional.of("2"), read);
    assertEquals(Optional.of("4"), another().get("four"));
  }

  @Test
  void threadsThatWriteAtOnceLoseNothing() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      List<Callable<Void>> writers = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        Store own = another(); // as if each were a process
        String name = "writer " + w;
        writers.add(
            () -> {
              fill(own, name);
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(writers)) {
        done.get();
      }
    }
    for (int w = 0; w < WRITERS; w++) {
      assertHasAll("writer " + w);
    }
  }

  @Test
  void processesThatWriteAtOnceLoseNothing() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Callable<ChildJvm.Outcome>> writers =
          List.of(
              () -> ChildJvm.run(List.of(), Writer.class, folder.toString(), "first"),
              () -> ChildJvm.run(List.of(), Writer.class, folder.toString(), "second"));
      for (Future<ChildJvm.Outcome> done : threads.invokeAll(writers)) {
        done.get().expect(0);
      }
    }
    assertHasAll("first");
    assertHasAll("second");
  }

  /// A process that fills the store of a folder.
  static final class Writer {
    public static void main(String[] arguments) {
      fill(Store.in(Path.of(arguments[0])), arguments[1]);
    }
  }

  private static void fill(Store store, String name) {
    for (int i = 0; i < ENTRIES; i++) {
      store.put(name + " " + i, "value " + i);
    }
  }

  private void assertHasAll(String name) {
    Store store = another();
    for (int i = 0; i < ENTRIES; i++) {
      assertEquals(Optional.of("value " + i), store.get(name + " " + i), name);
    }
    assertFalse(Lines.parse(read()).damaged());
  }

  private void write(byte[] bytes) {
    try {
      Files.write(file(), bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String read() {
    try {
      return Files.readString(file(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
