package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.onnx.Onnx;
import io.octet.quant.QConfig;
import io.octet.runtime.Session;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A trained network in int8, one file, under each instruction set that this processor has, with
/// oneDNN and with FBGEMM asked first: every convolution in int8, the sums of each layer those of
/// the oracle, the same accuracy.
class EveryIsaTest {
  private static final int LAYERS = 22;

  /// Those that add a residual are oneDNN's.
  private static final int LAYERS_WITHOUT_RESIDUAL = 13;

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
  @MethodSource("io.octet.testkit.CappedJvm#caps")
  void aThousandImagesUnderACap(DnnlIsa isa) throws Exception {
    assertSameAsWithoutACap(isa, "auto", 1000);
  }

  /// That preset's activations have zero points.
  @ParameterizedTest
  @EnumSource(names = {"AVX2", "AVX512_CORE_VNNI"})
  void zeroPointsUnderACap(DnnlIsa isa) throws Exception {
    assertSameAsWithoutACap(isa, "fbgemm", 1000);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("io.octet.testkit.CappedJvm#caps")
  void tenThousandImagesUnderACap(DnnlIsa isa) throws Exception {
    assertSameAsWithoutACap(isa, "auto", 10_000);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("io.octet.testkit.CappedJvm#caps")
  void zeroPointsInTenThousandImagesUnderACap(DnnlIsa isa) throws Exception {
    assertSameAsWithoutACap(isa, "fbgemm", 10_000);
  }

  /// All in int8, all sums those of the oracle, top-1 within 0.1 point, whoever is asked first; and
  /// where exactness is asked for, every logit the same to the bit.
  private static void assertSameAsWithoutACap(DnnlIsa isa, String qconfig, int images)
      throws Exception {
    List<String> lines =
        CappedJvm.run(isa, ResNetUnderIsa.class, model(qconfig).toString(), String.valueOf(images));
    String all = String.join("\n", lines);
    System.out.println(summary(isa, qconfig, lines));
    int exact = ResNetUnderIsa.exactLogits(Onnx.read(model(qconfig)), "onednn");
    int right;
    try (Session session = ResNetUnderIsa.open(Onnx.read(model(qconfig)), "onednn")) {
      right = ResNetUnderIsa.right(session, images);
    }
    assertTrue(right > 0.9 * images, () -> right + " right without a cap");
    for (String first : List.of("onednn", "fbgemm")) {
      assertEquals(LAYERS, layers(lines, first, "(int8|fp32)", ".*"), all);
      assertEquals(LAYERS, layers(lines, first, "int8", "(onednn|fbgemm)"), all);
      assertEquals(right, number(lines, first + " right: "), images / 1000, all);
      assertEquals(exact, number(lines, first + " exact: "), "exact logits: " + all);
    }
    assertEquals(LAYERS, number(lines, "onednn sums: "), all);
    assertFbgemmServes(isa, lines);
  }

  /// FBGEMM's share: none below AVX2, else the exact sums of every layer by itself, and with VNNI
  /// each layer of the network that adds no residual. Without, its own proof decides.
  private static void assertFbgemmServes(DnnlIsa isa, List<String> lines) {
    String all = String.join("\n", lines);
    boolean isThere = CappedJvm.hadFbgemm(isa, lines.getFirst());
    int ran = isThere && isa.includes(DnnlIsa.AVX512_CORE_VNNI) ? LAYERS_WITHOUT_RESIDUAL : 0;
    assertEquals(isThere ? LAYERS : 0, number(lines, "fbgemm sums: "), all);
    assertTrue(layers(lines, "fbgemm", "int8", "fbgemm") >= ran, all);
    assertTrue(isThere || layers(lines, "fbgemm", "int8", "fbgemm") == 0, all);
  }

  private static String summary(DnnlIsa isa, String qconfig, List<String> lines) {
    return ("%s, preset %s: right %d with oneDNN first, %d with FBGEMM first, which ran %d layers;"
            + " sums exact in %d and %d layers")
        .formatted(
            isa.text(),
            qconfig,
            number(lines, "onednn right: "),
            number(lines, "fbgemm right: "),
            layers(lines, "fbgemm", "int8", "fbgemm"),
            number(lines, "onednn sums: "),
            number(lines, "fbgemm sums: "));
  }

  private static long layers(List<String> lines, String first, String type, String backend) {
    String row = "%s \\| (Conv|Gemm) \\| %s \\| %s \\| .*".formatted(first, type, backend);
    return lines.stream().filter(line -> line.matches(row)).count();
  }

  private static int number(List<String> lines, String prefix) {
    return lines.stream()
        .filter(line -> line.startsWith(prefix))
        .mapToInt(line -> Integer.parseInt(line.substring(prefix.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(prefix + " is not in " + lines));
  }
}
