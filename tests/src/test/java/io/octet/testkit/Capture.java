package io.octet.testkit;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PassedOn;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A backend that keeps what every kernel of another reads when it runs. For one thread.
public final class Capture implements Backend {
  private final Backend backend;
  private final List<Case> cases = new ArrayList<>();

  /// Keeps what `backend` reads.
  public Capture(Backend backend) {
    this.backend = backend;
  }

  /// Every run so far, in order; inputs as the bytes that they are.
  public List<Case> cases() {
    return List.copyOf(cases);
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public Answer offers(KernelSpec spec, KernelContext context) {
    return Kernels.changed(
        backend.offers(spec, context), kernel -> new Watched(kernel, spec.kept()));
  }

  private final class Watched extends PassedOn {
    private final KernelSpec spec;

    private Watched(Kernel kernel, KernelSpec spec) {
      super(kernel);
      this.spec = spec;
    }

    @Override
    public Call bind(Buffers buffers) {
      Call call = super.bind(buffers);
      return new Call.Java(
          () -> {
            Object[] inputs = new Object[spec.inputs().size()];
            for (int i = 0; i < inputs.length; i++) {
              inputs[i] =
                  buffers
                      .inputs()
                      .get(i)
                      .asSlice(0, spec.inputs().get(i).bytes())
                      .toArray(ValueLayout.JAVA_BYTE);
            }
            cases.add(new Case(spec, inputs, spec.describe()));
            call.run();
          },
          call::close);
    }
  }
}
