package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.quant.CalibrationTable;
import io.octet.quant.CalibrationTable.Entry;
import io.octet.quant.CalibrationTable.FloatNode;
import io.octet.quant.CalibrationTable.Histogram;
import io.octet.quant.CalibrationTable.RaisedScale;
import io.octet.quant.QConfig;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationFileTest {
  @TempDir Path folder;

  private static final CalibrationTable TABLE =
      new CalibrationTable(
          QConfig.auto(),
          16,
          List.of(
              new Entry(
                  "input",
                  List.of("joined", "carried \"über\""),
                  -1.1754944e-38f,
                  Math.nextUp(2f),
                  -2.5f,
                  3.4028235e38f,
                  QuantParams.perTensor(DataType.U8, 0.0173f, 128),
                  new Histogram(new float[] {0, 1.5f, 1e-45f})),
              new Entry(
                  "weights",
                  List.of(),
                  0,
                  1,
                  0,
                  1,
                  QuantParams.perChannel(DataType.S8, 1, 0.1f, 0.30000001f),
                  new Histogram(new float[0]))),
          List.of(new RaisedScale("conv", "w", 3, 1e-7f, 2e-7f)),
          List.of(new FloatNode("softmax", "Softmax", "stays FP32")),
          List.of("a warning"));

  @Test
  void whatIsReadBackEqualsWhatWasWritten() throws IOException {
    Path file = folder.resolve("table.json");
    CalibrationFile.write(file, TABLE);
    assertEquals(TABLE, CalibrationFile.read(file));
  }

  @Test
  void theSameTableGivesTheSameBytes() throws IOException {
    Path first = folder.resolve("a.json");
    Path second = folder.resolve("b.json");
    CalibrationFile.write(first, TABLE);
    CalibrationFile.write(second, CalibrationFile.read(first));
    assertEquals(-1, Files.mismatch(first, second));
  }

  @Test
  void aDamagedFieldIsNamed() throws IOException {
    assertNamed("\"scales\" : [ 0.0173 ]", "\"scales\" : [ -1.0 ]", "scale 0 must be positive");
    assertNamed("\"scales\" : [ 0.0173 ]", "\"scales\" : [ \"x\" ]", "params, scales[0]");
    assertNamed("\"batches\" : 16", "\"batches\" : 1.5", "batches");
    assertNamed("\"qconfig\" : \"auto\",", "", "qconfig: expected something, but it is missing");
    assertNamed("\"type\" : \"u8\"", "\"type\" : \"u4\"", "U4");
    assertNamed("\"version\" : 1", "\"version\" : 2", "of version 2");
    assertNamed("\"values\" : [ {", "\"values\" : [ 3, {", "values[0]: expected an object");
  }

  private void assertNamed(String from, String to, String words) throws IOException {
    Path file = folder.resolve("damaged.json");
    CalibrationFile.write(file, TABLE);
    String text = Files.readString(file);
    assertTrue(text.contains(from), text);
    Files.writeString(file, text.replace(from, to));
    IOException e = assertThrows(MalformedFileException.class, () -> CalibrationFile.read(file));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }
}
