package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The C functions of the bridge to FBGEMM (native/include/octet_fbgemm.h), one method per symbol.
/// Nothing here decides or translates. The calls of the hot path take addresses.
///
/// The class loads only where the bridge is loaded: [Natives#fbgemm].
public final class FbgemmBindings {
  private static final MethodHandle ABI_VERSION = function("octet_fbgemm_abi_version");
  private static final MethodHandle LAST_ERROR = function("octet_fbgemm_last_error", ADDRESS);
  private static final MethodHandle DECLARATIONS = function("octet_fbgemm_declarations", ADDRESS);
  private static final MethodHandle PROVE_LAYOUT = function("octet_fbgemm_prove_layout");
  private static final MethodHandle SELF_TEST = function("octet_fbgemm_self_test");
  private static final MethodHandle INSTRUCTION_SET =
      function("octet_fbgemm_instruction_set", ADDRESS);
  private static final MethodHandle FORCE_INSTRUCTION_SET =
      function("octet_fbgemm_force_instruction_set", JAVA_INT);
  private static final MethodHandle LINEAR_CREATE =
      function("octet_fbgemm_linear_create", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle LINEAR_DESTROY =
      function("octet_fbgemm_linear_destroy", ADDRESS);
  private static final MethodHandle LINEAR_SCRATCH =
      function("octet_fbgemm_linear_scratch", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle LINEAR_RUN =
      function("octet_fbgemm_linear_run", JAVA_LONG, JAVA_LONG);
  private static final MethodHandle CONV_CREATE =
      function("octet_fbgemm_conv_create", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle CONV_DESTROY = function("octet_fbgemm_conv_destroy", ADDRESS);
  private static final MethodHandle CONV_PATH =
      function("octet_fbgemm_conv_path", ADDRESS, ADDRESS);
  private static final MethodHandle CONV_SCRATCH =
      function("octet_fbgemm_conv_scratch", ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle CONV_RUN =
      function("octet_fbgemm_conv_run", JAVA_LONG, JAVA_LONG);

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

  public static int declarations(MemorySegment textOut) {
    try {
      return (int) DECLARATIONS.invokeExact(textOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int proveLayout() {
    try {
      return (int) PROVE_LAYOUT.invokeExact();
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int selfTest() {
    try {
      return (int) SELF_TEST.invokeExact();
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int instructionSet(MemorySegment setOut) {
    try {
      return (int) INSTRUCTION_SET.invokeExact(setOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int forceInstructionSet(int set) {
    try {
      return (int) FORCE_INSTRUCTION_SET.invokeExact(set);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int linearCreate(int n, int k, MemorySegment weights, MemorySegment linearOut) {
    try {
      return (int) LINEAR_CREATE.invokeExact(n, k, weights, linearOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int linearDestroy(MemorySegment linear) {
    try {
      return (int) LINEAR_DESTROY.invokeExact(linear);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int linearScratch(
      MemorySegment linear, MemorySegment call, MemorySegment bytesOut) {
    try {
      return (int) LINEAR_SCRATCH.invokeExact(linear, call, bytesOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int linearRun(long linear, long call) {
    try {
      return (int) LINEAR_RUN.invokeExact(linear, call);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int convCreate(
      MemorySegment shape, MemorySegment weights, int raw, MemorySegment convOut) {
    try {
      return (int) CONV_CREATE.invokeExact(shape, weights, raw, convOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int convDestroy(MemorySegment conv) {
    try {
      return (int) CONV_DESTROY.invokeExact(conv);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int convPath(MemorySegment conv, MemorySegment pathOut) {
    try {
      return (int) CONV_PATH.invokeExact(conv, pathOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int convScratch(MemorySegment conv, MemorySegment call, MemorySegment bytesOut) {
    try {
      return (int) CONV_SCRATCH.invokeExact(conv, call, bytesOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int convRun(long conv, long call) {
    try {
      return (int) CONV_RUN.invokeExact(conv, call);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  private FbgemmBindings() {}

  @SuppressWarnings("restricted")
  private static MethodHandle function(String symbol, MemoryLayout... parameters) {
    FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, parameters);
    return Linker.nativeLinker().downcallHandle(Natives.fbgemmSymbols().findOrThrow(symbol), type);
  }
}
