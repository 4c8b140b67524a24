package io.octet.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.onnx.Onnx;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Fashion;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The quantized files of the demo's network and of every golden network, byte for byte what they
/// were before the house was rebuilt. Nothing runs here that depends on the processor: what
/// observers see are random numbers, and everything else is Java.
class QuantizedDigestsTest {
  private static final String DIGESTS = "/golden/quantized-digests.txt";
  private static final List<String> QCONFIGS =
      List.of("auto", "fbgemm", "fbgemm-fx", "onednn", "auto-min_max", "x86-moving_average");
  private static final int BATCHES = 2;

  @Test
  void quantizedFilesAreTheSame() throws IOException {
    Map<String, String> now = new TreeMap<>();
    networks()
        .forEach(
            (name, graph) ->
                QCONFIGS.forEach(q -> now.put(name + " " + q, digest(quantized(graph, q)))));
    StringBuilder lines = new StringBuilder();
    now.forEach((what, digest) -> lines.append(what).append(' ').append(digest).append('\n'));
    try (InputStream in = QuantizedDigestsTest.class.getResourceAsStream(DIGESTS)) {
      String before = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(before, lines.toString());
    }
  }

  private static Map<String, Graph> networks() throws IOException {
    Map<String, Graph> networks = new LinkedHashMap<>();
    networks.put("concat", GoldenFlowTest.concatNet());
    networks.put("demo", Fashion.resnet20());
    networks.put("residual", GoldenFlowTest.residualNet());
    networks.put("small", SmallNets.fp32(7));
    networks.put("tutorial", GoldenFlowTest.tutorialNet());
    return networks;
  }

  private static byte[] quantized(Graph graph, String name) {
    QConfig qconfig = QConfig.named(name);
    Calibration calibration = Quantizer.calibration(graph, qconfig);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    calibration.graph().inputs().forEach(i -> shapes.put(i.name(), batchOfTwo(i.shape())));
    Map<String, ValueInfo> infos = ShapeInference.infer(calibration.graph(), shapes);
    Random random = new Random(name.hashCode());
    for (int batch = 0; batch < BATCHES; batch++) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      calibration.graph().inputs().forEach(i -> inputs.put(i.name(), values(infos, i, random)));
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      calibration.graph().outputs().forEach(o -> outputs.put(o.name(), values(infos, o, random)));
      calibration.accept(inputs, outputs);
    }
    return Onnx.toBytes(Quantizer.convert(graph, calibration.table(), qconfig));
  }

  private static Shape batchOfTwo(Shape shape) {
    long[] sizes = new long[shape.rank()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = i == 0 ? 2 : shape.size(i);
    }
    return Shape.of(sizes);
  }

  private static Tensor values(Map<String, ValueInfo> infos, ValueInfo value, Random random) {
    Shape shape = infos.get(value.name()).shape();
    assertEquals(DataType.F32, value.type());
    float[] elements = new float[Math.toIntExact(shape.elements())];
    float unit = 0.5f + random.nextFloat();
    for (int i = 0; i < elements.length; i++) {
      elements[i] = unit * (random.nextFloat() + random.nextFloat() - 0.7f);
    }
    return Tensor.of(elements, shape.sizes());
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
