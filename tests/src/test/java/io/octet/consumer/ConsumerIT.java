package io.octet.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.consumer.Consumer.Outcome;
import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The tutorial network in every form in which it is shipped, with exactly the flags that the
/// README names and native access denied to everything else.
class ConsumerIT {
  private static final String MAIN = "org.example.consumer.Tutorial";
  private static final String ALL_UNNAMED = "--enable-native-access=ALL-UNNAMED";
  private static final String OCTET = "--enable-native-access=io.octet";

  private static Consumer consumer;

  @BeforeAll
  static void buildTheConsumer() throws IOException, InterruptedException {
    consumer = Consumer.build(Consumer.emptied(Path.of("target/consumer").toAbsolutePath()));
  }

  @Test
  void runsFromTheClassPath() throws Exception {
    assertRan(consumer.java(ALL_UNNAMED, "-cp", consumer.path(), MAIN));
  }

  @Test
  void runsFromTheModulePath() throws Exception {
    assertRan(onTheModulePath(OCTET));
  }

  @Test
  void runsFromAShadedJar() throws Exception {
    assertRan(consumer.java(ALL_UNNAMED, "-jar", "consumer-1-shaded.jar"));
  }

  @Test
  void runsFromASpringBootJar() throws Exception {
    assertRan(consumer.java(ALL_UNNAMED, "-jar", "consumer-boot.jar"));
  }

  @Test
  void runsWithAReadOnlyHome() throws Exception {
    Path home = Files.createDirectories(consumer.folder().resolve("read-only-home"));
    // Root may write anywhere, but not below a file.
    Files.createFile(home.resolve(".cache"));
    assertTrue(home.toFile().setWritable(false), "cannot make the home read-only");
    try {
      assertRan(consumer.java("-Duser.home=" + home, ALL_UNNAMED, "-cp", consumer.path(), MAIN));
    } finally {
      home.toFile().setWritable(true);
    }
  }

  @Test
  void namesTheFlagWhereTheClassPathLacksIt() throws Exception {
    assertNames(ALL_UNNAMED, consumer.java("-cp", consumer.path(), MAIN));
  }

  @Test
  void namesTheFlagWhereTheModulePathLacksIt() throws Exception {
    assertNames(OCTET, onTheModulePath("-Dno.flag"));
  }

  private static Outcome onTheModulePath(String flag) throws Exception {
    return consumer.java(
        flag,
        "--module-path",
        consumer.path(),
        "--add-modules",
        Consumer.dnnlModule(),
        "-m",
        "org.example.consumer/" + MAIN);
  }

  /// Both layers ran where this machine's verdict says that they do, and to the same answers.
  private static void assertRan(Outcome outcome) {
    assertEquals(0, outcome.status(), outcome::text);
    String dtype = Cpu.verdict().path() == Verdict.Path.FP32 ? "fp32" : "int8";
    for (String layer : List.of("Conv", "Gemm")) {
      String line = "layer " + layer + " " + dtype + " onednn";
      assertTrue(outcome.text().lines().anyMatch(line::equals), outcome::text);
    }
    Matcher agreement = Pattern.compile("agreement (\\d+) of 100").matcher(outcome.text());
    assertTrue(agreement.find() && Integer.parseInt(agreement.group(1)) >= 90, outcome::text);
  }

  private static void assertNames(String flag, Outcome outcome) {
    assertNotEquals(0, outcome.status(), outcome::text);
    long errors = outcome.text().lines().filter(line -> line.contains(flag)).count();
    assertEquals(1, errors, () -> "lines that name " + flag + " in: " + outcome.text());
  }
}
