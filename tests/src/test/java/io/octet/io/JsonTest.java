package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {
  @TempDir Path folder;

  @Test
  void keysKeepTheirOrder() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("z", 1);
    object.put("a", List.of("x", true));
    object.put("m", null);
    assertEquals("{\"z\":1,\"a\":[\"x\",true],\"m\":null}", Json.line(object));
  }

  @Test
  void aFloatComesBackBitForBit() throws IOException {
    long seed = Long.getLong("test.seed", 20_260_101L);
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(value)) {
        Object back = Json.parse(Json.line(Map.of("v", value)), "text").get("v");
        assertEquals(value, ((BigDecimal) back).floatValue(), () -> "-Dtest.seed=" + seed);
      }
    }
  }

  @Test
  void whatIsNoObjectIsRefusedByName() throws IOException {
    for (String text : new String[] {"", "[1]", "{", "{\"a\":}", "7", "{\"a\":1"}) {
      Path file = Files.writeString(folder.resolve("bad.json"), text);
      IOException e = assertThrows(MalformedFileException.class, () -> Json.read(file), text);
      assertEquals(0, e.getMessage().indexOf(file + ": not a JSON object"), e.getMessage());
    }
  }
}
