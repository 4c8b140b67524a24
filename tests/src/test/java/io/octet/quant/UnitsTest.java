package io.octet.quant;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.quant.IntegerLayer.Source;
import io.octet.quant.observe.Observer;
import io.octet.quant.observe.ObserverKind;
import io.octet.quant.observe.Range;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A scale has the unit of its data: kilometres and millimetres are the same network.
class UnitsTest {
  private static final int SAMPLES = 8;
  private static final float[] INPUTS = gaussian(10, SAMPLES * 3 * 6 * 6, 1);
  private static final float[] WEIGHTS = gaussian(11, 8 * 3 * 3 * 3, 0.3f);

  /// Inputs are `2^exponent` times as large and the first weights as much smaller, so that nothing
  /// behind the first layer changes: neither may the integers.
  @ParameterizedTest
  @ValueSource(ints = {-110, -90, -40, -27, -20, -10, 10, 30, 60, 100})
  void qualityDoesNotHangOnTheUnitOfTheData(int exponent) {
    assertArrayEquals(int8(0, QConfig.auto()), int8(exponent, QConfig.auto()));
  }

  @ParameterizedTest
  @EnumSource(ObserverKind.class)
  void norWithAnotherObserver(ObserverKind kind) {
    QConfig qconfig = QConfig.auto().toBuilder().observer(kind).build();
    assertArrayEquals(int8(0, qconfig), int8(-40, qconfig));
  }

