package io.octet.internal.kernel;

/// A {@link KernelSpec} made ready: weights packed, code generated. Immutable and shared by any
/// number of concurrent runs; each run binds it to its own workspace once.
public interface Kernel extends AutoCloseable {
  /// Name of the backend that made it.
  String backend();

  /// What exactly runs, in the backend's own words, such as oneDNN's `brgconv:avx512_core_vnni`.
  String implementation();

  /// Bytes of scratch memory that one run needs, 0 for none.
  default long scratchBytes() {
    return 0;
  }

  /// Index of the input whose memory the first output must share (its content is overwritten), or
  /// -1.
  default int inPlaceInput() {
    return -1;
  }

  /// This kernel over the memory of one workspace. The caller guarantees that every buffer has the
  /// size of its {@link TensorDesc}, is native, aligned to 64 bytes, and outlives the call.
  Call bind(Buffers buffers);

  /// Frees what only this kernel owns. No call may run any more.
  @Override
  void close();
}
