package io.octet.testkit;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import java.util.function.Function;

/// A kernel that no backend made, for tests of those who keep and run kernels.
///
/// @param inPlaceInput as {@link Kernel#inPlaceInput}
/// @param work binds it
/// @param closing runs when it is closed
public record StubKernel(
    String backend,
    String implementation,
    int inPlaceInput,
    Function<Buffers, Call> work,
    Runnable closing)
    implements Kernel {

  /// One that does `work` and owns nothing.
  public static StubKernel of(int inPlaceInput, Function<Buffers, Call> work) {
    return new StubKernel("test", "stub", inPlaceInput, work, () -> {});
  }

  /// One that fails the test which binds it.
  public static StubKernel unbound(String backend, int inPlaceInput) {
    Function<Buffers, Call> none =
        _ -> {
          throw new UnsupportedOperationException("never bound");
        };
    return new StubKernel(backend, "none", inPlaceInput, none, () -> {});
  }

  @Override
  public Call bind(Buffers buffers) {
    return work.apply(buffers);
  }

  @Override
  public void close() {
    closing.run();
  }
}
