/// Octet runs trained networks in int8 on the CPU. This package owns only what every other package
/// may throw, {@link io.octet.OctetException}, and the options that sessions and single layers have
/// in common ({@link io.octet.Threads}, {@link io.octet.MemoryLimits}, {@link io.octet.Verify}); it
/// calls nobody. Start reading at {@link io.octet.tensor}.
package io.octet;
