package io.octet.internal.kernel.fbgemm;

import io.octet.internal.ffi.NativeFunction;
import java.lang.foreign.MemorySegment;

/// Weights as FBGEMM packed them, and the functions that run them.
sealed interface PackedForm extends AutoCloseable permits PackedConv, PackedLinear {
  /// What runs.
  Algorithm algorithm();

  /// Bytes of scratch memory of one run.
  long scratchBytes(MemorySegment call);

  /// What runs it: its arguments are this and an `octet_fbgemm_call`.
  NativeFunction function();

  /// Where it lies.
  long address();

  @Override
  void close();
}
