package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.internal.ffi.Loading.Failed;
import io.octet.internal.ffi.Loading.Loaded;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The native libraries, each loaded at most once per process and never unloaded. Asking is cheap
/// after the first time, and the answer stays, unless it was no for a reason that may have passed:
/// [#retry].
public final class Natives {
  /// How long an idle OpenMP worker spins before it sleeps: libgomp's own default burns most of a
  /// core in a server that computes now and then; no spinning at all doubles the latency of a small
  /// net.
  private static final String SPIN_COUNT = "10000";

  /// Of each OpenMP worker, known because room for them is tried out before they are started. A
  /// thread of Java's, which does the same work, has half of it.
  private static final String STACK_SIZE = "2M";

  private static final Library OPENMP =
      new Library(
          "OpenMP", OmpBindings.class, () -> withSettings(Natives::loadOpenmp), Optional::empty);

  private static final Library ONEDNN =
      new Library("oneDNN 3", DnnlBindings.class, Natives::loadOnednn, Optional::empty);

  private static final Library OCTET =
      new Library("octet", OctetBindings.class, Natives::loadOctet, Optional::empty);

  private static final Library FBGEMM =
      new Library(
          "FBGEMM's bridge", FbgemmBindings.class, Natives::loadBridge, FbgemmLibrary::fault);

  private Natives() {}

  /// oneDNN's library.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Availability onednn() {
    return availability(ONEDNN);
  }

  /// The OpenMP runtime that oneDNN uses: bundled on Linux and macOS, the system's on Windows.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Availability openmp() {
    return availability(OPENMP);
  }

  /// Octet's own library, which needs the C library alone.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Availability octet() {
    return availability(OCTET);
  }

  /// FBGEMM behind its bridge, proved to compute what it should. The first call loads PyTorch's
  /// library, which takes a quarter of a second and about 110 MB.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Availability fbgemm() {
    return availability(FBGEMM);
  }

  /// Lets libraries be tried again that could not be loaded for a reason that may have passed, such
  /// as a full disk. For the beginning of a session: within one the answers had better agree.
  public static void retry() {
    OPENMP.forgetPassingFailure();
    ONEDNN.forgetPassingFailure();
    OCTET.forgetPassingFailure();
    FBGEMM.forgetPassingFailure();
  }

  static SymbolLookup octetSymbols() {
    return OCTET.symbols();
  }

  static SymbolLookup fbgemmSymbols() {
    return FBGEMM.symbols();
  }

  static SymbolLookup onednnSymbols() {
    return ONEDNN.symbols();
  }

  static SymbolLookup openmpSymbols() {
    return OPENMP.symbols();
  }

  private static Availability availability(Library library) {
    NativeAccess.require();
    return library.loading().availability();
  }

  private static Loading loadOnednn() {
    // Loaded first and kept, so that oneDNN binds to this very file whatever the search path says.
    return switch (OPENMP.loading()) {
      case Loaded _ -> LibraryFiles.load(Jar.ONEDNN, Platform.HERE.onednn());
      case Failed failed -> failed;
    };
  }

  private static Loading loadOctet() {
    return ofVersion(
        LibraryFiles.load(Jar.OCTET, System.mapLibraryName("octet")),
        "octet_abi_version",
        OctetConstants.ABI_VERSION);
  }

  private static Loading loadBridge() {
    return ofVersion(
        FbgemmLibrary.load(OPENMP::loading),
        "octet_fbgemm_abi_version",
        FbgemmConstants.ABI_VERSION);
  }

  /// The library, unless its function of that name gives another version.
  @SuppressWarnings("restricted")
  private static Loading ofVersion(Loading loading, String function, int expected) {
    if (!(loading instanceof Loaded(Path file, SymbolLookup symbols))) {
      return loading;
    }
    int found = 0;
    Optional<MemorySegment> symbol = symbols.find(function);
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
        ? loading
        : Loading.lasting(file + " has abi version " + found + ", expected " + expected);
  }

  @SuppressWarnings("restricted")
  private static Loading loadOpenmp() {
    String name = Platform.HERE.openmp();
    if (Platform.HERE.bringsOpenmp()) {
      return LibraryFiles.load(Jar.ONEDNN, name);
    }
    try {
      return new Loaded(Path.of(name), SymbolLookup.libraryLookup(name, Arena.global()));
    } catch (IllegalArgumentException e) {
      return Loading.passing(name + " is missing: install Microsoft's Visual C++ redistributable");
    }
  }

  /// libgomp reads its settings once, when it is loaded. What the user set stays.
  private static Loading withSettings(Supplier<Loading> loading) {
    if (!Platform.HERE.openmp().startsWith("libgomp")) {
      return loading.get();
    }
    Map<String, String> ours = new LinkedHashMap<>();
    if (!Environment.isSet("GOMP_SPINCOUNT") && !Environment.isSet("OMP_WAIT_POLICY")) {
      ours.put("GOMP_SPINCOUNT", SPIN_COUNT);
    }
    if (!Environment.isSet("OMP_STACKSIZE") && !Environment.isSet("GOMP_STACKSIZE")) {
      ours.put("OMP_STACKSIZE", STACK_SIZE);
    }
    ours.forEach(Environment::set);
    try {
      return loading.get();
    } finally {
      ours.keySet().forEach(Environment::unset);
    }
  }
}
