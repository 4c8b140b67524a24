/// Owns the kernels that oneDNN computes: int8 and float layers, pooling, and what stands between
/// them. It calls `internal.kernel` and `internal.ffi`, and no other backend. Start at
/// [io.octet.internal.kernel.onednn.OnednnBackend].
package io.octet.internal.kernel.onednn;
