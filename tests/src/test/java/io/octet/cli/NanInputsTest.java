package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.io.Npz;
import io.octet.onnx.Onnx;
import io.octet.tensor.Tensor;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// NaN among the data of every verb that runs a model on data.
class NanInputsTest {
  @TempDir Path folder;
  private Path model;
  private Path data;
  private Path labels;

  @BeforeEach
  void writeTheModelAndItsData() throws IOException {
    model = folder.resolve("net.onnx");
    data = folder.resolve("x.npz");
    labels = folder.resolve("labels.npz");
    Onnx.write(SmallNets.fp32(1), model);
    Tensor image = SmallNets.image(1, 1);
    image.setFloat(17, Float.NaN);
    Npz.write(data, Map.of("input", image));
    Npz.write(labels, Map.of("labels", Tensor.of(new int[] {3}, 1)));
  }

  private Octet.Outcome run(String verb, String... more) {
    Object[] own =
        switch (verb) {
          case "run" -> new Object[] {"--input", data, "--output", folder.resolve("y.npz")};
          case "eval" -> new Object[] {"--data", data, "--labels", labels};
          case "bench" -> new Object[] {"--input", data, "--seconds", "0.01"};
          case "quantize" -> new Object[] {folder.resolve("net8.onnx"), "--calibration", data};
          default -> throw new IllegalArgumentException(verb);
        };
    String[] words = Stream.of(own).map(Object::toString).toArray(String[]::new);
    return Octet.run(verb, model, words, more);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "eval", "bench", "quantize"})
  void isBadInputWithItsNameAndPlace(String verb) {
    Octet.Outcome refused = run(verb).expect(Exit.BAD_INPUT);
    for (String part : new String[] {"NaN", "\"input\"", "element 17"}) {
      assertTrue(refused.err().contains(part), refused::err);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "eval", "bench"})
  void isLetInWhereThatIsAskedFor(String verb) {
    run(verb, "--allow-nan").expect(Exit.DONE);
  }

  @Test
  void noRangeCanHoldIt() {
    run("quantize", "--allow-nan").expect(Exit.USAGE);
  }
}
