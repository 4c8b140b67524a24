package io.octet.quant;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.octet.io.Json;
import io.octet.io.Npz;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What PyTorch 2.13 answered: the files under `golden/`, whose README says how they were made.
public final class Golden {
  private Golden() {}

  /// The arrays of `golden/NAME.npz`.
  public static Map<String, Tensor> arrays(String name) {
    try {
      return Npz.read(file(name + ".npz"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The object of `golden/NAME.json`.
  public static Map<String, Object> object(String name) {
    try {
      return Json.read(file(name + ".json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The objects in the list `key` of a JSON object.
  @SuppressWarnings("unchecked")
  public static List<Map<String, Object>> objects(Map<String, Object> in, String key) {
    return (List<Map<String, Object>>) in.get(key);
  }

  /// The object `key` of a JSON object.
  @SuppressWarnings("unchecked")
  public static Map<String, Object> object(Map<String, Object> in, String key) {
    return (Map<String, Object>) in.get(key);
  }

  /// The numbers in the list `key` of a JSON object.
  public static int[] ints(Map<String, Object> in, String key) {
    return ((List<?>) in.get(key)).stream().mapToInt(n -> ((Number) n).intValue()).toArray();
  }

  public static float number(Map<String, Object> in, String key) {
    return ((Number) in.get(key)).floatValue();
  }

  private static Path file(String name) {
    var url = Golden.class.getResource("/golden/" + name);
    assertNotNull(url, name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
