package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;

/// A kernel in Java: what it needs besides its buffers are constants on the heap.
record JvmKernel(String implementation, Binding binding) implements Kernel {
  /// Makes the loops over the memory of one workspace.
  interface Binding {
    Runnable bind(Buffers buffers);
  }

  @Override
  public String backend() {
    return JvmBackend.NAME;
  }

  @Override
  public Call bind(Buffers buffers) {
    return new Call.Java(binding.bind(buffers));
  }

  @Override
  public void close() {}
}
