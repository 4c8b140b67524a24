/// What the processor can do for int8, and which native libraries answer. It calls
/// `io.octet.internal.ffi` alone. Start at [io.octet.cpu.Cpu].
package io.octet.cpu;
