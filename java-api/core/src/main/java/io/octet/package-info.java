/// Octet runs trained networks in int8 on the CPU. This package owns only what every other package
/// may throw, {@link io.octet.OctetException}; it calls nobody. Start reading at {@link
/// io.octet.tensor}.
package io.octet;
