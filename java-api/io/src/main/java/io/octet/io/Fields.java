package io.octet.io;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One JSON object with its place in a file, read field by field. What is missing or of another
/// kind is named with that place.
record Fields(Map<?, ?> object, String where) {
  String text(String key) throws MalformedFileException {
    return get(key) instanceof String text ? text : wrong(key, get(key), "a text");
  }

  boolean has(String key) {
    return object.containsKey(key);
  }

  boolean isObject(String key) {
    return object.get(key) instanceof Map<?, ?>;
  }

  boolean truth(String key) throws MalformedFileException {
    return get(key) instanceof Boolean truth ? truth : wrong(key, get(key), "true or false");
  }

  long whole(String key) throws MalformedFileException {
    return whole(get(key), key);
  }

  int int32(String key) throws MalformedFileException {
    return int32(get(key), key);
  }

  float real(String key) throws MalformedFileException {
    return real(get(key), key);
  }

  Fields object(String key) throws MalformedFileException {
    return get(key) instanceof Map<?, ?> map
        ? new Fields(map, place(key))
        : wrong(key, get(key), "an object");
  }

  List<Fields> objects(String key) throws MalformedFileException {
    List<Fields> objects = new ArrayList<>();
    int index = 0;
    for (Object element : list(key)) {
      String place = key + "[" + index++ + "]";
      objects.add(
          element instanceof Map<?, ?> map
              ? new Fields(map, place(place))
              : wrong(place, element, "an object"));
    }
    return objects;
  }

  List<String> texts(String key) throws MalformedFileException {
    List<String> texts = new ArrayList<>();
    for (Object element : list(key)) {
      texts.add(element instanceof String text ? text : wrong(key, element, "a list of texts"));
    }
    return texts;
  }

  float[] reals(String key) throws MalformedFileException {
    List<?> list = list(key);
    float[] reals = new float[list.size()];
    for (int i = 0; i < reals.length; i++) {
      reals[i] = real(list.get(i), key + "[" + i + "]");
    }
    return reals;
  }

  int[] wholes(String key) throws MalformedFileException {
    List<?> list = list(key);
    int[] wholes = new int[list.size()];
    for (int i = 0; i < wholes.length; i++) {
      wholes[i] = int32(list.get(i), key + "[" + i + "]");
    }
    return wholes;
  }

  private List<?> list(String key) throws MalformedFileException {
    return get(key) instanceof List<?> list ? list : wrong(key, get(key), "a list");
  }

  private long whole(Object value, String key) throws MalformedFileException {
    return switch (value) {
      case Integer i -> i;
      case Long l -> l;
      default -> wrong(key, value, "a whole number");
    };
  }

  private int int32(Object value, String key) throws MalformedFileException {
    return value instanceof Integer i ? i : wrong(key, value, "a whole number of 32 bits");
  }

  private float real(Object value, String key) throws MalformedFileException {
    float real =
        switch (value) {
          case BigDecimal d -> d.floatValue();
          case Integer i -> i;
          case Long l -> l;
          case BigInteger b -> b.floatValue();
          default -> wrong(key, value, "a number");
        };
    return Float.isFinite(real) ? real : wrong(key, value, "a number that a float holds");
  }

  private Object get(String key) throws MalformedFileException {
    Object value = object.get(key);
    return value == null ? wrong(key, null, "something") : value;
  }

  private <T> T wrong(String key, Object value, String expected) throws MalformedFileException {
    throw new MalformedFileException(
        place(key),
        "expected " + expected + (value == null ? ", but it is missing" : ", but got " + value));
  }

  private String place(String key) {
    return where + ", " + key;
  }
}
