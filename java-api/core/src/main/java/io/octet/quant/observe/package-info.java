/// Owns what watches values while samples run, and the range that it chooses of them. Users name
/// one by its {@link io.octet.quant.observe.ObserverKind}. It calls {@link io.octet.tensor} alone.
/// Start reading at {@link io.octet.quant.observe.Observer}.
package io.octet.quant.observe;
