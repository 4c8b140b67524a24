package io.octet.internal.store;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/// The file's text: a line that names its format, then one line for each entry, a checksum before
/// it.
///
/// @param entries in the order of the file; a later line stands for an earlier one of the same key
/// @param count lines that were whole
/// @param damaged whether some were not
record Lines(Map<String, String> entries, int count, boolean damaged) {
  static final Lines NONE = new Lines(Map.of(), 0, false);
  static final Lines DAMAGED = new Lines(Map.of(), 0, true);

  private static final String HEAD = "octet findings 1";
  private static final String SEPARATOR = "\t";
  private static final int SUM_DIGITS = 8;

  /// Reads what can be read; of another format that is nothing.
  static Lines parse(String text) {
    if (text.isEmpty()) {
      return DAMAGED;
    }
    if (!text.startsWith(HEAD + "\n")) {
      return DAMAGED;
    }
    Map<String, String> entries = new LinkedHashMap<>();
    int count = 0;
    boolean damaged = !text.endsWith("\n");
    for (String line : text.substring(HEAD.length() + 1).split("\n")) {
      String[] parts = line.split(SEPARATOR, -1);
      if (parts.length == 3 && parts[0].equals(sum(parts[1] + SEPARATOR + parts[2]))) {
        entries.put(plain(parts[1]), plain(parts[2]));
        count++;
      } else {
        damaged |= !line.isEmpty() && !line.equals(HEAD); // two processes may have begun the file
      }
    }
    return new Lines(entries, count, damaged);
  }

  /// The whole file.
  static String text(Map<String, String> entries) {
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    entries.forEach((key, value) -> text.append(line(key, value)));
    return text.toString();
  }

  static String line(String key, String value) {
    String entry = quoted(key) + SEPARATOR + quoted(value);
    return sum(entry) + SEPARATOR + entry + "\n";
  }

  private static String sum(String entry) {
    CRC32 sum = new CRC32();
    sum.update(entry.getBytes(StandardCharsets.UTF_8));
    String digits = Long.toHexString(sum.getValue());
    return "0".repeat(SUM_DIGITS - digits.length()) + digits;
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }

  private static String plain(String quoted) {
    return quoted.indexOf('\\') < 0 ? quoted : quoted.translateEscapes();
  }
}
