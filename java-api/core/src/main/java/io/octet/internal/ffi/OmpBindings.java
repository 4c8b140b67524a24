package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The OpenMP runtime that oneDNN uses, one method per symbol. All concern the calling thread
/// alone.
///
/// The class loads only where [Natives#openmp] is available.
public final class OmpBindings {
  private static final MethodHandle GET_MAX_THREADS = function("omp_get_max_threads", JAVA_INT);
  private static final MethodHandle SET_NUM_THREADS =
      function("omp_set_num_threads", null, JAVA_INT);

  /// What each thread of a team calls where there is nothing to do.
  private static final MemorySegment NOTHING =
      Natives.openmpSymbols().findOrThrow("omp_get_thread_num");

  private static final Optional<MethodHandle> PARALLEL = parallelFunction();

  public static int getMaxThreads() {
    try {
      return (int) GET_MAX_THREADS.invokeExact();
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static void setNumThreads(int threads) {
    try {
      SET_NUM_THREADS.invokeExact(threads);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  /// Whether the runtime has gcc's entry, as libgomp and libomp have.
  static boolean canRunParallel() {
    return PARALLEL.isPresent();
  }

  /// `GOMP_parallel`: the calling thread and others, `threads` in all, do nothing at once.
  static void parallel(int threads) {
    try {
      PARALLEL.orElseThrow().invokeExact(NOTHING, MemorySegment.NULL, threads, 0);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  private OmpBindings() {}

  @SuppressWarnings("restricted")
  private static Optional<MethodHandle> parallelFunction() {
    FunctionDescriptor type = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT);
    return Natives.openmpSymbols()
        .find("GOMP_parallel")
        .map(symbol -> Linker.nativeLinker().downcallHandle(symbol, type));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(
      String symbol, MemoryLayout result, MemoryLayout... parameters) {
    FunctionDescriptor type =
        result == null
            ? FunctionDescriptor.ofVoid(parameters)
            : FunctionDescriptor.of(result, parameters);
    // Both return at once, so the JVM need not note that the thread left.
    return Linker.nativeLinker()
        .downcallHandle(
            Natives.openmpSymbols().findOrThrow(symbol), type, Linker.Option.critical(false));
  }
}
