package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.onnx.Onnx;
import io.octet.quant.QConfig;
import io.octet.testkit.CappedJvm;
import io.octet.testkit.Fashion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A trained network in int8, one file, under each instruction set that this processor has: every
/// convolution in int8, the sums of each layer those of the oracle, the same accuracy.
class EveryIsaTest {
  private static final int LAYERS = 22;

  @TempDir static Path folder;

  @BeforeAll
  static void quantize() throws IOException {
    Files.write(model("auto"), Onnx.toBytes(Fashion.int8(QConfig.auto())));
    Files.write(model("fbgemm"), Onnx.toBytes(Fashion.int8(QConfig.fbgemm())));
  }

  private static Path model(String qconfig) {
    return folder.resolve(qconfig + ".onnx");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sse41",
        "avx2",
        "avx2_vnni",
        "avx512_core",
        "avx512_core_vnni",
        "avx512_core_amx"
      })
  void aThousandImagesUnderACap(String isa) throws Exception {
    assertSameAsWithoutACap(isa, "auto", 1000);
  }

  /// That preset's activations have zero points.
  @ParameterizedTest
  @ValueSource(strings = {"avx2", "avx512_core"})
  void zeroPointsUnderACap(String isa) throws Exception {
    assertSameAsWithoutACap(isa, "fbgemm", 1000);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "sse41, auto", "avx2, auto", "avx2_vnni, auto",
    "avx512_core, auto", "avx512_core_vnni, auto", "avx512_core_amx, auto",
    "sse41, fbgemm", "avx2, fbgemm", "avx2_vnni, fbgemm",
    "avx512_core, fbgemm", "avx512_core_vnni, fbgemm", "avx512_core_amx, fbgemm"
  })
  void tenThousandImagesUnderACap(String isa, String qconfig) throws Exception {
    assertSameAsWithoutACap(isa, qconfig, 10_000);
  }

  /// All in int8, all sums those of the oracle, top-1 within 0.1 point.
  private static void assertSameAsWithoutACap(String isa, String qconfig, int images)
      throws Exception {
    List<String> lines =
        CappedJvm.run(isa, ResNetUnderIsa.class, model(qconfig).toString(), String.valueOf(images));
    String all = String.join("\n", lines);
    String[] last = lines.getLast().split(" ");
    assertEquals(LAYERS, count(lines, "Conv | ") + count(lines, "Gemm | "), all);
    assertEquals(LAYERS, count(lines, "Conv | int8 | ") + count(lines, "Gemm | int8 | "), all);
    assertEquals(LAYERS, Integer.parseInt(last[2]), all);
    int right = ResNetUnderIsa.right(Onnx.read(model(qconfig)), images);
    assertTrue(right > 0.9 * images, () -> right + " right without a cap");
    assertEquals(right, Integer.parseInt(last[1]), images / 1000, all);
  }

  private static long count(List<String> lines, String prefix) {
    return lines.stream().filter(line -> line.startsWith(prefix)).count();
  }
}
