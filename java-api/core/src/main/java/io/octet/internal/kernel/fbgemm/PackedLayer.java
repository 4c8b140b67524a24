package io.octet.internal.kernel.fbgemm;

import io.octet.internal.kernel.Saturation.Pairs;
import java.lang.foreign.MemorySegment;

/// Weights as FBGEMM packed them, and the functions that run them.
sealed interface PackedLayer extends AutoCloseable permits PackedConv, PackedLinear {
  /// FBGEMM's name of what runs.
  String algorithm();

  /// Whether that adds two products in 16 bits even where the processor need not.
  boolean addsIn16Bits();

  /// Which weights that adds where it adds in 16 bits.
  Pairs pairs();

  /// Whether FBGEMM was seen to write behind the output's end.
  boolean writesBeyondItsOutput();

  /// Bytes of scratch memory of one run.
  long scratchBytes(MemorySegment call);

  /// Runs.
  ///
  /// @param call address of an `octet_fbgemm_call`
  void run(long call);

  @Override
  void close();
}
