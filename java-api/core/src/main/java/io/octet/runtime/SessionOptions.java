package io.octet.runtime;

import io.octet.MemoryLimits;
import io.octet.Threads;
import io.octet.Verify;
import io.octet.internal.kernel.ContainerMemory;
import io.octet.internal.select.Backends;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/// How a {@link Session} runs, in groups. {@link #builder()} starts from {@link #defaults()}; each
/// of its methods changes one group:
///
/// ```java
/// SessionOptions options =
///     SessionOptions.builder()
///         .threads(t -> t.intraOp(2).maxConcurrentRuns(1))
///         .checks(c -> c.fallback(FallbackPolicy.FAIL))
///         .build();
/// ```
///
/// @param threads inside runs and beside each other
/// @param kernels which kernels are chosen, and how far they are trusted
/// @param memory what is held and kept
/// @param checks what is refused, and what is told
public record SessionOptions(Threads threads, Kernels kernels, MemoryLimits memory, Checks checks) {
  private static final int PLANS = 16;

  /// Checks that no group is missing.
  public SessionOptions {
    Objects.requireNonNull(threads, "threads");
    Objects.requireNonNull(kernels, "kernels");
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(checks, "checks");
  }

  /// Which kernels are chosen, and how far they are trusted. A method with a component's name gives
  /// these with another value.
  ///
  /// @param exact no deviation from the graph as written: no Q -> DQ pair inside a fused group is
  ///   elided, and int8 results are rounded by one rule to the last bit, so they are the same on
  ///   every backend and instruction set. Layers are rounded in Java then. Without it a layer's
  ///   output may be one step away, and no two processors need agree. The exception, which {@link
  ///   NodeReport#kernel()} shows by not saying "rounded literally", are layers with a zero point
  ///   whose sums could pass 2^24: oneDNN does not give those sums
  /// @param backends names of backends to ask first, in order; the others follow in the order that
  ///   suits the processor. A preference: one that is not there, or refuses a kernel, is passed
  ///   over, and {@link NodeReport#refusals()} says why
  /// @param verify how far a kernel is checked on this machine before it serves. One that fails is
  ///   passed over: {@link NodeReport#refusals()} then says `failed_self_check`
  /// @param measured whether a plan is made by the clock: each convolution and linear layer that
  ///   could run in int8 is tried out in FP32 too, alone, with the conversions around it, and stays
  ///   there where that is at least 3% faster, twice, and the whole network gains as much by it.
  ///   {@link NodeReport#fallback()} then says `slower_than_fp32` with both times; that is no
  ///   fallback in the sense of {@link FallbackPolicy}. It takes some 50 ms for each layer whenever
  ///   a plan is made, more where a run takes longer than 1 ms. The same network gives other bits
  ///   then on another machine or another day, for another batch size, and even in one session
  ///   where an evicted plan is made again
  public record Kernels(boolean exact, List<String> backends, Verify verify, boolean measured) {
    /// Copies the list.
    public Kernels {
      backends = List.copyOf(backends);
      Objects.requireNonNull(verify, "verify");
    }

    /// These with or without the named deviations.
    public Kernels exact(boolean value) {
      return new Kernels(value, backends, verify, measured);
    }

    /// These with other preferred backends.
    public Kernels backends(String... names) {
      return new Kernels(exact, List.of(names), verify, measured);
    }

    /// These with another check of kernels; {@link Verify#SAMPLE} is the default.
    public Kernels verify(Verify value) {
      return new Kernels(exact, backends, value, measured);
    }

    /// These with layers in int8 or FP32 by the clock, or in int8 wherever that can be.
    public Kernels measured(boolean value) {
      return new Kernels(exact, backends, verify, value);
    }
  }

  /// What is refused, and what is told. A method with a component's name gives these with another
  /// value.
  ///
  /// @param refuseNan whether every run refuses NaN in its float inputs: see {@link
  ///   Session#run(Map, Arena)} for what becomes of it otherwise. It costs a third of what copying
  ///   the inputs does
  /// @param fallback what to do about nodes that are forced back to FP32
  public record Checks(boolean refuseNan, FallbackPolicy fallback) {
    /// Checks that there is a policy.
    public Checks {
      Objects.requireNonNull(fallback, "fallback");
    }

    /// These with or without a search for NaN in every run's inputs.
    public Checks refuseNan(boolean value) {
      return new Checks(value, fallback);
    }

    /// These with another answer to fallbacks; {@link FallbackPolicy#WARN} is the default.
    public Checks fallback(FallbackPolicy policy) {
      return new Checks(refuseNan, policy);
    }
  }

  /// One thread inside a run, as many runs as the process has processors, inputs searched for NaN,
  /// at most 16 plans, as much memory as the container has beside the heap; `exact`, `backends`,
  /// `measured` and `verify` as the system properties `octet.exact`, `octet.backend`
  /// (comma-separated), `octet.measured` and `octet.verify` say.
  public static SessionOptions defaults() {
    return new SessionOptions(
        Threads.defaults(),
        new Kernels(
            Boolean.getBoolean("octet.exact"),
            Backends.preferred(),
            Verify.preferred(),
            Boolean.getBoolean("octet.measured")),
        new MemoryLimits(ContainerMemory.besideTheHeap(), PLANS),
        new Checks(true, FallbackPolicy.WARN));
  }

  /// A builder that starts from {@link #defaults()}.
  public static Builder builder() {
    return defaults().toBuilder();
  }

  /// A builder that starts from these.
  public Builder toBuilder() {
    return new Builder(this);
  }

  /// Options while they are made. Each method is given a group and returns the one that takes its
  /// place.
  public static final class Builder {
    private SessionOptions options;

    private Builder(SessionOptions from) {
      options = from;
    }

    /// Changes the threads.
    public Builder threads(UnaryOperator<Threads> change) {
      Threads threads = change.apply(options.threads);
      options = new SessionOptions(threads, options.kernels, options.memory, options.checks);
      return this;
    }

    /// Changes which kernels are chosen.
    public Builder kernels(UnaryOperator<Kernels> change) {
      Kernels kernels = change.apply(options.kernels);
      options = new SessionOptions(options.threads, kernels, options.memory, options.checks);
      return this;
    }

    /// Changes what is held and kept.
    public Builder memory(UnaryOperator<MemoryLimits> change) {
      MemoryLimits memory = change.apply(options.memory);
      options = new SessionOptions(options.threads, options.kernels, memory, options.checks);
      return this;
    }

    /// Changes what is refused, and what is told.
    public Builder checks(UnaryOperator<Checks> change) {
      Checks checks = change.apply(options.checks);
      options = new SessionOptions(options.threads, options.kernels, options.memory, checks);
      return this;
    }

    /// The options.
    public SessionOptions build() {
      return options;
    }
  }
}
