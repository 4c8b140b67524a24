package io.octet.internal.ffi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// The file systems of this process as Linux lists them.
///
/// @param lines of /proc/self/mounts
record Mounts(List<String> lines) {
  private static final Path LIST = Path.of("/proc/self/mounts");
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  /// Those of now; none on another system.
  static Mounts read() throws IOException {
    return new Mounts(
        Platform.HERE.isLinux() && Files.isReadable(LIST)
            ? Files.readAllLines(LIST, StandardCharsets.ISO_8859_1)
            : List.of());
  }

  /// Whether programs and libraries may not be run from there.
  ///
  /// @param path need not exist
  boolean isNoexec(Path path) throws IOException {
    Path real = real(path.toAbsolutePath().normalize());
    boolean noexec = false;
    int depth = -1;
    for (String line : lines) {
      String[] fields = line.split(" "); // device, mount point, type, options
      Path point = Path.of(unescaped(fields[1]));
      if (real.startsWith(point) && point.getNameCount() >= depth) { // the later lies on top
        depth = point.getNameCount();
        noexec = Arrays.asList(fields[3].split(",")).contains("noexec");
      }
    }
    return noexec;
  }

  /// Without symbolic links, as far as it exists.
  private static Path real(Path path) throws IOException {
    return Files.exists(path) || path.getParent() == null
        ? path.toRealPath()
        : real(path.getParent()).resolve(path.getFileName());
  }

  private static String unescaped(String text) {
    return OCTAL
        .matcher(text)
        .replaceAll(found -> String.valueOf((char) Integer.parseInt(found.group(1), 8)));
  }
}
