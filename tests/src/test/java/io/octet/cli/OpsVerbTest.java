package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.Op;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpsVerbTest {
  private static final Path TABLE = Path.of("src/test/resources/ops.txt");

  /// What is supported changes with a commit that says so, in this file.
  @Test
  void theTableIsTheCommittedOne() throws IOException {
    String table = Octet.run("ops").expect(Exit.DONE).out();
    assertEquals(
        Files.readString(TABLE).replace("\r", ""),
        table,
        "the operators have changed: ./octet ops > tests/" + TABLE);
  }

  @Test
  void jsonHasEverySignature() throws IOException {
    Map<String, Object> json = Octet.run("ops", "--json").expect(Exit.DONE).json();
    List<?> operators = (List<?>) json.get("operators");
    assertEquals(Op.signatures().size(), operators.size());
    Map<?, ?> conv =
        operators.stream()
            .map(o -> (Map<?, ?>) o)
            .filter(o -> o.get("name").equals("Conv"))
            .findFirst()
            .orElseThrow();
    assertEquals("Convolution", conv.get("family"));
    assertEquals(Map.of("T", List.of("f32")), conv.get("types"));
    assertEquals(true, conv.get("int8"));
    assertTrue(((List<?>) conv.get("inputs")).size() == 3, conv.toString());
  }
}
