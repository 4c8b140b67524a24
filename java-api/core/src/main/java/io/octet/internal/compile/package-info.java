/// Owns the way from a graph to a plan: fusing nodes into kernel specs, choosing layouts, asking
/// the backends in order, and giving every value its place in memory. It calls pass and kernel.
/// Start reading at {@link io.octet.internal.compile.Compiler}.
package io.octet.internal.compile;
