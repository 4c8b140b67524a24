package io.octet.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The files beside a model that hold its larger tensors. A tensor names a file, an offset and a
/// length; nothing outside the model's folder is opened, and nothing is read or allocated that the
/// file does not hold. A model that is a link has two folders, the link's and its own: caches keep
/// content under names of its hash, and give it the names of a repository by links.
final class ExternalData {
  private final List<Path> folders;
  private final Map<Path, Long> taken = new HashMap<>();
  private final Map<Range, byte[]> loaded = new HashMap<>();
  private long held;

  /// One tensor's place. Tensors that share a place share the bytes.
  private record Range(Path file, long offset, long length) {}

  private ExternalData(List<Path> folders) {
    this.folders = folders;
  }

  /// Files beside `model`, in its folder and below. Where links lead to it, also beside the file
  /// itself.
  static ExternalData beside(Path model) throws IOException {
    Path named = model.toAbsolutePath().getParent();
    return new ExternalData(List.of(named, model.toRealPath().getParent()));
  }

  /// A model without a place: external tensors are refused.
  static ExternalData none() {
    return new ExternalData(List.of());
  }

  /// The bytes of `tensor`, which must not be changed.
  ///
  /// @param expected how many its type and shape take
  byte[] read(TensorProto tensor, long expected) {
    String what = "tensor \"" + tensor.getName() + "\"";
    if (folders.isEmpty()) {
      throw new Unsupported(
          what + " stands in another file: read the model from its path, not from bytes");
    }
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    long offset = number(what, entries, "offset", 0);
    long length = number(what, entries, "length", expected);
    if (length != expected) {
      throw new InvalidModel(
          what + " takes " + expected + " bytes, but its external data has " + length);
    }
    try {
      Path file = resolve(what, entries.get("location"));
      return read(what, new Range(file, offset, length));
    } catch (IOException e) {
      throw new UncheckedIOException(what + ": its external data cannot be read", e);
    }
  }

  private static long number(String what, Map<String, String> entries, String key, long absent) {
    String text = entries.get(key);
    if (text == null) {
      return absent;
    }
    try {
      long value = Long.parseLong(text.strip());
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Reported below, with what came.
    }
    throw new InvalidModel(what + ": external data's " + key + " is \"" + text + "\"");
  }

  /// Looks in each folder. Links are followed, so that none leads out of all of them.
  private Path resolve(String what, String location) throws IOException {
    if (location == null || location.isBlank()) {
      throw new InvalidModel(what + ": external data without a location");
    }
    Path relative;
    try {
      relative = Path.of(location);
    } catch (InvalidPathException e) {
      throw new InvalidModel(what + ": external data's location is no path: " + location, e);
    }
    if (relative.isAbsolute() || leadsUp(relative)) {
      throw outside(what, location);
    }
    for (Path folder : folders) {
      Path file = folder.resolve(relative).normalize();
      if (Files.isRegularFile(file)) {
        Path real = file.toRealPath();
        if (!isWithin(real)) {
          throw outside(what, location);
        }
        return real;
      }
    }
    throw new InvalidModel(what + ": there is no file \"" + location + "\" beside the model");
  }

  private static boolean leadsUp(Path relative) {
    for (Path part : relative) {
      if (part.toString().equals("..")) {
        return true;
      }
    }
    return false;
  }

  private boolean isWithin(Path real) throws IOException {
    for (Path folder : folders) {
      if (real.startsWith(folder.toRealPath())) {
        return true;
      }
    }
    return false;
  }

  private static InvalidModel outside(String what, String location) {
    return new InvalidModel(
        what + ": external data \"" + location + "\" lies outside the model's folder");
  }

  private byte[] read(String what, Range range) throws IOException {
    byte[] known = loaded.get(range);
    if (known != null) {
      return known;
    }
    try (FileChannel channel = FileChannel.open(range.file())) {
      long size = channel.size();
      if (range.offset() > size - range.length()) {
        throw new InvalidModel(
            what
                + ": external data takes "
                + range.length()
                + " bytes from offset "
                + range.offset()
                + ", but the file has "
                + size);
      }
      // Overlapping ranges would let a small file stand for any amount of memory.
      if (taken.merge(range.file(), range.length(), Long::sum) > size) {
        throw new InvalidModel(what + ": tensors overlap in " + range.file().getFileName());
      }
      requireHeap(what, range.length());
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(range.length()));
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, range.offset() + bytes.position()) < 0) {
          throw new EOFException(range.file() + " became shorter while it was read");
        }
      }
      loaded.put(range, bytes.array());
      return bytes.array();
    }
  }

  /// Before a file's word for a size becomes an array, and the elements another: a sparse file has
  /// any size.
  private void requireHeap(String what, long bytes) {
    long heap = Runtime.getRuntime().maxMemory();
    if (2 * bytes > heap - held) {
      throw new Unsupported(
          what
              + " takes "
              + bytes
              + " bytes, twice while it is read, and those before it "
              + held
              + ", but Java's heap has at most "
              + heap
              + ": give it more with -Xmx");
    }
    held += 2 * bytes;
  }
}
