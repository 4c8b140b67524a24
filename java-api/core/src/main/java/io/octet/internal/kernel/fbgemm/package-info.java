/// Owns the int8 layers that FBGEMM computes, behind Octet's own bridge to it. It calls
/// `internal.ffi` and what every backend calls; no other backend. Start reading at {@link
/// io.octet.internal.kernel.fbgemm.FbgemmBackend}.
package io.octet.internal.kernel.fbgemm;
