package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.Verify;
import io.octet.graph.Graph;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.kernel.trust.SelfCheck;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.select.Registry;
import io.octet.internal.store.Store;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Saboteur;
import io.octet.testkit.Saboteur.Fault;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a network does with an engine that is wrong on this machine.
class SelfCheckedPlanTest {
  private static final Logger LOG = Logger.getLogger("io.octet.kernel");

  @TempDir Path folder;

  private final QdqNet net = new QdqNet();
  private final Map<String, Tensor> images = new HashMap<>();

  @BeforeEach
  void beQuiet() {
    LOG.setUseParentHandlers(false);
  }

  @AfterEach
  void beLoud() {
    LOG.setUseParentHandlers(true);
  }

  /// A quantized convolution "it", with a range of its own.
  private Graph conv() {
    String x = net.s8("x.in", net.input("x", 1, 4, 6, 6), 0.03f);
    Graph graph = net.graph(net.s8("y", net.conv("it", x, 4, 4, 3), 0.03f));
    graph.inputs().forEach(i -> images.put(i.name(), QdqNet.image(1, i.shape().sizes())));
    return graph;
  }

  private Compiled compiled(Graph graph, Backend... backends) {
    Registry registry =
        Registry.of(List.of(backends)).checking(SelfCheck.of(Verify.SAMPLE, Store.in(folder)));
    return new Compiled(graph, registry, CompileOptions.DEFAULT, images);
  }

  @Test
  void theNextImplementationServesAndTheExplanationSaysWhy() {
    Graph graph = conv();
    try (Compiled wrong = compiled(graph, new Saboteur(Fault.WRONG_CORNER, Fault.NONE));
        Compiled right = compiled(graph, new ReferenceBackend())) {
      NodePlan row = wrong.row("it");
      assertEquals("NONE", row.kernel());
      assertTrue(row.int8() && !row.fallback(), row::toString);
      assertTrue(
          row.refusals().getFirst().startsWith("saboteur: failed_self_check: WRONG_CORNER gives "),
          row::toString);
      Map<String, Tensor> expected = right.run(images);
      wrong
          .run(images)
          .forEach((name, t) -> assertEquals(-1, t.data().mismatch(expected.get(name).data())));
    }
  }

  @Test
  void whereNoInt8KernelIsRightTheFallbackHasThatCode() {
    Graph graph = conv();
    Saboteur engine = new Saboteur(Fault.LEAVES_ONE);
    try (Compiled compiled = compiled(graph, engine, new JvmBackend())) {
      NodePlan row = compiled.row("it");
      assertEquals("jvm", row.backend());
      assertTrue(row.fallback(), row::toString);
      assertEquals(RefusalCode.FAILED_SELF_CHECK, row.code());
      assertEquals(engine.made(), engine.closed());
      assertEquals(DataType.F32, compiled.run(images).values().iterator().next().type());
    }
  }
}
