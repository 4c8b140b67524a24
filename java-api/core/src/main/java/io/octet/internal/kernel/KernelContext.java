package io.octet.internal.kernel;

/// What the kernels of one session share.
///
/// @param threads how many threads work inside one kernel, at least 1
/// @param packed packed weights, one for each tensor and format
public record KernelContext(int threads, PackedWeights packed) {}
