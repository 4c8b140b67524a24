package io.octet.testkit;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PassedOn;

/// A backend that counts what of its own is open. For one thread.
public final class Counting implements Backend {
  private final Backend backend;
  private int made;
  private int kernels;
  private int invocations;

  /// Counts what `backend` makes.
  public Counting(Backend backend) {
    this.backend = backend;
  }

  /// Kernels that were made.
  public int made() {
    return made;
  }

  /// Kernels that are open.
  public int kernels() {
    return kernels;
  }

  /// Bound kernels that are open.
  public int invocations() {
    return invocations;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public Answer offers(KernelSpec spec, KernelContext context) {
    return Kernels.changed(
        backend.offers(spec, context),
        kernel -> {
          made++;
          kernels++;
          return new Counted(kernel);
        });
  }

  private final class Counted extends PassedOn {
    Counted(Kernel kernel) {
      super(kernel);
    }

    @Override
    public Call bind(Buffers buffers) {
      Call call = super.bind(buffers);
      invocations++;
      return new Call.Java(
          call::run,
          () -> {
            invocations--;
            call.close();
          });
    }

    @Override
    public void close() {
      kernels--;
      super.close();
    }
  }
}
