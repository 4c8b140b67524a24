/// Owns the trust in a kernel, which is earned on the machine that it runs on: a trial on known
/// values, compared with the oracle, and the memory of what came of it. It calls the kernel
/// contract, the oracle, the store and cpu; `select` gives it to the registry. Start reading at
/// {@link io.octet.internal.kernel.trust.SelfCheck}.
package io.octet.internal.kernel.trust;
