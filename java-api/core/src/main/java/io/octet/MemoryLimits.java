package io.octet;

/// What a session, or a layer by itself, may keep. A method with a component's name gives these
/// with another value.
///
/// So any number of input sizes, one after the other, takes no more memory than these allow. Beside
/// them stand what native kernels are made of (code and descriptions, some 20 KiB each, for the
/// plans that are kept) and the code of the last 128 oneDNN kernels of the whole process.
///
/// @param limit bytes that may be held at once, at least 1: packed weights, constants of plans, and
///   a workspace for each plan and each run at the same time. Beyond it, plans of other shapes are
///   given up, and then a run is refused with the numbers
/// @param maxPlans plans that are kept, at least 1: one for each set of concrete input shapes, of a
///   layer by itself one for each batch and image size. The one that has not run for the longest
///   time goes first. Each concurrent run has memory of its own for each of them
public record MemoryLimits(long limit, int maxPlans) {
  /// Checks the ranges.
  public MemoryLimits {
    Threads.requirePositive("memory limit", limit);
    Threads.requirePositive("maxPlans", maxPlans);
  }

  /// These with at most so many bytes held at once.
  public MemoryLimits limit(long bytes) {
    return new MemoryLimits(bytes, maxPlans);
  }

  /// These with at most `plans` kept.
  public MemoryLimits maxPlans(int plans) {
    return new MemoryLimits(limit, plans);
  }
}
