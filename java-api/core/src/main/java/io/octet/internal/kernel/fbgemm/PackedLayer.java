package io.octet.internal.kernel.fbgemm;

import java.lang.foreign.MemorySegment;

/// Weights as FBGEMM packed them, and the functions that run them.
sealed interface PackedLayer extends AutoCloseable permits PackedConv, PackedLinear {
  /// What runs.
  Algorithm algorithm();

  /// Bytes of scratch memory of one run.
  long scratchBytes(MemorySegment call);

  /// Runs.
  ///
  /// @param call address of an `octet_fbgemm_call`
  void run(long call);

  @Override
  void close();
}
