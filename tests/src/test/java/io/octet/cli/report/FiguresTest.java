package io.octet.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/// Numbers and texts as the report shows them.
class FiguresTest {
  @Test
  void realsHaveThreeFigures() {
    assertEquals("0", Html.real(0));
    assertEquals("0.0123", Html.real(0.0123));
    assertEquals("0.0010", Html.real(0.001));
    assertEquals("9.90e-04", Html.real(0.00099));
    assertEquals("0.10", Html.real(0.1));
    assertEquals("0.0999", Html.real(0.0999));
    assertEquals("-1.50", Html.real(-1.5));
    assertEquals("9.99", Html.real(9.99));
    assertEquals("10.0", Html.real(10));
    assertEquals("99.9", Html.real(99.9));
    assertEquals("100", Html.real(100));
    assertEquals("-128", Html.real(-128));
    assertEquals("999999", Html.real(999_999));
    assertEquals("1.00e+06", Html.real(1e6));
  }

  @Test
  void textsAndUnits() {
    assertEquals("&amp;lt; &lt;a href=&quot;&gt;", Html.escape("&lt; <a href=\">"));
    assertEquals("1.235", Html.fixed(1.2346, 3));
    assertEquals("12.50%", Html.percent(0.125, 2));
    assertEquals("999.9 kB", Html.megabytes(999_900));
    assertEquals("1.00 MB", Html.megabytes(1_000_000));
  }

  @Test
  void thePartOutsideCountsBinsByTheirMiddle() {
    Histogram ramp = new Histogram(0, 4, new float[] {4, 3, 2, 1});
    assertEquals(0, ramp.outside(0, 4));
    assertEquals(0, ramp.outside(0.5, 3.5), "a middle on the edge is inside");
    assertEquals(0.4, ramp.outside(0.6, 4), 1e-12);
    assertEquals(0.1, ramp.outside(0, 3.4), 1e-12);
    assertEquals(1, ramp.outside(9, 10));
    assertEquals(0, new Histogram(0, 1, new float[2]).outside(9, 10));
  }

  @Test
  void aHistogramIsCheckedAndCopied() {
    float[] counts = {1, 2};
    Histogram histogram = new Histogram(-1, 1, counts);
    counts[0] = 9;
    assertEquals(1, histogram.counts()[0]);
    assertNotSame(histogram.counts(), histogram.counts());
    assertThrows(IllegalArgumentException.class, () -> new Histogram(1, 1, counts));
    assertThrows(IllegalArgumentException.class, () -> new Histogram(2, 1, counts));
    assertThrows(IllegalArgumentException.class, () -> new Histogram(0, Double.NaN, counts));
    assertThrows(IllegalArgumentException.class, () -> new Histogram(0, 1, new float[0]));
  }
}
