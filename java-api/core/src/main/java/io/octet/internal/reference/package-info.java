/// Owns the literal meaning of every operator: obvious loops over row-major tensors, a file for
/// each family, of the family's name. Constants are evaluated with it, and what has no kernel of
/// its own runs through it; it knows nothing of execution, and calls graph.op and tensor alone.
/// Start reading at {@link io.octet.internal.reference.Reference}.
package io.octet.internal.reference;
