package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.onnxruntime.OrtException;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Product;
import io.octet.graph.op.ValueInfo;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OrtRunner;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Equations mean what they mean to ONNX Runtime, read as products of matrices or not.
class EinsumTest {
  /// @param literal whether it stays Einsum
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Two operands that are a product of matrices.
        "ij,jk->ik         | 3,4     | 4,5     | false",
        "ij,jk             | 3,4     | 4,5     | false",
        "ij,kj->ki         | 3,4     | 5,4     | false",
        "bij,bjk->bik      | 2,3,4   | 2,4,5   | false",
        "bhid,bhjd->bhij   | 2,3,4,5 | 2,3,6,5 | false",
        "bhij,bhjd->bihd   | 2,3,4,6 | 2,3,6,5 | false",
        "bsd,df->bsf       | 2,3,4   | 4,5     | false",
        "bmchw,bnmc->bmhwn | 2,3,4,2,3 | 2,5,3,4 | false",
        "bhwc,hkc->bhwk    | 2,3,4,5 | 3,6,5   | false",
        "bwhc,wkc->bhwk    | 2,3,4,5 | 3,6,5   | false",
        "abcd,cde->abe     | 2,3,4,5 | 4,5,6   | false",
        "abc,cd->dba       | 2,3,4   | 4,5     | false",
        "i,i->             | 7       | 7       | false",
        "i,j->ij           | 3       | 4       | false",
        "ab,ab->ab         | 3,4     | 3,4     | false",
        "bi,bi->b          | 3,4     | 3,4     | false",
        "BiJ,BJ->iB        | 2,3,4   | 2,4     | false",
        // One operand.
        "ijk->kij          | 2,3,4   | -       | false",
        "ijk->ki           | 2,3,4   | -       | false",
        "ijk->             | 2,3,4   | -       | false",
        "ij->ij            | 3,4     | -       | false",
        "ba                | 3,4     | -       | false",
        // What is no product of matrices.
        "ii->i             | 4,4     | -       | true",
        "ii                | 4,4     | -       | true",
        "...ii->...i       | 2,4,4   | -       | true",
        "...ij,...jk->...ik | 2,3,4  | 2,4,5   | true",
        "...ij,...jk       | 2,1,3,4 | 2,3,4,5 | true",
        "ij,jk->k          | 3,4     | 4,5     | true",
        "iij,jk->ik        | 3,3,4   | 4,5     | true",
      })
  void anEquationMeansWhatItMeansToOnnxRuntime(
      String equation, String first, String second, boolean literal) throws OrtException {
    Map<String, Tensor> given = new LinkedHashMap<>();
    List<ValueInfo> inputs = new ArrayList<>();
    for (String sizes : second.equals("-") ? List.of(first) : List.of(first, second)) {
      String name = "x" + inputs.size();
      Shape shape = Shape.of(Stream.of(sizes.split(",")).mapToLong(Long::parseLong).toArray());
      given.put(name, random(shape));
      inputs.add(new ValueInfo(name, DataType.F32, shape));
    }
    byte[] model = Onnx.toBytes(graph(equation, inputs));
    Graph read = Onnx.read(model);
    assertEquals(
        literal, read.nodes().stream().anyMatch(n -> n.op() instanceof Product.Einsum), "literal");
    assertEquals("y", read.nodes().getLast().output());
    assertEquals("node", read.nodes().getLast().name());
    try (OrtRunner ort = new OrtRunner(model);
        Session session = Session.open(read);
        Arena arena = Arena.ofConfined()) {
      Tensor expected = ort.run(given).get("y");
      Tensor actual = session.run(given, arena).get("y");
      assertEquals(expected.shape(), actual.shape());
      for (long i = 0; i < expected.elements(); i++) {
        assertEquals(expected.getFloat(i), actual.getFloat(i), 1e-5f);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"'bhid,bhjd->bhij', 4", "'bsd,df->bsf', 3"})
  void freeAxesStay(String equation, int rank) {
    List<ValueInfo> inputs = new ArrayList<>();
    Map<Character, Dim> dims = new HashMap<>();
    for (String term : equation.split("->")[0].split(",")) {
      List<Dim> sizes = new ArrayList<>();
      for (char letter : term.toCharArray()) {
        boolean free = letter == 'b' || letter == 'i' || letter == 'j' || letter == 's';
        sizes.add(dims.computeIfAbsent(letter, c -> free ? new Dim.Symbol("N" + c) : Dim.of(3)));
      }
      inputs.add(new ValueInfo("x" + inputs.size(), DataType.F32, new Shape(sizes)));
    }
    Graph read = Onnx.read(Onnx.toBytes(graph(equation, inputs)));
    assertFalse(read.nodes().stream().anyMatch(n -> n.op() instanceof Product.Einsum));
    assertEquals(rank, read.outputs().getFirst().shape().rank());
  }

  private static Graph graph(String equation, List<ValueInfo> inputs) {
    List<String> names = inputs.stream().map(ValueInfo::name).toList();
    Node node = new Node("node", new Product.Einsum(equation), names, "y");
    ValueInfo y = new ValueInfo("y", DataType.F32, Shape.of());
    Graph untyped = new Graph("sums", inputs, List.of(y), Map.of(), List.of(node));
    return untyped.withOutputs(List.of(ShapeInference.infer(untyped).get("y")));
  }

  private static Tensor random(Shape shape) {
    Random random = new Random(shape.hashCode());
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(-8, 9) / 4f;
    }
    return Tensor.of(values, shape.sizes());
  }
}
