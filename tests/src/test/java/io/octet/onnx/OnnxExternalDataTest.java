package io.octet.onnx;

import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Weights in files of their own.
final class OnnxExternalDataTest {
  @TempDir Path outer;
  private Path folder;

  @BeforeEach
  void twoFloatsBesideTheModelAndTwoOutside() throws IOException {
    folder = Files.createDirectories(outer.resolve("model"));
    byte[] oneAndTwo = {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40};
    Files.write(folder.resolve("w.bin"), oneAndTwo);
    Files.write(outer.resolve("secret.bin"), oneAndTwo);
  }

  private static TensorProto.Builder external(String name, int size, String... entries) {
    TensorProto.Builder tensor =
        tensor(name, DataType.FLOAT, size).setDataLocation(DataLocation.EXTERNAL);
    for (int i = 0; i < entries.length; i += 2) {
      tensor.addExternalDataBuilder().setKey(entries[i]).setValue(entries[i + 1]);
    }
    return tensor;
  }

  private static OnnxModel sum(TensorProto.Builder... weights) {
    OnnxModel model = new OnnxModel(13).input("x", 2).node("Relu", "x", "y0");
    for (int i = 0; i < weights.length; i++) {
      model.constant(weights[i]);
      model.node("Add", "y" + i + " " + weights[i].getName(), "y" + (i + 1));
    }
    return model.openOutput("y" + weights.length);
  }

  private Graph read(TensorProto.Builder... weights) throws IOException {
    return Onnx.read(Files.write(folder.resolve("m.onnx"), sum(weights).bytes()));
  }

  @Test
  void offsetAndLengthSayWhere() throws IOException {
    Graph graph =
        read(
            external("a", 1, "location", "w.bin"),
            external("b", 1, "location", "w.bin", "offset", "4", "length", "4"));
    assertEquals(1, graph.constant("a").getFloat(0));
    assertEquals(2, graph.constant("b").getFloat(0));
  }

  @Test
  void tensorsMayShareAPlace() throws IOException {
    Graph graph =
        read(external("a", 2, "location", "w.bin"), external("b", 2, "location", "./w.bin"));
    assertArrayEquals(new float[] {1, 2}, graph.constant("b").toFloats());
  }

  @Test
  void tensorsThatShareAPlaceAreHeldOnce() throws IOException {
    Graph graph =
        read(external("a", 2, "location", "w.bin"), external("b", 2, "location", "w.bin"));
    assertSame(graph.constant("a").data(), graph.constant("b").data());
  }

