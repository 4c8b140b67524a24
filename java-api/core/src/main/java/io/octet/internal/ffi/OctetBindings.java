package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Octet's own C functions (native/include/octet.h), one method per symbol. Nothing here decides or
/// translates.
///
/// The class loads only where [Natives#octet] is available.
public final class OctetBindings {
  private static final MethodHandle LAST_ERROR = function("octet_last_error", ADDRESS);
  private static final MethodHandle CPU_DETECT = function("octet_cpu_detect", ADDRESS);
  private static final MethodHandle CPU_DESTROY = function("octet_cpu_destroy", ADDRESS);
  private static final MethodHandle CPU_TEXT =
      function("octet_cpu_text", ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle CPU_NUMBER =
      function("octet_cpu_number", ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle ABI_VERSION = function("octet_abi_version");

  public static int abiVersion() {
    try {
      return (int) ABI_VERSION.invokeExact();
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int lastError(MemorySegment textOut) {
    try {
      return (int) LAST_ERROR.invokeExact(textOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int cpuDetect(MemorySegment cpuOut) {
    try {
      return (int) CPU_DETECT.invokeExact(cpuOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int cpuDestroy(MemorySegment cpu) {
    try {
      return (int) CPU_DESTROY.invokeExact(cpu);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int cpuText(MemorySegment cpu, int which, MemorySegment textOut) {
    try {
      return (int) CPU_TEXT.invokeExact(cpu, which, textOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int cpuNumber(MemorySegment cpu, int which, MemorySegment numberOut) {
    try {
      return (int) CPU_NUMBER.invokeExact(cpu, which, numberOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  private OctetBindings() {}

  @SuppressWarnings("restricted")
  private static MethodHandle function(String symbol, MemoryLayout... parameters) {
    FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, parameters);
    return Linker.nativeLinker().downcallHandle(Natives.octetSymbols().findOrThrow(symbol), type);
  }
}
