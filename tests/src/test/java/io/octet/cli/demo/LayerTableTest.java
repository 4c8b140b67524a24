package io.octet.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.cli.measure.Noise;
import io.octet.cli.report.Histogram;
import io.octet.cli.report.HtmlReport;
import io.octet.cli.report.Report;
import io.octet.graph.Graph;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.Measured;
import io.octet.runtime.Session;
import io.octet.testkit.Machine;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerTableTest {
  @Test
  void aLayerThatIsInFp32ByMeasurementSaysSoAndDidNotFallBack() throws IOException {
    Machine.requireInt8();
    Graph int8 = SmallNets.int8(1);
    LayerTable table = new LayerTable(int8, Map.of(), Map.of(), new Noise());
    List<Report.Layer> rows;
    try (Session session = Measured.open(int8, FallbackPolicy.FAIL, Measured.FP32_WINS)) {
      rows = table.rows(session.explain());
    }
    String note = "slower_than_fp32: FP32 takes 41.0 us with its conversions, int8 58.2 us";
    assertEquals(4, rows.stream().filter(r -> r.note().equals(note)).count(), rows::toString);
    String html = html(rows);
    assertTrue(html.contains("<small>" + note + "</small>"), html);
    assertFalse(html.contains("fell back to FP32"), html);
  }

  private static String html(List<Report.Layer> rows) throws IOException {
    Report.Side side = new Report.Side(0.9, 1000, 2000, 1);
    Histogram histogram = new Histogram(0, 1, new float[] {1});
    Report.Activation activation = new Report.Activation("x", histogram, 0, 1, "u8");
    return HtmlReport.html(
        new Report(
            "net",
            "data",
            List.of("machine"),
            side,
            side,
            1,
            List.of(),
            rows,
            List.of(activation),
            List.of("measured")));
  }
}
