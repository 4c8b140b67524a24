package io.octet.kernel;

import io.octet.MemoryLimits;
import io.octet.Threads;
import io.octet.internal.kernel.ContainerMemory;
import io.octet.internal.select.Backends;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/// How a layer by itself runs. {@link #builder()} starts from {@link #defaults()}:
/// `KernelOptions.builder().threads(t -> t.intraOp(2)).build()`.
///
/// @param threads inside runs and beside each other
/// @param memory what is held and kept
/// @param backends names of backends to ask first, in order; the others follow
public record KernelOptions(Threads threads, MemoryLimits memory, List<String> backends) {
  private static final int SHAPES = 16;

  /// Copies the list.
  public KernelOptions {
    Objects.requireNonNull(threads, "threads");
    Objects.requireNonNull(memory, "memory");
    backends = List.copyOf(backends);
  }

  /// One thread inside a run, as many runs as the process has processors, kernels for at most 16
  /// shapes, as much memory as the container has beside the heap; `backends` as the system property
  /// `octet.backend` (comma-separated) says.
  public static KernelOptions defaults() {
    MemoryLimits memory = new MemoryLimits(ContainerMemory.besideTheHeap(), SHAPES);
    return new KernelOptions(Threads.defaults(), memory, Backends.preferred());
  }

  /// A builder that starts from {@link #defaults()}.
  public static Builder builder() {
    return defaults().toBuilder();
  }

  /// A builder that starts from these.
  public Builder toBuilder() {
    return new Builder(this);
  }

  /// Options while they are made.
  public static final class Builder {
    private KernelOptions options;

    private Builder(KernelOptions from) {
      options = from;
    }

    /// Changes the threads: the function is given those that stand, and returns others.
    public Builder threads(UnaryOperator<Threads> change) {
      Threads threads = change.apply(options.threads);
      options = new KernelOptions(threads, options.memory, options.backends);
      return this;
    }

    /// Changes what is held and kept: the function is given what stands, and returns other limits.
    public Builder memory(UnaryOperator<MemoryLimits> change) {
      MemoryLimits memory = change.apply(options.memory);
      options = new KernelOptions(options.threads, memory, options.backends);
      return this;
    }

    /// Other preferred backends.
    public Builder backends(String... names) {
      options = new KernelOptions(options.threads, options.memory, List.of(names));
      return this;
    }

    /// The options.
    public KernelOptions build() {
      return options;
    }
  }
}
