package io.octet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The README's Java is compiled and run as it stands there.
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINE = Pattern.compile("([0-9,]+) bytes, ([0-9.]+) us");

  @TempDir Path folder;

  @Test
  void theTutorialRunsAndItsInt8NetworkIsSmaller() throws Exception {
    Matcher block = BLOCK.matcher(Files.readString(Path.of("../README.md")));
    assertTrue(block.find(), "the README has no Java");
    Path source = Files.writeString(folder.resolve("Tutorial.java"), block.group(1));
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny",
                "-Duser.language=en",
                "-cp",
                System.getProperty("java.class.path"),
                source.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "it does not end");
    String text = Files.readString(output);
    assertEquals(0, process.exitValue(), text);
    List<Long> bytes =
        LINE.matcher(text).results().map(m -> Long.parseLong(m.group(1).replace(",", ""))).toList();
    assertEquals(2, bytes.size(), text);
    assertTrue(bytes.get(0) > 3.85 * bytes.get(1), text);
  }
}
