/// Owns the choice of a backend: the ordered registry, the order for each class of processor, and
/// the kernels that a session's plans share. It calls cpu, trust, and the backends, which it alone
/// knows. Start reading at {@link io.octet.internal.select.Registry}.
package io.octet.internal.select;
