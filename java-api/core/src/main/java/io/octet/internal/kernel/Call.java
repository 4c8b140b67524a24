package io.octet.internal.kernel;

import io.octet.internal.ffi.NativeFunction;
import java.lang.foreign.MemorySegment;

/// A kernel bound to one workspace. One thread at a time; a run allocates nothing.
public sealed interface Call extends AutoCloseable {
  /// Computes the outputs from the inputs.
  void run();

  /// Frees what the binding owns.
  @Override
  void close();

  /// One call of a native function, so that several in a row can be handed over whole.
  ///
  /// @param arguments of the function
  /// @param release frees what the binding owns, the arguments among it
  record Native(NativeFunction function, MemorySegment arguments, Runnable release)
      implements Call {
    @Override
    public void run() {
      function.call(arguments);
    }

    @Override
    public void close() {
      release.run();
    }
  }

  /// Work in Java, of whatever kind.
  ///
  /// @param release frees what the binding owns
  record Java(Runnable work, Runnable release) implements Call {
    /// What the garbage collector frees.
    public Java(Runnable work) {
      this(work, () -> {});
    }

    @Override
    public void run() {
      work.run();
    }

    @Override
    public void close() {
      release.run();
    }
  }
}
