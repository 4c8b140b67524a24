package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.LibraryFiles.Jar;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.bytedeco.javacpp.Loader;

/// The gates on the way to FBGEMM, which PyTorch's binary happens to export and nobody promises:
/// whatever is not as it was measured makes it unavailable, with the reason, and nothing crashes.
final class FbgemmLibrary {
  /// One library and the jar that it lies in, in the order of loading.
  record Part(Jar jar, String name) {}

  private static final String TORCH = "libtorch";
  private static final String PLATFORM = "linux-x86_64";

  private FbgemmLibrary() {}

  /// What speaks against loading anything; empty where nothing does.
  static Optional<String> obstacle() {
    if (!Loader.getPlatform().equals(PLATFORM)) {
      return Optional.of(
          "FBGEMM's binary is for " + PLATFORM + ", this is " + Loader.getPlatform());
    }
    if (Linker.nativeLinker().defaultLookup().find("gnu_get_libc_version").isEmpty()) {
      return Optional.of("FBGEMM's binary needs glibc");
    }
    if (DnnlIsa.cap().filter(cap -> !cap.includes(DnnlIsa.AVX2)).isPresent()) {
      return Optional.of("FBGEMM needs AVX2, and " + DnnlIsa.CAP_PROPERTY + " is below it");
    }
    return otherTorch()
        .map(file -> "another libtorch is in this process: " + file + "; two of them clash");
  }

  /// A libtorch that somebody else has loaded.
  private static Optional<String> otherTorch() {
    try (var lines = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
      return lines
          .map(line -> line.substring(line.indexOf('/') + 1))
          .filter(file -> file.substring(file.lastIndexOf('/') + 1).startsWith(TORCH))
          .findFirst()
          .map(file -> "/" + file);
    } catch (IOException e) {
      return Optional.of("(/proc/self/maps cannot be read: " + e.getMessage() + ")");
    }
  }

  /// The libraries under the bridge. FBGEMM calls no BLAS: openblas and what it needs are there to
  /// satisfy the loader, which takes them by their names.
  static Part[] parts() {
    return new Part[] {
      new Part(Jar.PYTORCH, "libc10.so"),
      new Part(Jar.OPENBLAS, "libquadmath.so.0"),
      new Part(Jar.OPENBLAS, "libgfortran.so.5"),
      new Part(Jar.OPENBLAS, "libopenblas.so.0"),
      new Part(Jar.PYTORCH, "libtorch_cpu.so"),
      new Part(Jar.OCTET, "liboctet_fbgemm.so")
    };
  }

  /// What the loaded bridge and FBGEMM say of themselves; empty where all is well.
  static Optional<Unavailable> fault() {
    if (instructionSet() == FbgemmConstants.SET_NONE) {
      return unavailable("FBGEMM does not support this processor (it needs AVX2)");
    }
    return failed("prove_layout", FbgemmBindings::proveLayout)
        .or(FbgemmLibrary::cap)
        .or(() -> failed("self_test", FbgemmBindings::selfTest));
  }

  /// The number that the bridge gives to the instruction set in use.
  static int instructionSet() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      return FbgemmBindings.instructionSet(out) == FbgemmConstants.OK
          ? out.get(JAVA_INT, 0)
          : FbgemmConstants.SET_NONE;
    }
  }

  /// The text of this thread's last failure.
  static String lastError() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      FbgemmBindings.lastError(out);
      return CStrings.read(out.get(ADDRESS, 0));
    }
  }

  /// FBGEMM has no AVX2-VNNI and no AMX: a cap means the next below that it has.
  private static Optional<Unavailable> cap() {
    if (DnnlIsa.cap().isEmpty()) {
      return Optional.empty();
    }
    DnnlIsa cap = DnnlIsa.cap().get();
    int most =
        cap.includes(DnnlIsa.AVX512_CORE_VNNI)
            ? FbgemmConstants.SET_AVX512_VNNI
            : cap.includes(DnnlIsa.AVX512_CORE)
                ? FbgemmConstants.SET_AVX512
                : FbgemmConstants.SET_AVX2;
    return most >= instructionSet()
        ? Optional.empty()
        : failed("force_instruction_set", () -> FbgemmBindings.forceInstructionSet(most));
  }

  private static Optional<Unavailable> failed(String function, IntSupplier call) {
    return call.getAsInt() == FbgemmConstants.OK
        ? Optional.empty()
        : unavailable("octet_fbgemm_" + function + ": " + lastError());
  }

  private static Optional<Unavailable> unavailable(String reason) {
    return Optional.of(new Unavailable(reason));
  }
}
