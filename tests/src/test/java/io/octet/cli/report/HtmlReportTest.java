package io.octet.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class HtmlReportTest {
  private static Report report(String name, Histogram histogram, double low, double high) {
    return new Report(
        name,
        "data",
        List.of("machine"),
        new Report.Side(0.9, 4_000_000, 5_000_000, 2),
        new Report.Side(0.89, 1_000_000, 2_000_000, 4),
        0.95,
        List.of(new Report.Check("smaller", true), new Report.Check("faster", false)),
        List.of(
            new Report.Layer(
                "first", "Conv + Relu", "int8", "onednn", "jit", 20, 10, 31.5, "", false),
            new Report.Layer(
                "last", "Add", "fp32", "jvm", "java", Double.NaN, 3, Double.NaN, "stays", true)),
        List.of(new Report.Activation("value", histogram, low, high, "u8")),
        List.of("measured"));
  }

  private static Histogram ramp() {
    return new Histogram(0, 4, new float[] {4, 3, 2, 1});
  }

  @Test
  void everyNumberStandsInTheReport() throws IOException {
    String html = HtmlReport.html(report("net", ramp(), 0, 3));
    for (String part :
        new String[] {
          "4.00× smaller",
          "2.50× smaller",
          "2.00× slower",
          "−1.00 points",
          "95.00%",
          "31.5",
          "<li class=\"held\">smaller",
          "<li class=\"failed\">faster",
          "cuts off 10.00%",
          "<small class=\"fell\">fell back to FP32</small><small>stays</small>"
        }) {
      assertTrue(html.contains(part), part);
    }
    assertFalse(html.contains("{{") || html.contains("NaN"), html);
  }

  @Test
  void namesCannotBreakOutOfTheText() throws IOException {
    String html = HtmlReport.html(report("<b>\"&{{data}}", ramp(), 0, 3));
    assertTrue(html.contains("&lt;b&gt;&quot;&amp;{{data}}"), html);
  }

  @Test
  void everyFigureIsWellFormedWithFiniteNumbers() throws Exception {
    List<Report> awkward =
        List.of(
            report("usual", ramp(), 0, 3),
            report("range beyond all values", ramp(), -100, 100),
            report("range between two bins", ramp(), 1e-9, 2e-9),
            report("one bin", new Histogram(-1e-30, 1e-30, new float[1]), 0, 1e-30),
            report("large", new Histogram(-3e38, 3e38, new float[] {1e30f, 0}), -1, 1));
    for (Report report : awkward) {
      Matcher figures =
          Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(HtmlReport.html(report));
      assertTrue(figures.find(), report.network());
      String svg = figures.group();
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg)));
      assertFalse(svg.contains("NaN") || svg.contains("Infinity"), svg);
    }
  }

  @Test
  void numbersReadTheSameUnderEveryLocale() throws IOException {
    String expected = HtmlReport.html(report("net", ramp(), 0, 3));
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertEquals(expected, HtmlReport.html(report("net", ramp(), 0, 3)));
    } finally {
      Locale.setDefault(before);
    }
  }
}
