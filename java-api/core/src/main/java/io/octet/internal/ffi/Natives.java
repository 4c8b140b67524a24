package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.LibraryFiles.Jar;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// Loads the native libraries, each at most once per process and never unloaded. Asking is cheap
/// after the first time; the answer does not change.
public final class Natives {
  /// How long an idle OpenMP worker spins before it sleeps: libgomp's own default burns most of a
  /// core in a server that computes now and then; no spinning at all doubles the latency of a small
  /// net.
  private static final String SPIN_COUNT = "10000";

  private static final Names NAMES = Names.of(System.getProperty("os.name"));

  private Natives() {}

  /// oneDNN's library.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Availability onednn() {
    NativeAccess.require();
    return Onednn.LIBRARY.availability;
  }

  /// The OpenMP runtime that oneDNN uses: bundled on Linux and macOS, the system's on Windows.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Availability openmp() {
    NativeAccess.require();
    return Openmp.LIBRARY.availability;
  }

  /// Octet's own library, which needs the C library alone.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Availability octet() {
    NativeAccess.require();
    return Octet.LIBRARY.availability;
  }

  /// FBGEMM behind its bridge, proved to compute what it should. The first call loads PyTorch's
  /// library, which takes a quarter of a second and about 110 MB.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Availability fbgemm() {
    NativeAccess.require();
    return Fbgemm.AVAILABILITY;
  }

  static SymbolLookup octetSymbols() {
    return Octet.LIBRARY.symbols();
  }

  static SymbolLookup fbgemmSymbols() {
    return FbgemmFiles.BRIDGE.symbols();
  }

  static SymbolLookup onednnSymbols() {
    return Onednn.LIBRARY.symbols();
  }

  static SymbolLookup openmpSymbols() {
    return Openmp.LIBRARY.symbols();
  }

  private record Library(Availability availability, SymbolLookup loaded) {
    SymbolLookup symbols() {
      return switch (availability) {
        case Available available -> loaded;
        case Unavailable(String reason) -> throw new IllegalStateException(reason);
      };
    }
  }

  private static final class Openmp {
    static final Library LIBRARY = withSpinCount(Natives::loadOpenmp);
  }

  private static final class Onednn {
    private static final String FIRST_IN_VERSION_3 = "dnnl_memory_desc_create_with_tag";

    static final Library LIBRARY = loadOnednn();

    private static Library loadOnednn() {
      // Loaded first and kept, so that oneDNN binds to this very file whatever the search path
      // says.
      Library openmp = Openmp.LIBRARY;
      return switch (openmp.availability) {
        case Available available -> checked(load(Jar.ONEDNN, NAMES.onednn));
        case Unavailable missing -> openmp;
      };
    }

    private static Library checked(Library library) {
      return library.availability instanceof Available(Path file)
              && library.loaded.find(FIRST_IN_VERSION_3).isEmpty()
          ? new Library(new Unavailable(file + " is not oneDNN 3"), null)
          : library;
    }
  }

  private static final class Octet {
    static final Library LIBRARY =
        ofVersion(
            load(Jar.OCTET, System.mapLibraryName("octet")),
            "octet_abi_version",
            OctetConstants.ABI_VERSION);
  }

  /// Its files are loaded, in their order, and kept.
  private static final class FbgemmFiles {
    static final Library BRIDGE = loadBridge();

    private static Library loadBridge() {
      Optional<String> obstacle = FbgemmLibrary.obstacle();
      if (obstacle.isPresent()) {
        return new Library(new Unavailable(obstacle.get()), null);
      }
      for (FbgemmLibrary.Part part : FbgemmLibrary.parts()) {
        if (LibraryFiles.find(part.jar(), part.name()) instanceof Unavailable missing) {
          return new Library(missing, null);
        }
      }
      // The OpenMP runtime of oneDNN serves PyTorch, too: the loader goes by its name.
      Library last = Openmp.LIBRARY;
      for (FbgemmLibrary.Part part : FbgemmLibrary.parts()) {
        if (last.availability instanceof Unavailable) {
          return last;
        }
        last = load(part.jar(), part.name());
      }
      return ofVersion(last, "octet_fbgemm_abi_version", FbgemmConstants.ABI_VERSION);
    }
  }

  private static final class Fbgemm {
    static final Availability AVAILABILITY =
        switch (FbgemmFiles.BRIDGE.availability) {
          case Unavailable missing -> missing;
          case Available loaded ->
              FbgemmLibrary.fault().<Availability>map(fault -> fault).orElse(loaded);
        };
  }

  /// The library, unless its function of that name gives another version.
  @SuppressWarnings("restricted")
  private static Library ofVersion(Library library, String function, int expected) {
    if (!(library.availability instanceof Available(Path file))) {
      return library;
    }
    int found = 0;
    Optional<MemorySegment> symbol = library.loaded.find(function);
    if (symbol.isPresent()) {
      MethodHandle version =
          Linker.nativeLinker().downcallHandle(symbol.get(), FunctionDescriptor.of(JAVA_INT));
      try {
        found = (int) version.invokeExact();
      } catch (Throwable t) {
        throw Calls.unreachable(t);
      }
    }
    return found == expected
        ? library
        : new Library(
            new Unavailable(file + " has abi version " + found + ", expected " + expected), null);
  }

  @SuppressWarnings("restricted")
  private static Library load(Jar jar, String name) {
    return switch (LibraryFiles.find(jar, name)) {
      case Unavailable missing -> new Library(missing, null);
      case Available found -> {
        try {
          yield new Library(found, SymbolLookup.libraryLookup(found.file(), Arena.global()));
        } catch (IllegalArgumentException e) {
          yield new Library(
              new Unavailable(found.file() + " could not be loaded: " + e.getMessage()), null);
        }
      }
    };
  }

  @SuppressWarnings("restricted")
  private static Library loadOpenmp() {
    if (NAMES.openmpIsBundled) {
      return load(Jar.ONEDNN, NAMES.openmp);
    }
    try {
      SymbolLookup system = SymbolLookup.libraryLookup(NAMES.openmp, Arena.global());
      return new Library(new Available(Path.of(NAMES.openmp)), system);
    } catch (IllegalArgumentException e) {
      return new Library(
          new Unavailable(
              NAMES.openmp + " is missing: install Microsoft's Visual C++ redistributable"),
          null);
    }
  }

  /// libgomp reads its settings once, when it is loaded. What the user set stays.
  private static Library withSpinCount(Supplier<Library> loading) {
    boolean ours =
        NAMES.openmp.startsWith("libgomp")
            && !Environment.isSet("GOMP_SPINCOUNT")
            && !Environment.isSet("OMP_WAIT_POLICY");
    if (!ours) {
      return loading.get();
    }
    Environment.set("GOMP_SPINCOUNT", SPIN_COUNT);
    try {
      return loading.get();
    } finally {
      Environment.unset("GOMP_SPINCOUNT");
    }
  }

  private record Names(String onednn, String openmp, boolean openmpIsBundled) {
    static Names of(String os) {
      String system = os.toLowerCase(Locale.ROOT);
      if (system.startsWith("mac")) {
        return new Names("libdnnl.3.dylib", "libomp.dylib", true);
      }
      return system.startsWith("windows")
          ? new Names("dnnl.dll", "vcomp140.dll", false)
          : new Names("libdnnl.so.3", "libgomp.so.1", true);
    }
  }
}
