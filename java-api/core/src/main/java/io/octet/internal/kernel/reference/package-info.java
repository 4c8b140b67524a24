/// Owns the oracle: every {@link io.octet.internal.kernel.KernelSpec} as obvious, slow loops that
/// define what it means. It calls the kernel contract, and internal.reference for what operators
/// mean, and is never chosen unless asked for. Start reading at {@link
/// io.octet.internal.kernel.reference.ReferenceBackend}.
package io.octet.internal.kernel.reference;
