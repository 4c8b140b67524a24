package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException;
import io.octet.io.MalformedFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// How the command speaks: numbers, tables, bars, and what went wrong.
class WordsTest {
  // ---- Sizes

  @Test
  void bytesHaveTheUnitThatReadsBest() {
    assertEquals("0 bytes", Sizes.bytes(0));
    assertEquals("999 bytes", Sizes.bytes(999));
    assertEquals("1.0 kB", Sizes.bytes(1_000));
    assertEquals("4.1 kB", Sizes.bytes(4_096));
    assertEquals("1000.0 kB", Sizes.bytes(999_999));
    assertEquals("1.00 MB", Sizes.bytes(1_000_000));
    assertEquals("1.06 MB", Sizes.bytes(1_060_000));
  }

  @Test
  void numbersAreRoundedAndNamed() {
    assertEquals("272,474", Sizes.count(272_474));
    assertEquals("0.512 ms", Sizes.millis(0.5123));
    assertEquals("3.91x", Sizes.times(3.909));
    assertEquals("4.00x smaller", Sizes.smaller(8, 2));
    assertEquals("0.50x smaller", Sizes.smaller(2, 4));
    assertEquals("2.00x faster", Sizes.faster(4, 2));
    assertEquals("2.00x slower", Sizes.faster(2, 4));
    assertEquals("1.00x faster", Sizes.faster(3, 3));
    assertEquals("12.3", Sizes.tenths(12.34));
    assertEquals("+0.04", Sizes.signed(0.04));
    assertEquals("-0.10", Sizes.signed(-0.1));
    assertEquals("93.67%", Sizes.percent(0.93666));
  }

  // ---- Table

  @Test
  void columnsAreAlignedAndNumbersStandToTheRight() {
    String table =
        new Table()
            .row("name", "bytes", "share", "note")
            .row("a", "1,000", "5%", "x1")
            .row("longer", "20", "50%", "")
            .row("c")
            .toString();
    assertEquals(
        """
          name    bytes  share  note
          ──────  ─────  ─────  ────
          a       1,000     5%  x1
          longer     20    50%
          c
        """,
        table);
  }

  @Test
  void unitsAreNumbersAndAHeadingAloneIsText() {
    String units =
        new Table()
            .row("t", "size", "v")
            .row("9 ms", "1.5 kB", "-1")
            .row("10.5 ms", "20 bytes", "+22")
            .toString();
    assertEquals(
        """
                t      size    v
          ───────  ────────  ───
             9 ms    1.5 kB   -1
          10.5 ms  20 bytes  +22
        """,
        units);
    assertEquals("  a  b\n  ─  ─\n", new Table().row("a", "b").toString());
    assertEquals("", new Table().toString());
  }

  // ---- Progress

  @Test
  void aBarShowsThePartAndIsGoneWhenClosed() {
    StringWriter drawn = new StringWriter();
    Progress progress = new Progress(new PrintWriter(drawn), true, "working", 4);
    progress.accept(1);
    String bar = drawn.toString();
    assertTrue(bar.startsWith("\rworking"), bar);
    assertTrue(bar.contains("█".repeat(7) + "░".repeat(21) + "  25%  1/4"), bar);
    assertTrue(bar.contains(" s left"), bar);
    progress.accept(4);
    String full = drawn.toString().substring(bar.length());
    assertTrue(full.contains("█".repeat(28) + " 100%  4/4"), full);
    assertFalse(full.contains("left"), full);
    int before = drawn.toString().length();
    progress.close();
    String cleared = drawn.toString().substring(before);
    assertTrue(cleared.matches("\r +\r"), cleared);
  }

  @Test
  void theSecondDrawingWaitsUnlessItIsTheLast() {
    StringWriter drawn = new StringWriter();
    try (Progress progress = new Progress(new PrintWriter(drawn), true, "working", 1_000_000)) {
      progress.accept(1);
      int once = drawn.toString().length();
      for (int i = 2; i < 50; i++) {
        progress.accept(i); // all of it within a redraw's time, but for an interruption
      }
      String more = drawn.toString().substring(once);
      assertTrue(more.chars().filter(c -> c == '\r').count() < 20, more);
    }
  }

  @Test
  void nothingIsDrawnWhereNobodyWatches() {
    StringWriter drawn = new StringWriter();
    try (Progress progress = new Progress(new PrintWriter(drawn), false, "working", 4)) {
      progress.accept(4);
    }
    assertEquals("", drawn.toString());
    new Progress(new PrintWriter(drawn), true, "none", 0).accept(0);
    assertTrue(drawn.toString().contains("0/1"), drawn.toString());
  }

  // ---- Failure

  /// What a verb that fails so leaves behind.
  private static Octet.Outcome failed(Exception e, boolean json) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine verb =
        new CommandLine(new InspectVerb())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    int exit = new Failure(json).execution(e, verb);
    return new Octet.Outcome(exit, out.toString(), err.toString());
  }

  private static void assertFails(int exit, String sentence, Exception e) throws IOException {
    Octet.Outcome plain = failed(e, false).expect(exit);
    assertEquals("inspect: " + sentence, plain.err().lines().toList().getLast());
    assertEquals(exit == Exit.INTERNAL, plain.err().contains("\tat "), plain.err());
    assertEquals("", plain.out());
    var error = (java.util.Map<?, ?>) failed(e, true).expect(exit).json().get("error");
    assertEquals(exit, error.get("exit"));
    assertEquals(sentence, error.get("message"));
  }

  @Test
  void deniedNativeAccessIsARefusal() throws IOException {
    assertFails(
        Exit.REFUSED,
        "add --enable-native-access",
        new IllegalCallerException("add --enable-native-access"));
  }

  @Test
  void everyKindOfFailureHasItsExitCode() throws IOException {
    assertFails(Exit.REFUSED, "not twice", new Refusal("not twice"));
    assertFails(Exit.REFUSED, "no Loop", new OctetException.Unsupported("no Loop"));
    assertFails(Exit.BAD_INPUT, "no model", new OctetException.InvalidModel("no model"));
    assertFails(Exit.BAD_INPUT, "disk full", new IOException("disk full"));
    assertFails(Exit.BAD_INPUT, "f: short", new MalformedFileException("f", "short"));
    assertFails(Exit.BAD_INPUT, "no such", new IllegalArgumentException("no such"));
    assertFails(
        Exit.BAD_INPUT, "disk full", new UncheckedIOException(new IOException("disk full")));
    assertFails(Exit.BAD_INPUT, "there is no file or folder x", new NoSuchFileException("x"));
    assertFails(Exit.BAD_INPUT, "no permission for x", new AccessDeniedException("x"));
    assertFails(Exit.BAD_INPUT, "x is there already", new FileAlreadyExistsException("x"));
    assertFails(Exit.INTERNAL, "odd", new IllegalStateException("odd"));
    assertFails(Exit.INTERNAL, "java.lang.IllegalStateException", new IllegalStateException());
  }
}
