/// Owns execution as data: steps over buffers, their places in memory, the constants that they
/// share, and who runs them when. It calls the kernel contract. Start reading at {@link
/// io.octet.internal.plan.Plan}.
package io.octet.internal.plan;
