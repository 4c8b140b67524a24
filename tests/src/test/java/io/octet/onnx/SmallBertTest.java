package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.op.Generation;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.SmallBert;
import java.lang.foreign.Arena;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// One layer of BERT as PyTorch's older exporter writes it: an embedding, a mask, normalization and
/// GELU in their parts, and shapes that follow from those of the tokens. Batch and length are free.
final class SmallBertTest {
  @Test
  void itAnswersAsOnnxRuntimeForEveryBatchAndLength() throws Exception {
    SmallBert bert = new SmallBert();
    byte[] bytes = bert.bytes();
    Graph graph = Onnx.read(bytes);
    assertEquals("n2 f32[batch,length,8]", graph.outputs().getFirst().toString());
    assertEquals("pooler f32[batch,8]", graph.outputs().getLast().toString());
    assertTrue(
        graph.nodes().stream().noneMatch(n -> n.op() instanceof Generation),
        "no node computes shapes any more");
    assertArrayEquals(new long[] {0, 0, 2, 4}, graph.constant("qh_to").toLongs());
    byte[] written = Onnx.toBytes(graph);
    try (OrtRunner original = new OrtRunner(bytes);
        OrtRunner rewritten = new OrtRunner(written);
        Session session = Session.open(Onnx.read(written))) {
      for (int[] sizes : new int[][] {{1, 5}, {3, 4}, {2, 9}}) {
        Map<String, Tensor> inputs = bert.tokens(sizes[0], sizes[1]);
        Map<String, Tensor> expected = original.run(inputs);
        try (Arena arena = Arena.ofConfined()) {
          Answers.assertClose(expected, rewritten.run(inputs), 1e-5, 0);
          Answers.assertClose(expected, session.run(inputs, arena), 1e-4, 0);
        }
      }
    }
  }
}
