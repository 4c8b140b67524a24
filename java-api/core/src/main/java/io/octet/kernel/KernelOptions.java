package io.octet.kernel;

import io.octet.internal.kernel.ContainerMemory;
import io.octet.internal.select.Backends;
import java.util.List;

/// How a layer by itself runs. Start from {@link #defaults()} and change what must differ.
///
/// @param intraOpThreads threads that work inside one run, at least 1: the caller's with 1; from 2
///   on the layer has as many of its own for each concurrent run, and starts them when it is packed
/// @param maxConcurrentRuns runs at the same time, at least 1; callers beyond it wait
/// @param maxShapes batch and image sizes for which a kernel is kept, at least 1; the one that has
///   not run for the longest time goes first. Each concurrent run has memory of its own for each of
///   them
/// @param backends names of backends to ask first, in order; the others follow
/// @param memoryLimit bytes of packed weights and of memory to run that the layer may hold, at
///   least 1; beyond it kernels of other shapes are given up, and then a run is refused
public record KernelOptions(
    int intraOpThreads,
    int maxConcurrentRuns,
    int maxShapes,
    List<String> backends,
    long memoryLimit) {
  /// Checks the ranges.
  public KernelOptions {
    requirePositive("intraOpThreads", intraOpThreads);
    requirePositive("maxConcurrentRuns", maxConcurrentRuns);
    requirePositive("maxShapes", maxShapes);
    requirePositive("memoryLimit", memoryLimit);
    backends = List.copyOf(backends);
  }

  /// One thread inside a run, as many runs as the process has processors, at most 16 shapes; {@code
  /// backends} as the system property `octet.backend` (comma-separated) says.
  public static KernelOptions defaults() {
    return new KernelOptions(
        1, processors(), 16, Backends.preferred(), ContainerMemory.besideTheHeap());
  }

  /// These with `threads` inside a run, and as many concurrent runs as processors remain for.
  public KernelOptions withIntraOpThreads(int threads) {
    requirePositive("intraOpThreads", threads);
    return new KernelOptions(
        threads, Math.max(1, processors() / threads), maxShapes, backends, memoryLimit);
  }

  /// These with at most `runs` at the same time.
  public KernelOptions withMaxConcurrentRuns(int runs) {
    return new KernelOptions(intraOpThreads, runs, maxShapes, backends, memoryLimit);
  }

  /// These with kernels kept for at most `shapes`.
  public KernelOptions withMaxShapes(int shapes) {
    return new KernelOptions(intraOpThreads, maxConcurrentRuns, shapes, backends, memoryLimit);
  }

  /// These with other preferred backends.
  public KernelOptions withBackends(String... names) {
    return new KernelOptions(
        intraOpThreads, maxConcurrentRuns, maxShapes, List.of(names), memoryLimit);
  }

  /// These with at most so many bytes held at once.
  public KernelOptions withMemoryLimit(long bytes) {
    return new KernelOptions(intraOpThreads, maxConcurrentRuns, maxShapes, backends, bytes);
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
