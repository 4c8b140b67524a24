package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.io.Npz;
import io.octet.onnx.Onnx;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The verbs on a model whose free axes cannot all be 1: two images of any size, the same for both,
/// under a window of two pixels.
class FreeAxesTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void writeTheModel() throws IOException {
    Shape any =
        new Shape(
            List.of(
                new Dim.Symbol("N"), new Dim.Fixed(1), new Dim.Symbol("H"), new Dim.Symbol("W")));
    List<ValueInfo> inputs =
        List.of(new ValueInfo("a", DataType.F32, any), new ValueInfo("b", DataType.F32, any));
    List<Node> nodes =
        List.of(
            new Node("sum", new Binary.Add(), List.of("a", "b"), "c"),
            new Node("pool", new Pooling.MaxPool(Window.of(2, 2), false), List.of("c"), "p"),
            new Node("mean", new Pooling.GlobalAveragePool(), List.of("p"), "m"),
            new Node("flat", new Movement.Flatten(1), List.of("m"), "y"));
    ValueInfo y = new ValueInfo("y", DataType.F32, Shape.of());
    Graph open = new Graph("pairs", inputs, List.of(y), Map.of(), nodes);
    model = folder.resolve("pairs.onnx");
    Onnx.write(open.withOutputs(List.of(ShapeInference.infer(open).get("y"))), model);
  }

  @ParameterizedTest
  @ValueSource(strings = {"explain", "bench"})
  void withoutShapesTheVerbAsksForThem(String verb) {
    for (String[] options : List.of(new String[0], new String[] {"--batch", "3"})) {
      String err = Octet.run(verb, model, options).expect(Exit.USAGE).err();
      assertTrue(err.contains("--shape: give the shapes of [a f32["), err);
      assertTrue(err.contains("--shape a=1x1xHxW"), err);
      assertTrue(err.contains("window 2x2 does not fit"), err);
    }
  }

  @Test
  void oneShapeTellsTheAxesOfBothInputs() throws IOException {
    Octet.run("explain", model, "--shape", "a=2x1x4x5").expect(Exit.DONE);
    Map<String, Object> json =
        Octet.run("bench", model, "--shape", "b=2x1x4x5", "--seconds", "0.01", "--json")
            .expect(Exit.DONE)
            .json();
    assertEquals(2, json.get("batch"));
    Octet.run("explain", model, "--shape", "a=1x1x1x1").expect(Exit.BAD_INPUT);
  }

  @Test
  void runAndEvalTakeTheShapesFromTheData() throws IOException {
    Path data = folder.resolve("x.npz");
    Path labels = folder.resolve("labels.npz");
    Tensor image = Tensor.of(new float[3 * 20], 3, 1, 4, 5);
    Npz.write(data, Map.of("a", image, "b", image));
    Npz.write(labels, Map.of("labels", Tensor.of(new int[3], 3)));
    Octet.run("run", model, "--input", data, "--output", folder.resolve("y.npz")).expect(Exit.DONE);
    for (String batch : List.of("1", "2", "32")) {
      Map<String, Object> json =
          Octet.run("eval", model, "--data", data, "--labels", labels, "--batch", batch, "--json")
              .expect(Exit.DONE)
              .json();
      assertEquals(3, json.get("count"));
    }
  }
}
