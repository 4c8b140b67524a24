package io.octet.internal.kernel.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.Verify;
import io.octet.graph.op.Movement;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelCheck;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.select.Registry;
import io.octet.internal.store.Store;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.testkit.Case;
import io.octet.testkit.LogWatch;
import io.octet.testkit.Saboteur;
import io.octet.testkit.Saboteur.Fault;
import io.octet.testkit.Specs;
import io.octet.testkit.StubKernel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A wrong kernel is found on every machine, because it is wrong here.
class SelfCheckTest {
  private static final int COUNT = 4;
  @TempDir Path folder;

  private final WeightsCache packed = new WeightsCache();
  private final KernelContext context = new KernelContext(1, packed);

  private final LogWatch log = LogWatch.of("io.octet.kernel");
  private final List<String> said = log.said();

  @AfterEach
  void stopListening() {
    log.close();
    packed.close();
  }

  private static KernelSpec conv() {
    return Specs.int8Conv(new SplittableRandom(5));
  }

  private Registry registry(Verify verify, Backend... backends) {
    return Registry.of(List.of(backends)).checking(SelfCheck.of(verify, Store.in(folder)));
  }

  /// Of every family: int8 and float layers, products, pools, what is elementwise, what moves.
  private static Stream<Case> specs() {
    return Specs.everyKind().flatMap(family -> Case.random(COUNT, family));
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE", "WRONG_MIDDLE"})
  void aWrongKernelIsFoundAndTheNextImplementationServes(Fault fault) {
    specs()
        .forEach(
            c -> {
              Saboteur backend = new Saboteur(fault, Fault.NONE);
              Registry.Selection selection =
                  registry(Verify.SAMPLE, backend).select(c.spec(), context);
              assertEquals("NONE", selection.kernel().implementation(), c::toString);
              assertEquals(1, selection.refusals().size(), c::toString);
              Registry.Refusal refusal = selection.refusals().getFirst();
              assertEquals(RefusalCode.FAILED_SELF_CHECK, refusal.code());
              assertTrue(refusal.detail().startsWith(fault.name()), refusal::detail);
              assertEquals(1, backend.closed(), "the wrong kernel is freed");
              selection.kernel().close();
            });
  }

  /// Copies its input to the first output, and leaves a number in the second.
  private static Kernel copying(byte second) {
    return new StubKernel(
        "test",
        "copying " + second,
        -1,
        buffers ->
            new Call.Java(
                () -> {
                  buffers.output().copyFrom(buffers.inputs().getFirst());
                  buffers.outputs().getLast().fill(second);
                }),
        () -> {});
  }

  /// The definition leaves a second output as it is: 0.
  @Test
  void everyOutputIsHeldToTheOracle() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(5));
    KernelSpec spec = new KernelSpec.Literal(new Movement.Identity(), List.of(x), List.of(x, x));
    KernelCheck check = SelfCheck.of(Verify.FULL, Store.in(folder));
    assertEquals(Optional.empty(), check.fault(spec, copying((byte) 0), 1));
    Optional<String> fault = check.fault(spec, copying((byte) 1), 1);
    assertTrue(fault.orElse("none").startsWith("gives "), () -> "found " + fault);
  }

  @Test
  void anEngineWithoutARightKernelLeavesTheSpecToTheNext() {
    Saboteur wrong = new Saboteur(Fault.WRONG_CORNER, Fault.LEAVES_ONE);
    Registry.Selection selection =
        registry(Verify.SAMPLE, wrong, new ReferenceBackend()).select(conv(), context);
    assertEquals("reference", selection.kernel().backend());
    assertEquals(
        List.of(RefusalCode.FAILED_SELF_CHECK, RefusalCode.FAILED_SELF_CHECK),
        selection.refusals().stream().map(Registry.Refusal::code).toList());
    assertEquals(2, wrong.closed());
  }

  @Test
  void anEngineThatHasOneImplementationAloneIsAskedNoFurther() {
    Saboteur stubborn = new Saboteur(Fault.WRONG_CORNER);
    Registry.Selection selection = registry(Verify.SAMPLE, stubborn).select(conv(), context);
    assertEquals(1, stubborn.made());
    assertNull(selection.kernel());
    assertEquals(RefusalCode.FAILED_SELF_CHECK, selection.telling().code());
  }

  @Test
  void whatWasFoundIsNotTriedAgain() {
    Saboteur backend = new Saboteur(Fault.WRONG_CORNER, Fault.NONE);
    for (int i = 0; i < 3; i++) {
      Registry.Selection selection = registry(Verify.SAMPLE, backend).select(conv(), context);
      assertEquals("NONE", selection.kernel().implementation());
    }
    assertEquals(6, backend.made());
    int once = backend.runs();
    assertTrue(once >= 4 && once <= 12, () -> once + " runs");
    registry(Verify.SAMPLE, backend).select(conv(), context);
    assertEquals(once, backend.runs());
  }

  @Test
  void aNativeFailureMayPassAndIsTriedAgain() {
    Saboteur backend = new Saboteur(Fault.FAILS, Fault.NONE);
    registry(Verify.SAMPLE, backend).select(conv(), context);
    int before = backend.runs();
    Registry.Selection selection = registry(Verify.SAMPLE, backend).select(conv(), context);
    assertEquals(before + 1, backend.runs());
    assertTrue(selection.refusals().getFirst().detail().contains("no such luck"));
  }

  @Test
  void otherThreadsTypesOrZeroPointsAreOtherFindings() {
    Saboteur backend = new Saboteur(Fault.NONE);
    int[] runs = new int[5];
    for (int i = 0; i < 5; i++) {
      int before = backend.runs();
      DataType type = i == 3 ? DataType.S8 : DataType.U8;
      QuantParams quant = QuantParams.perTensor(type, 0.1f, i == 4 ? 3 : 0);
      TensorDesc x = TensorDesc.quantized(Layout.ROW_MAJOR, Shape.of(1, 8), quant);
      KernelSpec spec = new KernelSpec.Convert(x, TensorDesc.f32(Layout.ROW_MAJOR, x.shape()));
      KernelContext own = new KernelContext(i == 2 ? 2 : 1, packed);
      registry(Verify.SAMPLE, backend).select(spec, own);
      runs[i] = backend.runs() - before;
    }
    assertArrayEquals(new int[] {2, 0, 2, 2, 2}, runs);
  }

  @Test
  void nothingRunsWhereItIsOff() {
    Saboteur backend = new Saboteur(Fault.WRONG_CORNER);
    Registry.Selection selection = registry(Verify.OFF, backend).select(conv(), context);
    assertEquals("WRONG_CORNER", selection.kernel().implementation());
    assertEquals(0, backend.runs());
    assertSame(KernelCheck.NONE, SelfCheck.of(Verify.OFF, Store.in(folder)));
  }

  @Test
  void fullFindsWhatASampleOfALargeOutputMayMiss() {
    QuantParams steps = QuantParams.perTensor(DataType.U8, 0.01f, 100);
    Shape shape = Shape.of(1, 8, 40, 40);
    KernelSpec large =
        new KernelSpec.Convert(
            TensorDesc.f32(Layout.ROW_MAJOR, shape),
            TensorDesc.quantized(Layout.ROW_MAJOR, shape, steps));
    Saboteur backend = new Saboteur(Fault.WRONG_MIDDLE);
    Kernel sampled = registry(Verify.SAMPLE, backend).select(large, context).kernel();
    assertEquals("WRONG_MIDDLE", sampled.implementation());
    assertNull(registry(Verify.FULL, backend).select(large, context).kernel());
  }

  @Test
  void aFailureIsLoggedOnce() {
    KernelSpec spec = Specs.int8Linear(new SplittableRandom(77));
    for (int i = 0; i < 2; i++) {
      registry(Verify.SAMPLE, new Saboteur(Fault.WRONG_CORNER, Fault.NONE)).select(spec, context);
    }
    assertEquals(1, said.size());
    String text = said.getFirst();
    assertTrue(text.startsWith("WARNING "), text);
    assertTrue(text.contains("saboteur's WRONG_CORNER failed its self-check"), text);
  }
}
