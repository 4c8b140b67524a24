package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.internal.ffi.Availability.Available;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The headers of Octet's own libraries and their bindings: the same functions, constants and
/// structures, both ways.
class ShimBindingsTest {
  private static final Path INCLUDE = Path.of("../native/include");

  /// Java maps every failure to an exception with the library's own text.
  private static final Set<String> NEVER_TOLD_APART =
      Set.of("INVALID_ARGUMENT", "OUT_OF_MEMORY", "FAILED");

  /// A header, the prefix of its names, and what binds it.
  record Pair(String header, String prefix, Class<?> bindings, Class<?> constants) {
    String text() throws IOException {
      return Files.readString(INCLUDE.resolve(header)).replaceAll("(?s)/\\*.*?\\*/", "");
    }
  }

  static Stream<Pair> pairs() {
    return Stream.of(
        new Pair("octet.h", "octet_", OctetBindings.class, OctetConstants.class),
        new Pair("octet_fbgemm.h", "octet_fbgemm_", FbgemmBindings.class, FbgemmConstants.class));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void functionsAreTheSameSetWithTheSameParameters(Pair pair) throws IOException {
    Map<String, List<String>> declared = new TreeMap<>();
    Matcher function =
        Pattern.compile("_API int32_t (" + pair.prefix + "\\w+)\\(([^;]*)\\);")
            .matcher(pair.text());
    while (function.find()) {
      List<String> types = new ArrayList<>();
      for (String parameter : function.group(2).replaceAll("\\s+", " ").split(", ?")) {
        if (!parameter.equals("void")) {
          types.add(parameter.contains("*") ? "pointer" : parameter.split(" ")[0]);
        }
      }
      declared.put(function.group(1), types);
    }
    Map<String, List<String>> bound = new TreeMap<>();
    for (Method method : pair.bindings.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers()) && method.getReturnType() == int.class) {
        bound.put(pair.prefix + snake(method.getName()), types(method));
      }
    }
    assertTrue(declared.size() >= 6, declared::toString);
    assertEquals(declared, bound);
  }

  /// A long stands for an address on the hot path.
  private static List<String> types(Method method) {
    return Stream.of(method.getParameterTypes())
        .map(type -> type == int.class ? "int32_t" : "pointer")
        .toList();
  }

  private static String snake(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void constantsHaveTheSameValues(Pair pair) throws IOException, IllegalAccessException {
    Map<String, Integer> declared = new TreeMap<>();
    Matcher define =
        Pattern.compile("#define " + pair.prefix.toUpperCase(Locale.ROOT) + "(\\w+) (\\d+)")
            .matcher(pair.text());
    while (define.find()) {
      declared.put(define.group(1), Integer.parseInt(define.group(2)));
    }
    Map<String, Integer> bound = new TreeMap<>();
    for (Field field : pair.constants.getDeclaredFields()) {
      if (field.getType() == int.class) {
        field.setAccessible(true);
        bound.put(field.getName(), field.getInt(null));
      }
    }
    declared.keySet().removeIf(NEVER_TOLD_APART::contains);
    assertEquals(declared, bound);
  }

  @Test
  void structuresHaveTheSameMembers() throws IOException {
    Pair fbgemm = pairs().toList().getLast();
    assertEquals(members(fbgemm, "octet_fbgemm_conv_shape"), FbgemmConstants.CONV_SHAPE);
    assertEquals(members(fbgemm, "octet_fbgemm_call"), FbgemmConstants.CALL);
  }

  private static StructLayout members(Pair pair, String name) throws IOException {
    Matcher struct =
        Pattern.compile("typedef struct " + name + " \\{(.*?)\\}", Pattern.DOTALL)
            .matcher(pair.text());
    assertTrue(struct.find(), name);
    List<MemoryLayout> members = new ArrayList<>();
    for (String declaration : struct.group(1).strip().split(";")) {
      String[] words = declaration.strip().replace("const ", "").split("\\s+", 2);
      for (String member : words[1].split(",\\s*")) {
        boolean pointer = member.startsWith("*");
        members.add(
            (pointer ? ValueLayout.ADDRESS : ValueLayout.JAVA_INT)
                .withName(member.replace("*", "")));
      }
    }
    return MemoryLayout.structLayout(members.toArray(MemoryLayout[]::new));
  }

  @Test
  void theBuildHasThisSystemsLibraryOrSaysWhyNot() {
    assumeTrue(Natives.octet() instanceof Available, () -> "SKIPPED: " + Natives.octet());
    assertEquals(OctetConstants.ABI_VERSION, OctetBindings.abiVersion());
  }
}
