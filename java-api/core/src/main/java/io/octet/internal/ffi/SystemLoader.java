package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.internal.ffi.Loading.Cause;
import io.octet.internal.ffi.Loading.Failed;
import io.octet.internal.ffi.Loading.Loaded;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// The operating system's loader of libraries. Java says that it refused a file, and keeps to
/// itself why.
@SuppressWarnings("restricted")
final class SystemLoader {
  private static final int RTLD_LAZY = 1;

  private SystemLoader() {}

  /// Loads that file, for good.
  static Loading load(Path file) {
    try {
      return new Loaded(file, SymbolLookup.libraryLookup(file, Arena.global()));
    } catch (IllegalArgumentException e) {
      return failure(file, Platform.HERE.isWindows() ? "" : complaint(file));
    }
  }

  /// What a refusal means.
  ///
  /// @param complaint the loader's own words; empty where it has none
  static Failed failure(Path file, String complaint) {
    String said = file + " could not be loaded" + (complaint.isEmpty() ? "" : ": " + complaint);
    if (complaint.contains("Cannot allocate memory")) {
      return Loading.passing(said);
    }
    if (complaint.contains("failed to map segment")) {
      return new Failed(
          said + " (its folder is mounted noexec, or a security module forbids it)", Cause.FOLDER);
    }
    if (complaint.contains("GLIBC_") && complaint.contains("not found")) {
      return Loading.lasting(said + " (it needs a newer C library than this system's)");
    }
    if (complaint.startsWith("Error relocating") || complaint.startsWith("Error loading")) {
      return Loading.lasting(said + " (it needs glibc, and this system has musl)");
    }
    return Loading.passing(said);
  }

  /// Asks the loader again, for its words: they belong to the calling thread, and to the last
  /// failure.
  private static String complaint(Path file) {
    MethodHandle open = function("dlopen", ADDRESS, ADDRESS, JAVA_INT);
    MethodHandle error = function("dlerror", ADDRESS);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      MemorySegment library = (MemorySegment) open.invokeExact(name, RTLD_LAZY);
      return library.address() == 0
          ? CStrings.read((MemorySegment) error.invokeExact())
          : "the second attempt succeeded";
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  private static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... parameters) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }
}
