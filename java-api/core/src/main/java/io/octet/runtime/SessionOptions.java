package io.octet.runtime;

import io.octet.Verify;
import io.octet.internal.kernel.ContainerMemory;
import io.octet.internal.select.Backends;
import java.util.List;
import java.util.function.Consumer;

/// How a {@link Session} runs. Start from {@link #defaults()} and change what must differ.
///
/// @param intraOpThreads threads that work inside one run, at least 1: the caller's with 1; from 2
///   on the session has as many of its own for each concurrent run, whoever calls, and starts them
///   when it is opened
/// @param maxConcurrentRuns runs at the same time, at least 1; callers beyond it wait
/// @param exact no deviation from the graph as written: no Q -> DQ pair inside a fused group is
///   elided, and int8 results are rounded by one rule to the last bit, so they are the same on
///   every backend and instruction set. Layers are rounded in Java then. Without it a layer's
///   output may be one step away, and no two processors need agree. The exception, which {@link
///   NodeReport#kernel()} shows by not saying "rounded literally", are layers with a zero point
///   whose sums could pass 2^24: oneDNN does not give those sums
/// @param backends names of backends to ask first, in order; the others follow in the order that
///   suits the processor. A preference: one that is not there, or refuses a kernel, is passed over,
///   and {@link NodeReport#refusals()} says why
/// @param checkInputs whether every run refuses NaN in its float inputs: see {@link
///   Session#run(Map, Arena)} for what becomes of it otherwise. It costs a third of what copying
///   the inputs does
/// @param fallback what to do about nodes that are forced back to FP32
/// @param maxPlans plans that are kept, one for each set of concrete input shapes, at least 1
/// @param measured whether a plan is made by the clock: each convolution and linear layer that
///   could run in int8 is tried out in FP32 too, alone, with the conversions around it, and stays
///   there where that is at least 3% faster, twice, and the whole network gains as much by it.
///   {@link NodeReport#fallback()} then says `slower_than_fp32` with both times; that is no
///   fallback in the sense of {@link FallbackPolicy}. It takes some 50 ms for each layer whenever a
///   plan is made, more where a run takes longer than 1 ms. The same network gives other bits then
///   on another machine or another day, for another batch size, and even in one session where an
///   evicted plan is made again
/// @param verify how far a kernel is checked on this machine before it serves. One that fails is
///   passed over: {@link NodeReport#refusals()} then says `failed_self_check`
/// @param memoryLimit bytes that the session may hold at once, at least 1: packed weights,
///   constants of plans, and a workspace for each plan and each run at the same time. Beyond it,
///   plans of other shapes are given up, and then a run is refused with the numbers
public record SessionOptions(
    int intraOpThreads,
    int maxConcurrentRuns,
    boolean exact,
    List<String> backends,
    boolean checkInputs,
    FallbackPolicy fallback,
    int maxPlans,
    boolean measured,
    Verify verify,
    long memoryLimit) {
  /// Checks the ranges.
  public SessionOptions {
    requirePositive("intraOpThreads", intraOpThreads);
    requirePositive("maxConcurrentRuns", maxConcurrentRuns);
    requirePositive("maxPlans", maxPlans);
    requirePositive("memoryLimit", memoryLimit);
    backends = List.copyOf(backends);
  }

  /// One thread inside a run, as many runs as the process has processors, checked inputs, at most
  /// 16 plans, as much memory as the container has beside the heap; `exact`, `backends`, `measured`
  /// and `verify` as the system properties `octet.exact`, `octet.backend` (comma-separated),
  /// `octet.measured` and `octet.verify` say.
  public static SessionOptions defaults() {
    return new SessionOptions(
        1,
        processors(),
        Boolean.getBoolean("octet.exact"),
        Backends.preferred(),
        true,
        FallbackPolicy.WARN,
        16,
        Boolean.getBoolean("octet.measured"),
        Verify.preferred(),
        ContainerMemory.besideTheHeap());
  }

  /// These with `threads` inside a run, and as many concurrent runs as processors remain for.
  public SessionOptions withIntraOpThreads(int threads) {
    requirePositive("intraOpThreads", threads);
    return with(
        draft -> {
          draft.intraOpThreads = threads;
          draft.maxConcurrentRuns = Math.max(1, processors() / threads);
        });
  }

  /// These with at most `runs` at the same time.
  public SessionOptions withMaxConcurrentRuns(int runs) {
    return with(draft -> draft.maxConcurrentRuns = runs);
  }

  /// These with or without the named deviations.
  public SessionOptions withExact(boolean value) {
    return with(draft -> draft.exact = value);
  }

  /// These with other preferred backends.
  public SessionOptions withBackends(String... names) {
    return with(draft -> draft.backends = List.of(names));
  }

  /// These with or without a search for NaN in every run's inputs.
  public SessionOptions withCheckInputs(boolean value) {
    return with(draft -> draft.checkInputs = value);
  }

  /// These with another answer to fallbacks; {@link FallbackPolicy#WARN} is the default.
  public SessionOptions withFallback(FallbackPolicy policy) {
    return with(draft -> draft.fallback = policy);
  }

  /// These with at most `plans` kept.
  public SessionOptions withMaxPlans(int plans) {
    return with(draft -> draft.maxPlans = plans);
  }

  /// These with layers in int8 or FP32 by the clock, or in int8 wherever that can be.
  public SessionOptions withMeasured(boolean value) {
    return with(draft -> draft.measured = value);
  }

  /// These with another check of kernels; {@link Verify#SAMPLE} is the default.
  public SessionOptions withVerify(Verify value) {
    return with(draft -> draft.verify = value);
  }

  /// These with at most so many bytes held at once.
  public SessionOptions withMemoryLimit(long bytes) {
    return with(draft -> draft.memoryLimit = bytes);
  }

  private SessionOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /// The options while one of them changes.
  private static final class Draft {
    private int intraOpThreads;
    private int maxConcurrentRuns;
    private boolean exact;
    private List<String> backends;
    private boolean checkInputs;
    private FallbackPolicy fallback;
    private int maxPlans;
    private boolean measured;
    private Verify verify;
    private long memoryLimit;

    Draft(SessionOptions from) {
      intraOpThreads = from.intraOpThreads;
      maxConcurrentRuns = from.maxConcurrentRuns;
      exact = from.exact;
      backends = from.backends;
      checkInputs = from.checkInputs;
      fallback = from.fallback;
      maxPlans = from.maxPlans;
      measured = from.measured;
      verify = from.verify;
      memoryLimit = from.memoryLimit;
    }

    SessionOptions options() {
      return new SessionOptions(
          intraOpThreads,
          maxConcurrentRuns,
          exact,
          backends,
          checkInputs,
          fallback,
          maxPlans,
          measured,
          verify,
          memoryLimit);
    }
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, but is " + value);
    }
  }
}
