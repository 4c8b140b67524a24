package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.Verify;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.testkit.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a session checks, and where it keeps what it found.
class VerifyTest {
  private static final String CACHE = "octet.cachePath";

  @TempDir Path folder;

  private String before;

  @BeforeEach
  void keepFindingsHere() {
    before = System.getProperty(CACHE);
    System.setProperty(CACHE, folder.toString());
  }

  @AfterEach
  void keepThemWhereTheyWere() {
    restore(CACHE, before);
    System.clearProperty(Verify.PROPERTY);
  }

  private static void restore(String property, String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }

  private List<String> findings() throws IOException {
    Path file = folder.resolve("findings.txt");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private static void open(SessionOptions options) {
    Graph graph =
        new Graph(
            "tanh",
            List.of(new ValueInfo("x", DataType.F32, Shape.of(2, 64))),
            List.of(new ValueInfo("y", DataType.F32, Shape.of(2, 64))),
            Map.of(),
            List.of(new Node("it", new Unary.Tanh(), List.of("x"), "y")));
    try (Session session = Session.open(graph, options)) {
      assertEquals("onednn", session.explain().getFirst().backend());
    }
  }

  @Test
  void kernelsOfEnginesAreCheckedAndTheFindingsKept() throws IOException {
    Machine.requireOnednn();
    open(SessionOptions.defaults());
    List<String> once = findings();
    assertEquals(2, once.size(), once::toString);
    assertTrue(once.getLast().contains("SAMPLE") && once.getLast().endsWith("\tpassed"));
    open(SessionOptions.defaults());
    assertEquals(once, findings());
  }

  @Test
  void offChecksNothing() throws IOException {
    Machine.requireOnednn();
    open(SessionOptions.builder().kernels(k -> k.verify(Verify.OFF)).build());
    System.setProperty(Verify.PROPERTY, "off");
    open(SessionOptions.defaults());
    assertFalse(Files.exists(folder.resolve("findings.txt")));
  }

  @Test
  void fullIsAnotherFinding() throws IOException {
    Machine.requireOnednn();
    open(SessionOptions.defaults());
    open(SessionOptions.builder().kernels(k -> k.verify(Verify.FULL)).build());
    assertEquals(3, findings().size());
  }

  @Test
  void theSystemPropertyHasThreeValues() {
    assertEquals(Verify.SAMPLE, SessionOptions.defaults().kernels().verify());
    System.setProperty(Verify.PROPERTY, "full");
    assertEquals(Verify.FULL, SessionOptions.defaults().kernels().verify());
    System.setProperty(Verify.PROPERTY, "maybe");
    String text =
        assertThrows(IllegalArgumentException.class, SessionOptions::defaults).getMessage();
    assertTrue(text.contains("octet.verify") && text.contains("maybe"), text);
  }

  @Test
  void otherOptionsKeepTheChoice() {
    SessionOptions options = SessionOptions.builder().kernels(k -> k.verify(Verify.FULL)).build();
    for (SessionOptions other :
        List.of(
            options.toBuilder().threads(t -> t.intraOp(2)).build(),
            options.toBuilder().threads(t -> t.maxConcurrentRuns(3)).build(),
            options.toBuilder().kernels(k -> k.exact(true)).build(),
            options.toBuilder().kernels(k -> k.backends("jvm")).build(),
            options.toBuilder().checks(c -> c.refuseNan(true)).build(),
            options.toBuilder().checks(c -> c.fallback(FallbackPolicy.ALLOW)).build(),
            options.toBuilder().memory(m -> m.maxPlans(4)).build(),
            options.toBuilder().kernels(k -> k.measured(true)).build())) {
      assertEquals(Verify.FULL, other.kernels().verify(), other::toString);
    }
  }
}
