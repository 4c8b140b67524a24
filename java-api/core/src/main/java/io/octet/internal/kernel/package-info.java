/// Owns the contract between the compiler and the backends: what a kernel must compute ({@link
/// io.octet.internal.kernel.KernelSpec}), what a backend offers, what a kernel is when made and
/// bound, and packed weights. It calls graph.op and ffi; each backend stands in a package of its
/// own and knows no other. Start reading at {@link io.octet.internal.kernel.KernelSpec}.
package io.octet.internal.kernel;
