package io.octet.internal.select;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.select.Registry.Refusal;
import io.octet.internal.select.Registry.Selection;
import io.octet.tensor.Shape;
import io.octet.testkit.StubKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistryTest {
  private static final KernelSpec SPEC =
      new KernelSpec.Convert(
          TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1)),
          TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1)));
  private static final KernelContext CONTEXT = new KernelContext(1, new WeightsCache());

  private final List<String> asked = new ArrayList<>();

  @Test
  void theFirstThatAcceptsServesAndEarlierRefusalsAreKeptInOrder() {
    Registry registry =
        Registry.of(
            List.of(
                refusing("a", RefusalCode.NO_INT8_ISA),
                refusing("b", RefusalCode.UNSUPPORTED_OP),
                accepting("c"),
                accepting("d")));

    Selection selection = registry.select(SPEC, CONTEXT);

    assertEquals("c", selection.kernel().backend());
    assertEquals(
        List.of(
            new Refusal("a", RefusalCode.NO_INT8_ISA, "a will not"),
            new Refusal("b", RefusalCode.UNSUPPORTED_OP, "b will not")),
        selection.refusals());
    assertEquals(List.of("a", "b", "c"), asked);
  }

  @Test
  void whereAllRefuseThereIsNoKernelAndEveryReason() {
    Selection selection =
        Registry.of(List.of(refusing("a", RefusalCode.REF_KERNEL))).select(SPEC, CONTEXT);

    assertNull(selection.kernel());
    assertEquals("a: ref_kernel: a will not", selection.refusals().getFirst().toString());
  }

  @Test
  void theKernelIsTheBackendsOwn() {
    Kernel kernel = StubKernel.unbound("a", -1);
    Backend backend = backend("a", Answer.of("none", made -> kernel));
    assertSame(kernel, Registry.of(List.of(backend)).select(SPEC, CONTEXT).kernel());
  }

  private Backend refusing(String name, RefusalCode code) {
    return backend(name, new Answer.Refused(code, name + " will not"));
  }

  private Backend accepting(String name) {
    return backend(name, Answer.of("none", _ -> StubKernel.unbound(name, -1)));
  }

  private Backend backend(String name, Answer answer) {
    return new Backend() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Answer offers(KernelSpec spec, KernelContext context) {
        asked.add(name);
        return answer;
      }
    };
  }
}
