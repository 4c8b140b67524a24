/// Owns the choice of a backend: the ordered registry, and the order for each class of processor.
/// It calls the kernel contract and the backends, which it alone knows. Start reading at {@link
/// io.octet.internal.select.Registry}.
package io.octet.internal.select;