  @Test
  void aSparseFileIsNotTakenAtItsWord() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("big").toFile(), "rw")) {
      file.setLength(1L << 37);
    }
    TensorProto.Builder[] many = new TensorProto.Builder[64];
    for (int i = 0; i < many.length; i++) {
      long offset = i * (2L << 30);
      many[i] = external("w" + i, 500_000_000, "location", "big", "offset", "" + offset);
    }
    many[0] = external("w0", 2, "location", "w.bin");
    Unsupported e = assertThrows(Unsupported.class, () -> read(many));
    assertTrue(e.getMessage().contains("but Java's heap has at most"), e::getMessage);
  }

  @Test
  void tensorsThatOverlapOtherwiseAreRefused() {
    InvalidModel e =
        assertThrows(
            InvalidModel.class,
            () ->
                read(
                    external("a", 2, "location", "w.bin"),
                    external("b", 1, "location", "w.bin", "offset", "4")));
    assertEquals("tensor \"b\": tensors overlap in w.bin", e.getMessage());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "../secret.bin, outside the model's folder",
    "sub/../../secret.bin, outside the model's folder",
    "sub/../w.bin, outside the model's folder",
    "/etc/passwd, outside the model's folder",
    "gone.bin, there is no file",
    "., there is no file",
    "'', without a location",
    "a\0b, is no path",
  })
  void aPlaceThatIsNoneIsRefused(String location, String message) {
    InvalidModel e =
        assertThrows(InvalidModel.class, () -> read(external("w", 2, "location", location)));
    assertTrue(e.getMessage().startsWith("tensor \"w\""), e::getMessage);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  @Test
  void aLinkThatLeadsOutOfTheFolderIsRefused() throws IOException {
    Files.createSymbolicLink(folder.resolve("link.bin"), outer.resolve("secret.bin"));
    InvalidModel e =
        assertThrows(InvalidModel.class, () -> read(external("w", 2, "location", "link.bin")));
    assertTrue(e.getMessage().contains("outside"), e::getMessage);
  }

  private static byte[] external() {
    return sum(external("w", 2, "location", "model.onnx_data")).bytes();
  }

  private Path link(String link, String target) throws IOException {
    Path at = outer.resolve(link);
    Files.createDirectories(at.getParent());
    return Files.createSymbolicLink(at, Path.of(target));
  }

  private void assertReadsOneAndTwo(Path model) throws IOException {
    assertArrayEquals(new float[] {1, 2}, Onnx.read(model).constant("w").toFloats());
  }

  /// Hugging Face's cache: snapshots/<revision>/<name> -> ../../blobs/<hash>.
  @Test
  void aCacheThatNamesItsContentByLinksIsRead() throws IOException {
    Path blobs = Files.createDirectories(outer.resolve("hub/blobs"));
    Files.write(blobs.resolve("0a1b"), external());
    Files.copy(folder.resolve("w.bin"), blobs.resolve("9f8e"));
    Path model = link("hub/snapshots/abc/model.onnx", "../../blobs/0a1b");
    link("hub/snapshots/abc/model.onnx_data", "../../blobs/9f8e");
    assertReadsOneAndTwo(model);
    // Also through a link to the folder, and from where the data's link is not.
    link("latest", "hub/snapshots/abc");
    assertReadsOneAndTwo(outer.resolve("latest/model.onnx"));
  }

  @Test
  void aLinkToAModelFindsTheDataBesideTheModel() throws IOException {
    Files.copy(folder.resolve("w.bin"), folder.resolve("model.onnx_data"));
    Files.write(folder.resolve("m.onnx"), external());
    assertReadsOneAndTwo(link("elsewhere/link.onnx", folder.resolve("m.onnx").toString()));
    link("elsewhere/again.onnx", "link.onnx");
    assertReadsOneAndTwo(outer.resolve("elsewhere/again.onnx"));
  }

  /// A volume of Kubernetes: model.onnx -> ..data/model.onnx, ..data -> ..2026.
  @Test
  void aVolumeOfLinksIsRead() throws IOException {
    Path data = Files.createDirectories(outer.resolve("k8s/..2026"));
    Files.write(data.resolve("model.onnx"), external());
    Files.copy(folder.resolve("w.bin"), data.resolve("model.onnx_data"));
    link("k8s/..data", "..2026");
    link("k8s/model.onnx_data", "..data/model.onnx_data");
    assertReadsOneAndTwo(link("k8s/model.onnx", "..data/model.onnx"));
  }

  @Test
  void aLinkedModelGivesNoWayOutOfBothFolders() throws IOException {
    Path blobs = Files.createDirectories(outer.resolve("hub/blobs"));
    Files.write(blobs.resolve("0a1b"), external());
    Path model = link("hub/snapshots/abc/model.onnx", "../../blobs/0a1b");
    link("hub/snapshots/abc/model.onnx_data", "../../../secret.bin");
    InvalidModel e = assertThrows(InvalidModel.class, () -> Onnx.read(model));
    assertTrue(e.getMessage().contains("outside the model's folder"), e::getMessage);
  }

  @ParameterizedTest(name = "{0} {1} for {2} floats")
  @CsvSource({
    "offset, 4, 2, external data takes 8 bytes from offset 4",
    "offset, 9223372036854775807, 2, external data takes 8 bytes from",
    "offset, -1, 2, offset is \"-1\"",
    "offset, x, 2, offset is \"x\"",
    "length, 4, 2, 'takes 8 bytes, but its external data has 4'",
    "length, 99999999999999999999, 2, length is",
    "checksum, none, 400000000, external data takes 1600000000 bytes from offset 0",
  })
  void aSizeThatTheFileDoesNotBackIsRefused(String key, String value, int size, String message) {
    InvalidModel e =
        assertThrows(
            InvalidModel.class, () -> read(external("w", size, "location", "w.bin", key, value)));
    assertTrue(e.getMessage().startsWith("tensor \"w\""), e::getMessage);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  @Test
  void bytesAloneHaveNoFilesBesideThem() {
    byte[] model = sum(external("w", 2, "location", "w.bin")).bytes();
    Unsupported e = assertThrows(Unsupported.class, () -> Onnx.read(model));
    assertTrue(e.getMessage().contains("tensor \"w\" stands in another file"), e::getMessage);
  }

  // ---- writing

  private static Graph perceptron() {
    float[] weights = new float[4 * 300];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i / 100f;
    }
    return Onnx.read(
        new OnnxModel(17)
            .input("x", "N", 300)
            .constant("w", new long[] {300, 4}, weights)
            .constant("v", new long[] {4, 300}, weights)
            .constant("b", new long[] {4}, 1, 2, 3, 4)
            .node("MatMul", "x w", "h")
            .node("Add", "h b", "hb")
            .node("MatMul", "hb v", "y")
            .openOutput("y")
            .bytes());
  }

  @Test
  void weightsThatTheFileDoesNotHoldStandBesideIt() throws Exception {
    Graph graph = perceptron();
    Path file = folder.resolve("net.onnx");
    Onnx.write(graph, ModelMetadata.NONE, file, WriteOptions.DEFAULT.largest(5_000));
    assertTrue(Files.size(file) < 1_000);
    assertEquals(8192 + 4800, Files.size(folder.resolve("net.onnx.data")));
    Answers.assertSame(graph, Onnx.read(file));
    Files.move(file, outer.resolve("net.onnx"));
    Files.move(folder.resolve("net.onnx.data"), outer.resolve("net.onnx.data"));
    try (OrtSession session =
        OrtEnvironment.getEnvironment().createSession(outer.resolve("net.onnx").toString())) {
      assertEquals(1, session.getNumOutputs());
    }
  }

  @Test
  void weightsThatFitStayInTheFile() throws IOException {
    Path file = folder.resolve("net.onnx");
    Onnx.write(perceptron(), ModelMetadata.NONE, file, WriteOptions.DEFAULT.largest(9_616));
    assertFalse(Files.exists(folder.resolve("net.onnx.data")));
    assertThrows(IllegalArgumentException.class, () -> WriteOptions.DEFAULT.largest(-1));
    assertThrows(IllegalArgumentException.class, () -> WriteOptions.DEFAULT.largest(1L << 31));
  }

  @Test
  void aModelThatCannotBeWrittenLeavesNoWeights() {
    Path file = folder.resolve("gone/net.onnx");
    WriteOptions apart = WriteOptions.DEFAULT.largest(0);
    assertThrows(
        IOException.class, () -> Onnx.write(perceptron(), ModelMetadata.NONE, file, apart));
    assertFalse(Files.exists(folder.resolve("gone")));
  }
}
