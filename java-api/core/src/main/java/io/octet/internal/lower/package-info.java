/// Owns the way from a graph to steps, a file for each family of operators: fusing nodes into
/// kernel specs, choosing layouts, and the explanation of each. It calls pass, select and plan.
/// Start reading at {@link io.octet.internal.lower.Lowering}, then {@link
/// io.octet.internal.lower.Draft}.
package io.octet.internal.lower;
