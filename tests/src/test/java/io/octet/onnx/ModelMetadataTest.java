package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import io.octet.graph.Graph;
import io.octet.onnx.ModelMetadata.Notes;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.ReportedModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a file says beside its network comes through reading, quantizing and writing.
final class ModelMetadataTest {
  @TempDir Path folder;

  private static StringStringEntryProto.Builder entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value);
  }

  private static OnnxModel annotated() {
    return new OnnxModel(17)
        .input("x", "N", 2, 4, 4)
        .constant("w", new long[] {3, 2, 1, 1}, 1, -2, 3, -4, 5, -6)
        .node("conv", "Conv", "x w", "c")
        .node("", "Relu", "c", "y")
        .openOutput("y")
        .model(
            m ->
                m.setProducerName("pytorch")
                    .setProducerVersion("2.13.0")
                    .setDomain("org.example")
                    .setModelVersion(7)
                    .setDocString("made for the test")
                    .addMetadataProps(entry("names", "{0: 'cat', 1: 'dog'}"))
                    .addMetadataProps(entry("stride", "32")))
        .graph(
            g -> {
              g.setDocString("a graph").addMetadataProps(entry("source", "here"));
              g.getInputBuilder(0).setDocString("an image");
              g.getNodeBuilder(0).setDocString("first layer").addMetadataProps(entry("line", "3"));
              g.getNodeBuilder(1).setDocString("nameless");
            });
  }

  private static Notes notes(String doc, String... entries) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      properties.put(entries[i], entries[i + 1]);
    }
    return new Notes(doc, properties);
  }

  @Test
  void aModelIsReadWithWhatIsSaidOfIt() {
    ModelMetadata metadata = Onnx.readModel(annotated().bytes()).metadata();
    assertEquals(
        new ModelMetadata(
            "pytorch 2.13.0",
            "org.example",
            7,
            notes("made for the test", "names", "{0: 'cat', 1: 'dog'}", "stride", "32"),
            notes("a graph", "source", "here"),
            Map.of("conv", notes("first layer", "line", "3"), "Relu_y", notes("nameless")),
            Map.of("x", notes("an image"))),
        metadata);
    assertEquals(List.of("names", "stride"), List.copyOf(metadata.model().properties().keySet()));
  }

  @Test
  void aQuantizedCopyKeepsWhatQuantizationDoesNotChange() throws Exception {
    Onnx.Model model = Onnx.readModel(annotated().bytes());
    CalibrationTable table =
        Calibrator.calibrate(
            model.graph(),
            QConfig.auto(),
            List.of(ReportedModels.inputs(model.graph())).iterator());
    Graph quantized = Quantizer.convert(model.graph(), table);
    Path file = folder.resolve("q.onnx");
    Onnx.write(quantized, model.metadata(), file);
    ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(file));
    assertEquals("octet", proto.getProducerName());
    assertEquals("org.example", proto.getDomain());
    assertEquals(7, proto.getModelVersion());
    assertEquals("made for the test", proto.getDocString());
    assertEquals(
        List.of(entry("names", "{0: 'cat', 1: 'dog'}").build(), entry("stride", "32").build()),
        proto.getMetadataPropsList());
    assertEquals("a graph", proto.getGraph().getDocString());
    assertEquals("an image", proto.getGraph().getInput(0).getDocString());
    NodeProto conv =
        proto.getGraph().getNodeList().stream()
            .filter(n -> n.getName().equals("conv"))
            .findFirst()
            .orElseThrow();
    assertEquals("first layer", conv.getDocString());
    assertEquals(List.of(entry("line", "3").build()), conv.getMetadataPropsList());
    // Properties of nodes came with format 10.
    assertEquals(10, proto.getIrVersion());
    try (OrtRunner ort = new OrtRunner(proto.toByteArray())) {
      assertEquals(1, ort.run(ReportedModels.inputs(quantized)).size());
    }
    ModelMetadata again = Onnx.readModel(file).metadata();
    assertEquals(model.metadata().model(), again.model());
    assertEquals(model.metadata().nodes(), again.nodes());
  }

  @Test
  void withoutMetadataTheFileIsWhatItWas() throws IOException {
    Graph graph = Onnx.read(annotated().bytes());
    assertArrayEquals(Onnx.toBytes(graph), Onnx.toBytes(graph, ModelMetadata.NONE));
    ModelProto plain = ModelProto.parseFrom(Onnx.toBytes(graph));
    assertEquals(8, plain.getIrVersion());
    assertEquals(0, plain.getMetadataPropsCount());
  }

  @Test
  void labelsAloneNeedNoLaterFormat() throws IOException {
    Onnx.Model model = Onnx.readModel(ReportedModels.named("metadata", "net"));
    ModelProto proto = ModelProto.parseFrom(Onnx.toBytes(model.graph(), model.metadata()));
    assertEquals(8, proto.getIrVersion());
    assertEquals(3, proto.getMetadataPropsCount());
  }
}
