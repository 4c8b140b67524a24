/// Owns what is decided by the clock: times plans on this machine and chooses. It calls plan. Start
/// reading at {@link io.octet.internal.tune.Tuner}.
package io.octet.internal.tune;
