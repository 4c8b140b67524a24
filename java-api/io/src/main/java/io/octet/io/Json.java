package io.octet.io;

import com.fasterxml.jackson.jr.ob.JSON;
import com.fasterxml.jackson.jr.ob.JSONObjectException;
import io.octet.internal.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// JSON as maps, lists, strings, numbers, booleans and null. Keys keep the map's order. Fractions
/// are read as [java.math.BigDecimal], so that a float comes back bit for bit (but -0 as 0).
public final class Json {
  private static final JSON COMPACT =
      JSON.std
          .with(JSON.Feature.USE_BIG_DECIMAL_FOR_FLOATS)
          .with(JSON.Feature.WRITE_NULL_PROPERTIES);
  private static final JSON PRETTY = COMPACT.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

  private Json() {}

  /// One object in one line.
  public static String line(Map<String, ?> object) {
    return text(COMPACT, object);
  }

  /// One object, indented for people, with a line break at its end.
  public static String pretty(Map<String, ?> object) {
    return text(PRETTY, object) + "\n";
  }

  /// Writes one object, indented, whole or not at all.
  public static void write(Path file, Map<String, ?> object) throws IOException {
    AtomicFile.write(file, out -> out.write(pretty(object).getBytes(StandardCharsets.UTF_8)));
  }

  /// The object that a file holds.
  ///
  /// @throws MalformedFileException if the file is not one JSON object
  public static Map<String, Object> read(Path file) throws IOException {
    try {
      return parse(Files.readString(file), file.toString());
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(file.toString(), "not a JSON object: it is no UTF-8", e);
    }
  }

  /// The object that a text holds; `where` names it in errors.
  ///
  /// @throws MalformedFileException if the text is not one JSON object
  public static Map<String, Object> parse(String text, String where) throws MalformedFileException {
    try {
      return COMPACT.mapFrom(text);
    } catch (IOException e) {
      String reason = e instanceof JSONObjectException j ? j.getOriginalMessage() : e.getMessage();
      throw new MalformedFileException(where, "not a JSON object: " + reason, e);
    }
  }

  private static String text(JSON json, Map<String, ?> object) {
    try {
      return json.asString(object);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + e.getMessage(), e);
    }
  }
}
