package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The bindings against the headers that come with the library.
class BindingsTest {
  static Stream<Method> everyBinding() {
    return Arrays.stream(DnnlBindings.class.getDeclaredMethods())
        .filter(m -> Modifier.isPublic(m.getModifiers()));
  }

  @ParameterizedTest
  @MethodSource
  void everyBinding(Method method) throws IOException {
    String symbol =
        "dnnl_" + method.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    List<String> parameters = parameters(symbol);
    assertEquals(parameters.size(), method.getParameterCount(), symbol);
    for (int i = 0; i < parameters.size(); i++) {
      String c = parameters.get(i);
      Class<?> java = method.getParameterTypes()[i];
      assertEquals(isFloat(c), java == float.class, symbol + " takes " + c);
      assertEquals(isInt(c), java == int.class, symbol + " takes " + c);
    }
  }

  private static boolean isFloat(String c) {
    return c.matches("float \\w+");
  }

  private static boolean isInt(String c) {
    return c.matches(
        "(int|int32_t|dnnl_(engine_kind|data_type|format_tag|query|prop_kind|alg_kind"
            + "|scratchpad_mode|status|cpu_isa)_t) \\w+|unsigned( \\w+)?");
  }

  private static List<String> parameters(String symbol) throws IOException {
    Matcher found = Pattern.compile("\\b" + symbol + "\\(([^;]*)\\);").matcher(headers());
    assertTrue(found.find(), () -> symbol + " is in no header");
    String list = found.group(1).replaceAll("\\s+", " ").strip();
    return list.isEmpty() || list.equals("void") ? List.of() : List.of(list.split(" ?, ?"));
  }

  private static String headers() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : List.of("dnnl.h", "dnnl_common.h", "dnnl_debug.h")) {
      String path = "/org/bytedeco/dnnl/" + Platform.HERE.text() + "/include/oneapi/dnnl/" + name;
      try (InputStream in = BindingsTest.class.getResourceAsStream(path)) {
        assertNotNull(in, path);
        text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return text.toString().replaceAll("///.*", "");
  }

  @Test
  void theLibrariesLoadAndLeaveTheEnvironmentAsItWas() {
    Assumptions.assumeTrue(
        System.getProperty(LibraryFiles.PATH_PROPERTY) == null,
        "SKIPPED: libraries of one's own may be absent");
    assertInstanceOf(Availability.Available.class, Natives.onednn());
    assertInstanceOf(Availability.Available.class, Natives.openmp());
    assertEquals("3.13.0", DnnlVersion.text());
    assertEquals(System.getenv("GOMP_SPINCOUNT") != null, Environment.isSet("GOMP_SPINCOUNT"));
    assertTrue(OmpBindings.getMaxThreads() >= 1);
  }

  @Test
  void aFolderWithoutTheLibraryIsAnAnswerWithAReason() {
    String reason = reasonWithPath("/nowhere/at/all", "libdnnl.so.3");
    assertTrue(reason.contains("octet.libraryPath is /nowhere/at/all"), reason);
  }

  @Test
  void aLibraryInNoJarIsAnAnswerWithAReason() {
    String reason = reasonWithPath("", "libnothing.so");
    assertTrue(reason.contains("octet-platform"), reason);
  }

  /// Why there is no such library where `octet.libraryPath` is that.
  private static String reasonWithPath(String path, String name) {
    String before = System.getProperty(LibraryFiles.PATH_PROPERTY);
    System.setProperty(LibraryFiles.PATH_PROPERTY, path);
    try {
      return assertInstanceOf(Loading.Failed.class, LibraryFiles.load(Jar.ONEDNN, name)).reason();
    } finally {
      if (before == null) {
        System.clearProperty(LibraryFiles.PATH_PROPERTY);
      } else {
        System.setProperty(LibraryFiles.PATH_PROPERTY, before);
      }
    }
  }

  @Test
  void instructionSetsAreKnownByNameAndValue() {
    assertEquals(DnnlIsa.AVX512_CORE_AMX, DnnlIsa.of(0xfef));
    assertEquals(DnnlIsa.DEFAULT, DnnlIsa.of(0));
    assertEquals(DnnlIsa.AVX2_VNNI, DnnlIsa.parse("avx2_vnni"));
    assertEquals(false, DnnlIsa.AVX512_CORE.hasVnni());
    assertEquals(false, DnnlIsa.AVX2.hasVnni());
    assertEquals(true, DnnlIsa.AVX2_VNNI.hasVnni());
    assertEquals(true, DnnlIsa.AVX512_CORE_VNNI.hasVnni());
    assertEquals(true, DnnlIsa.AVX10_2.hasVnni());
  }

  @Test
  void aCapThatIsNoInstructionSetIsNamedWithThoseThatAre() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> DnnlIsa.parse("avx9")).getMessage();
    assertTrue(message.contains("octet.maxIsa is \"avx9\""), message);
    assertTrue(message.contains("avx512_core_vnni"), message);
  }
}
