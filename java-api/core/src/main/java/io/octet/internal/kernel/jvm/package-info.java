/// Owns the production backend in Java: data movement, elementwise and small operators, and FP32
/// layers where no native library loads. It calls the kernel contract, and internal.reference for
/// what operators mean. Start reading at {@link io.octet.internal.kernel.jvm.JvmBackend}.
///
/// C2 vectorizes loops over heap arrays that are indexed by the loop variable alone, but not over
/// native memory. So a kernel copies runs into arrays of its own, computes there, and copies back;
/// both copies are cheap beside the loop.
package io.octet.internal.kernel.jvm;
