package io.octet.internal.store;

import io.octet.internal.file.AtomicFile;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Short texts by key, kept in one file of a folder. Whoever asks must be able to find out again:
/// nothing is lost but time where the file is damaged, removed, or cannot be written.
///
/// Any number of threads and processes may write at once. An entry is one line with a checksum,
/// appended by one write; a line that is torn or damaged counts as absent, and the whole file is
/// written anew with the next entry. Reading and writing do not heed interrupts.
public final class Store {
  private static final String FILE = "findings.txt";

  /// More than that is not read: then the file starts anew.
  private static final long MOST_BYTES = 8 << 20;

  /// Lines that nobody needs any more, because a later one has the same key, before the file is
  /// written anew.
  private static final int MOST_IDLE_LINES = 1000;

  /// More than that are not held: all are forgotten then.
  private static final int MOST_ENTRIES = 1 << 14;

  private static final Map<Path, Store> OPEN = new ConcurrentHashMap<>();

  private final Optional<Path> file;
  private final Map<String, String> here = new HashMap<>();
  private Map<String, String> entries;
  private boolean rewrite;

  /// @param folder empty for a store that this process alone has
  Store(Optional<Path> folder) {
    this.file = folder.map(f -> f.resolve(FILE));
  }

  /// The store of that folder, the same for all who ask in this process. Nothing is read or created
  /// before it is used.
  public static Store in(Path folder) {
    return OPEN.computeIfAbsent(
        folder.toAbsolutePath().normalize(), path -> new Store(Optional.of(path)));
  }

  /// The store of {@link CacheFolder#find()}; where there is none, one that this process alone has.
  public static Store standard() {
    return CacheFolder.find().map(Store::in).orElse(Unkept.STORE);
  }

  private static final class Unkept {
    static final Store STORE = new Store(Optional.empty());
  }

  /// What is remembered under that key.
  public synchronized Optional<String> get(String key) {
    String kept = entries().get(key);
    return Optional.ofNullable(kept != null ? kept : here.get(key));
  }

  /// Remembers it in this process alone.
  public synchronized void putHere(String key, String value) {
    if (here.size() >= MOST_ENTRIES) {
      here.clear();
    }
    here.put(key, value);
  }

  /// Remembers it from now on, and in other processes if the file can be written.
  public synchronized void put(String key, String value) {
    if (entries().size() >= MOST_ENTRIES) {
      entries.clear();
      rewrite = true;
    }
    if (!value.equals(entries().put(key, value)) && file.isPresent()) {
      keep(file.get(), key, value);
    }
  }

  private Map<String, String> entries() {
    if (entries == null) {
      Lines lines = file.map(Store::read).orElse(Lines.NONE);
      entries = new LinkedHashMap<>(lines.entries());
      rewrite = lines.damaged() || lines.count() - entries.size() > MOST_IDLE_LINES;
    }
    return entries;
  }

  /// A file that is not there, or cannot be read, has nothing in it.
  private static Lines read(Path file) {
    try (InputStream in = new FileInputStream(file.toFile())) {
      if (Files.size(file) > MOST_BYTES) {
        return Lines.DAMAGED;
      }
      return Lines.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException _) {
      return Lines.NONE;
    }
  }

  /// Where the file cannot be written, memory has the entry, and the next one tries again: a disk
  /// may be full only for now.
  private void keep(Path target, String key, String value) {
    try {
      if (rewrite) {
        rewrite(target);
      } else if (Files.isRegularFile(target)) {
        append(target, Lines.line(key, value));
      } else {
        Files.createDirectories(target.getParent());
        append(target, Lines.text(entries));
      }
      rewrite = false;
    } catch (IOException _) {
      rewrite = Files.isRegularFile(target); // part of a line may be there
    }
  }

  /// What others wrote meanwhile is kept, unless the file became too large.
  private void rewrite(Path target) throws IOException {
    Map<String, String> all = new LinkedHashMap<>(read(target).entries());
    if (all.size() >= MOST_ENTRIES) {
      all.clear();
    }
    all.putAll(entries);
    AtomicFile.write(target, bytes(Lines.text(all)));
  }

  private static void append(Path file, String text) throws IOException {
    try (FileOutputStream out = new FileOutputStream(file.toFile(), true)) {
      out.write(bytes(text));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
