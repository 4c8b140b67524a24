/// Loads Octet's native libraries and binds their C functions: the only user of `Linker`. It calls
/// the JDK and JavaCPP's resource cache, nothing else of Octet. Start at
/// [io.octet.internal.ffi.Natives], then [io.octet.internal.ffi.DnnlBindings].
package io.octet.internal.ffi;
