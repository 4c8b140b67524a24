/// Owns the way from a graph to steps: fusing nodes into kernel specs, choosing layouts, and the
/// explanation of each. It calls pass, select and plan. Start reading at {@link
/// io.octet.internal.lower.Lowering}.
package io.octet.internal.lower;
