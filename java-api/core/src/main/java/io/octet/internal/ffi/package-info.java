/// Loads Octet's native libraries and binds their C functions: the only user of `Linker`. It calls
/// nothing but the JDK. Start at [io.octet.internal.ffi.Natives], then
/// [io.octet.internal.ffi.DnnlBindings].
package io.octet.internal.ffi;
