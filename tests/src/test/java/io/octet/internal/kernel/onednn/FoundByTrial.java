package io.octet.internal.kernel.onednn;

import io.octet.Verify;
import io.octet.graph.op.Window;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelCheck;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PassedOn;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.kernel.trust.SelfCheck;
import io.octet.internal.select.Registry;
import io.octet.internal.store.Store;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.testkit.Case;
import io.octet.testkit.ConvShape;
import io.octet.testkit.Convs;
import io.octet.testkit.Kernels;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// oneDNN as if nobody had written down its faults, but for those that would end the process.
/// Prints a line for each convolution that it gets wrong here: "found" where the self-check says
/// so, too, and "missed" where only the comparison does; "wrong" where what serves in the end is.
/// The last line has the instruction set and the counts.
final class FoundByTrial {
  private static final List<ConvFaults> DEADLY =
      List.of(
          ConvFaults.ALIGNED_RESIDUAL,
          ConvFaults.AMX_BEYOND_THE_OUTPUT,
          ConvFaults.AMX_STEPS_OVER_ROWS);

  private final KernelCheck check;
  private int found;
  private int missed;

  private FoundByTrial(Path folder) {
    this.check = SelfCheck.of(Verify.SAMPLE, Store.in(folder));
  }

  public static void main(String[] arguments) {
    FoundByTrial trial = new FoundByTrial(Path.of(arguments[0]));
    cases().forEach(trial::compare);
    System.out.println(
        DnnlIsa.effective().text() + " found " + trial.found + " missed " + trial.missed);
  }

  private static Stream<Case> cases() {
    return Stream.of(
            Convs.knownFaults(),
            singleSignedChannels(),
            Case.random(40, Convs::wideGroups),
            Case.random(40, Convs::singleChannels))
        .flatMap(cases -> cases);
  }

  /// `wrong_conv_40.onnx`, `wrong_conv_48.onnx` and their kind.
  private static Stream<Case> singleSignedChannels() {
    QuantParams x = QuantParams.perTensor(DataType.S8, 0.1f, 5);
    return IntStream.of(33, 40, 48, 65, 96)
        .boxed()
        .flatMap(
            m ->
                IntStream.of(4, 6, 8)
                    .mapToObj(size -> new ConvShape(1, 1, size, size, m, 1, Window.of(3, 3)))
                    .flatMap(
                        shape ->
                            Stream.of(false, true)
                                .flatMap(
                                    rounds ->
                                        Case.random(
                                            1,
                                            random -> {
                                              KernelSpec.Conv raw = ConvShape.raw(random, x, shape);
                                              return rounds ? rounded(raw) : raw;
                                            }))));
  }

  private static KernelSpec.Conv rounded(KernelSpec.Conv s) {
    QuantParams y = QuantParams.perTensor(DataType.S8, 0.3f, -7);
    TensorDesc out = TensorDesc.quantized(Layout.CHANNELS_LAST, s.y().shape(), y);
    return new KernelSpec.Conv(s.x(), out, s.weights(), s.window(), s.groups(), PostOps.NONE);
  }

  private static Answer offered(KernelSpec spec, KernelContext context) {
    return LayerKernels.conv(
        (KernelSpec.Conv) spec,
        context,
        (conv, name) -> ConvFaults.of(conv, name).filter(DEADLY::contains).isEmpty());
  }

  private void compare(Case c) {
    try (WeightsCache packed = new WeightsCache()) {
      KernelContext context = new KernelContext(1, packed);
      Optional<Kernel> made = Kernels.offered(backend(), c.spec(), context);
      if (made.isEmpty()) {
        return;
      }
      try (Kernel kernel = made.get()) {
        Optional<String> fault = check.fault(c.spec(), kernel, 1);
        if (fault.isPresent()) {
          found++;
          System.out.println("found " + kernel.implementation() + " " + fault.get() + ": " + c);
        } else if (!matches(c, kernel)) {
          missed++;
          System.out.println("missed " + kernel.implementation() + ": " + c);
        }
      }
      Registry.Selection selection =
          Registry.of(List.of(backend())).checking(check).select(c.spec(), context);
      if (selection.kernel() != null) {
        try (Kernel served = selection.kernel()) {
          if (!matches(c, served)) {
            System.out.println("wrong " + served.implementation() + ": " + c);
          }
        }
      }
    }
  }

  private static Backend backend() {
    return new Backend() {
      @Override
      public String name() {
        return OnednnBackend.NAME;
      }

      @Override
      public Answer offers(KernelSpec spec, KernelContext context) {
        return offered(spec, context);
      }
    };
  }

  private static boolean matches(Case c, Kernel kernel) {
    Backend one =
        new Backend() {
          @Override
          public String name() {
            return kernel.backend();
          }

          @Override
          public Answer offers(KernelSpec spec, KernelContext context) {
            return Answer.of(kernel.implementation(), made -> new Kept(kernel));
          }
        };
    try {
      SpecRunner.Output expected = SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs());
      Parity.assertMatches(c, expected, SpecRunner.run(one, c.spec(), c.inputs()));
      return true;
    } catch (AssertionError _) {
      return false;
    }
  }

  /// Stays open.
  private static final class Kept extends PassedOn {
    Kept(Kernel kernel) {
      super(kernel);
    }

    @Override
    public void close() {}
  }
}
