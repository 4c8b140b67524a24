package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// What the C library knows of this process: its user, and its environment, which a native library
/// reads when it is loaded. `System.getenv` is a copy that Java made at its start. Unix only.
@SuppressWarnings("restricted")
final class Environment {
  private static final MethodHandle GETENV =
      function("getenv", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle SETENV =
      function("setenv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle UNSETENV =
      function("unsetenv", FunctionDescriptor.of(JAVA_INT, ADDRESS));

  private static final MethodHandle GETUID = function("getuid", FunctionDescriptor.of(JAVA_INT));

  private Environment() {}

  /// The number of the user that this process runs as.
  static int userId() {
    try {
      return (int) GETUID.invokeExact();
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  static boolean isSet(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = (MemorySegment) GETENV.invokeExact(arena.allocateFrom(name));
      return value.address() != 0;
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  static void set(String name, String value) {
    try (Arena arena = Arena.ofConfined()) {
      int ignored =
          (int) SETENV.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  static void unset(String name) {
    try (Arena arena = Arena.ofConfined()) {
      int ignored = (int) UNSETENV.invokeExact(arena.allocateFrom(name));
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }
}
