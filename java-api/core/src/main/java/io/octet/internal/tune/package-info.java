/// Owns what is decided by the clock: times kernels on this machine. Start reading at {@link
/// io.octet.internal.tune.Stopwatch}.
package io.octet.internal.tune;
