package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuVerbTest {
  @Test
  void jsonHasTheProcessorTheBackendsAndTheVerdict() throws IOException {
    Map<String, Object> json = Octet.run("cpu", "--json").expect(Exit.DONE).json();
    for (String key : new String[] {"arch", "vendor", "model"}) {
      assertInstanceOf(String.class, json.get(key), key);
    }
    assertInstanceOf(List.class, json.get("features"));
    List<?> backends = (List<?>) json.get("backends");
    assertEquals(
        List.of("onednn", "fbgemm", "octet", "jvm", "reference"),
        backends.stream().map(b -> ((Map<?, ?>) b).get("name")).toList());
    for (Object backend : backends) {
      assertTrue(
          ((Map<?, ?>) backend)
              .keySet()
              .containsAll(Set.of("name", "available", "version", "isa", "reason")));
    }
    Map<?, ?> verdict = (Map<?, ?>) json.get("verdict");
    assertTrue(Set.of("int8-vnni", "int8-reduced", "fp32").contains(verdict.get("path")));
    assertInstanceOf(String.class, verdict.get("reason"));
  }

  @Test
  void textEndsWithTheEngines() {
    Octet.Outcome outcome = Octet.run("cpu").expect(Exit.DONE);
    assertTrue(outcome.out().contains("onednn") && outcome.out().contains("jvm"), outcome.out());
    assertEquals("", outcome.err());
  }

  @Test
  void aFeatureThatIsMissingIsRefusedWithTheReason() throws IOException {
    Octet.Outcome outcome =
        Octet.run("cpu", "--json", "--require", "no_such_feature").expect(Exit.REFUSED);
    assertTrue(outcome.err().contains("no no_such_feature"), outcome.err());
    assertEquals(1, ((List<?>) outcome.json().get("missing")).size());
  }

  @Test
  void featuresThatAreThereAreGranted() throws IOException {
    List<?> features =
        (List<?>) Octet.run("cpu", "--json").expect(Exit.DONE).json().get("features");
    for (Object feature : features) {
      Octet.run("cpu", "--require", feature.toString()).expect(Exit.DONE);
    }
  }

  @Test
  void theEnginesSeeTheProcessorAsTheDetectorDoes() throws IOException {
    assertEquals(
        List.of(), Octet.run("cpu", "--json").expect(Exit.DONE).json().get("disagreements"));
  }
}