  @Test
  void pyTorchsPresetsKeepTheirFloorAndWarnWhereItBinds() {
    List<String> warnings = table(-27, QConfig.onednn()).warnings();
    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.getFirst().startsWith("\"input\" lies in ["), warnings::toString);
    assertTrue(warnings.getFirst().contains("1.1920929E-7"), warnings::toString);
    assertTrue(warnings.getFirst().endsWith("auto has no such floor"), warnings::toString);
    List<String> ofWeights = table(27, QConfig.fbgemm()).warnings();
    assertEquals(1, ofWeights.size(), ofWeights::toString);
    assertTrue(
        ofWeights.getFirst().startsWith("weights \"0.weight\" of \"0\", 8 of 8 channels:"),
        ofWeights::toString);
    assertEquals(List.of(), table(0, QConfig.onednn()).warnings());
    assertEquals(List.of(), table(-27, QConfig.auto()).warnings());
  }

  /// Not a floor but a convention: nothing is lost where all is zero.
  @Test
  void zerosHaveTheSameScaleInEveryPresetAndNoWarning() {
    for (QConfig qconfig : List.of(QConfig.auto(), QConfig.fbgemm(), QConfig.onednn())) {
      assertEquals(0x1p-23f, qconfig.params(new Range(0, 0), false).scale());
      assertEquals(0x1p-23f, qconfig.params(new Range(0, 0), true).scale());
    }
    float[] zeros = new float[INPUTS.length];
    CalibrationTable table = Calibrator.calibrate(net(0), QConfig.fbgemm(), samples(zeros));
    assertEquals(List.of(), table.warnings());
  }

  @Test
  void theSmallestNormalFloatIsAutosFloor() {
    float floor = Float.MIN_NORMAL;
    assertEquals(floor, QConfig.auto().params(new Range(0, 100 * floor), true).scale());
    assertEquals(floor, QConfig.auto().params(new Range(-floor / 4, 0), false).scale());
    QuantParams above = QConfig.auto().params(new Range(0, 510 * floor), true);
    assertEquals(2 * floor, above.scale());
  }

  /// What the kernels multiply sums with must have all its bits.
  @Test
  void aWeightScaleIsRaisedWhereItsProductWithTheInputsWouldBeSubnormal() {
    Tensor weights = Tensor.of(new float[] {1e-30f, -1e-31f, 0, 1}, 4, 1);
    Source source = new Source("fc", "w", weights, 0, new float[0]);
    IntegerLayer layer = IntegerLayer.quantize(source, 1e-20f, QConfig.auto());
    for (float scale : layer.scales()) {
      assertTrue(1e-20f * scale >= Float.MIN_NORMAL, "" + scale);
    }
    assertEquals(1 / 127f, layer.scales()[3]);
    assertEquals(List.of(0, 1), layer.raised().stream().map(r -> r.channel()).toList());
    assertEquals(1e-30f / 127, layer.raised().getFirst().from());
  }

  @Test
  void aProductOfScalesBeyondFloatIsRefusedByTheLayersName() {
    Source source = new Source("fc", "w", Tensor.of(new float[] {1e30f}, 1, 1), 0, new float[] {1});
    InvalidModel e =
        assertThrows(
            InvalidModel.class, () -> IntegerLayer.quantize(source, 1e20f, QConfig.auto()));
    assertTrue(
        e.getMessage().startsWith("layer \"fc\": its input has scale 1.0E20"), e::getMessage);
  }

  @ParameterizedTest
  @EnumSource(ObserverKind.class)
  void rangesAtTheEndsOfFloatGiveUsableScales(ObserverKind kind) {
    float most = Float.MAX_VALUE;
    for (float[] values :
        new float[][] {{-most, 1, most}, {1e36f, -1, 2}, {1e-42f, 2e-42f}, {-1e-42f, 1, 1e-30f}}) {
      Observer observer = QConfig.auto().toBuilder().observer(kind).build().settings().observe();
      observer.accept("x", Tensor.of(values, values.length));
      observer.accept("x", Tensor.of(new float[] {values[0]}, 1));
      Range range = observer.range();
      assertTrue(Float.isFinite(range.low()) && Float.isFinite(range.high()), range::toString);
      assertTrue(range.low() <= range.high(), range::toString);
      for (QConfig qconfig : List.of(QConfig.auto(), QConfig.fbgemm(), QConfig.onednn())) {
        float scale = qconfig.params(range, false).scale();
        assertTrue(scale >= Float.MIN_NORMAL && Float.isFinite(scale), range + " " + scale);
      }
    }
  }

  @Test
  void aRangeTooWideForPyTorchsHistogramIsRefusedByTheValuesName() {
    Observer observer = QConfig.fbgemm().settings().observe();
    Tensor wide = Tensor.of(new float[] {-1, 1e36f}, 2);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> observer.accept("conv1.out", wide));
    assertTrue(e.getMessage().startsWith("\"conv1.out\" lies in [-1.0, 1.0E36]"), e::getMessage);
  }

  @Test
  void inAUnitOfTheirOwnOrdinaryValuesHaveTheBitsOfPyTorchs() {
    Observer torch = Observer.of(ObserverKind.HISTOGRAM);
    Observer own = Observer.inAnyUnit(ObserverKind.HISTOGRAM);
    for (int i = 1; i < 20; i++) {
      Tensor batch = Tensor.of(gaussian(i, 500, 0.02f * i * i), 500);
      torch.accept("x", batch);
      own.accept("x", batch);
    }
    assertArrayEquals(torch.bins(), own.bins());
    assertEquals(torch.range(), own.range());
  }

  /// 1,000 numbers of a size, beside the same of another: the range follows the size.
  @ParameterizedTest
  @ValueSource(ints = {-120, -60, -25, 45, 90, 120})
  void theHistogramsRangeIsThatOfOrdinaryValuesInTheirUnit(int exponent) {
    float[] values = gaussian(3, 1000, 1);
    Observer one = Observer.inAnyUnit(ObserverKind.HISTOGRAM);
    Observer other = Observer.inAnyUnit(ObserverKind.HISTOGRAM);
    for (int i = 0; i < 4; i++) {
      float[] batch = new float[250];
      float[] scaled = new float[250];
      for (int j = 0; j < 250; j++) {
        batch[j] = values[i * 250 + j];
        scaled[j] = Math.scalb(batch[j], exponent);
      }
      one.accept("x", Tensor.of(batch, 250));
      other.accept("x", Tensor.of(scaled, 250));
    }
    assertArrayEquals(one.bins(), other.bins());
    Range range = one.range();
    assertEquals(Math.scalb(range.low(), exponent), other.range().low());
    assertEquals(Math.scalb(range.high(), exponent), other.range().high());
  }

  @Test
  void nothingButInfinitiesIsRefusedByTheValuesName() {
    float[] infinities = new float[INPUTS.length];
    java.util.Arrays.fill(infinities, Float.POSITIVE_INFINITY);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Calibrator.calibrate(net(0), QConfig.auto(), samples(infinities)));
    assertTrue(
        e.getMessage().startsWith("calibration saw no finite number in \"input\": "),
        e::getMessage);
  }

  @Test
  void whereTheBiasIsAtTheLimitTheScaleStays() {
    // The scales' product is 1 and 127 * 255 is the largest sum: 2^31 - 1 - 32385 is left.
    Tensor weights = Tensor.of(new float[] {1}, 1, 1);
    assertEquals(1f, 127f * (1 / 127f));
    for (float sign : new float[] {1, -1}) {
      IntegerLayer fits = biased(weights, sign * 2147451136f);
      assertEquals(List.of(), fits.raised());
      assertEquals((int) (sign * 2147451136f), fits.bias()[0]);
      IntegerLayer tooLarge = biased(weights, sign * 2147451264f);
      assertEquals(1, tooLarge.raised().size());
      assertEquals(1 / 127f, tooLarge.raised().getFirst().from());
      assertTrue(Math.abs((long) tooLarge.bias()[0]) + 127 * 255 <= Integer.MAX_VALUE);
      assertEquals(126, Math.abs(tooLarge.weights().toBytes()[0]), 1);
    }
  }

  /// A bias leaves at most 2^30 for the products, however many there are.
  @Test
  void theRoomForProductsIsBounded() {
    float[] many = new float[40_000];
    java.util.Arrays.fill(many, 1);
    Tensor weights = Tensor.of(many, 1, many.length);
    assertEquals(List.of(), biased(weights, 1073741760f).raised());
    assertEquals(1, biased(weights, 1073741824f).raised().size());
  }

  private static IntegerLayer biased(Tensor weights, float bias) {
    Source source = new Source("fc", "w", weights, 0, new float[] {bias});
    return IntegerLayer.quantize(source, 127f, QConfig.auto());
  }

  private static float[] int8(int exponent, QConfig qconfig) {
    CalibrationTable table = table(exponent, qconfig);
    Graph graph = Quantizer.convert(net(exponent), table);
    Tensor x = Tensor.of(scaled(INPUTS, exponent), SAMPLES, 3, 6, 6);
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      float[] y = session.run(Map.of("input", x), arena).get("output").toFloats();
      assertFalse(List.of(y).isEmpty());
      return y;
    }
  }

  private static CalibrationTable table(int exponent, QConfig qconfig) {
    return Calibrator.calibrate(net(exponent), qconfig, samples(scaled(INPUTS, exponent)));
  }

  private static java.util.Iterator<Map<String, Tensor>> samples(float[] values) {
    return List.of(Map.of("input", Tensor.of(values, SAMPLES, 3, 6, 6))).iterator();
  }

  private static Graph net(int exponent) {
    return sequential(
            conv2d(3, 8, 3).padding(1).weights(scaled(WEIGHTS, -exponent), gaussian(12, 8, 0.1f)),
            relu(),
            conv2d(8, 4, 1).weights(gaussian(13, 32, 1), new float[4]),
            flatten())
        .input(3, 6, 6);
  }

  private static float[] scaled(float[] values, int exponent) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = Math.scalb(scaled[i], exponent);
    }
    return scaled;
  }

  private static float[] gaussian(long seed, int count, float deviation) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian() * deviation;
    }
    return values;
  }
}
