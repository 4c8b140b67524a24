package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.internal.ffi.Loading.Failed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/// The gates on the way to FBGEMM, which PyTorch's binary happens to export and nobody promises:
/// whatever is not as it was measured makes it unavailable, with the reason, and nothing crashes.
final class FbgemmLibrary {
  /// One library and the jar that it lies in.
  private record Part(Jar jar, String name) {}

  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final String TORCH = "libtorch";
  private static final String PLATFORM = "linux-x86_64";

  private FbgemmLibrary() {}

  /// Loads the libraries and, last, the bridge, unless something speaks against it.
  ///
  /// @param openmp the runtime of oneDNN, which serves PyTorch, too: the loader goes by its name
  static Loading load(Supplier<Loading> openmp) {
    Optional<Failed> obstacle = obstacle();
    if (obstacle.isPresent()) {
      return obstacle.get();
    }
    Loading last = openmp.get();
    for (Part part : parts()) {
      if (last instanceof Failed) {
        return last;
      }
      last = LibraryFiles.load(part.jar(), part.name());
    }
    return last;
  }

  private static Optional<Failed> obstacle() {
    if (!Platform.HERE.text().equals(PLATFORM)) {
      return lasting("FBGEMM's binary is for " + PLATFORM + ", this is " + Platform.HERE.text());
    }
    if (Linker.nativeLinker().defaultLookup().find("gnu_get_libc_version").isEmpty()) {
      return lasting("FBGEMM's binary needs glibc");
    }
    if (DnnlIsa.cap().filter(cap -> !cap.includes(DnnlIsa.AVX2)).isPresent()) {
      return lasting("FBGEMM needs AVX2, and " + DnnlIsa.CAP_PROPERTY + " is below it");
    }
    return Arrays.stream(parts())
        .flatMap(part -> LibraryFiles.missing(part.jar(), part.name()).stream())
        .findFirst()
        .or(FbgemmLibrary::otherTorch);
  }

  /// A libtorch that somebody else has loaded. One from where ours would come is ours: another
  /// class loader's Octet has loaded it, and the loader gives the same one again.
  private static Optional<Failed> otherTorch() {
    try {
      Optional<String> mapped = torchIn(Files.readAllBytes(MAPS));
      if (mapped.isEmpty()) {
        return Optional.empty();
      }
      for (Path ours : LibraryFiles.places(Jar.PYTORCH, "libtorch_cpu.so")) {
        if (Files.exists(ours) && ours.toRealPath().toString().equals(mapped.get())) {
          return Optional.empty();
        }
      }
      return lasting(
          "another libtorch is in this process: " + mapped.get() + "; two of them clash");
    } catch (IOException e) {
      return Optional.of(
          Loading.passing("whether another libtorch is in this process cannot be read: " + e));
    }
  }

  /// The file of a libtorch among those that are mapped.
  static Optional<String> torchIn(byte[] maps) {
    return new String(maps, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.indexOf('/') >= 0)
        .map(line -> line.substring(line.indexOf('/')))
        .filter(file -> file.substring(file.lastIndexOf('/') + 1).startsWith(TORCH))
        .findFirst();
  }

  /// The libraries, in the order of loading. FBGEMM calls no BLAS: openblas and what it needs are
  /// there to satisfy the loader, which takes them by their names.
  private static Part[] parts() {
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
  static Optional<Failed> fault() {
    if (instructionSet() == FbgemmConstants.SET_NONE) {
      return lasting("FBGEMM does not support this processor (it needs AVX2)");
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
  private static Optional<Failed> cap() {
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

  private static Optional<Failed> failed(String function, IntSupplier call) {
    return call.getAsInt() == FbgemmConstants.OK
        ? Optional.empty()
        : lasting("octet_fbgemm_" + function + ": " + lastError());
  }

  private static Optional<Failed> lasting(String reason) {
    return Optional.of(Loading.lasting(reason));
  }
}
