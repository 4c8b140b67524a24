package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.Loading.Cause;
import io.octet.internal.ffi.Loading.Failed;
import io.octet.internal.ffi.Loading.Loaded;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// When a library is tried again, and when not.
class LibraryTest {
  private static final Loaded LOADED = new Loaded(Path.of("here"), name -> Optional.empty());

  private final AtomicInteger attempts = new AtomicInteger();

  private static final class NoBindings {}

  /// Bindings of a function that no library has.
  private static final class Bound {
    static final Object FUNCTION = LOADED.symbols().findOrThrow("a_function");
  }

  private Library library(Supplier<Loading> file) {
    Supplier<Loading> counted =
        () -> {
          attempts.incrementAndGet();
          return file.get();
        };
    return new Library("it", NoBindings.class, counted, Optional::empty);
  }

  @Test
  void aLoadedLibraryIsLoadedOnce() {
    Library library = library(() -> LOADED);
    assertSame(LOADED, library.loading());
    library.forgetPassingFailure();
    assertSame(LOADED, library.loading());
    assertEquals(1, attempts.get());
    SymbolLookup symbols = library.symbols();
    assertSame(LOADED.symbols(), symbols);
  }

  @Test
  void aFailureThatMayPassIsKeptForASessionAndThenForgotten() {
    for (Cause passing : new Cause[] {Cause.PASSING, Cause.FOLDER}) {
      attempts.set(0);
      Library library =
          library(() -> attempts.get() == 1 ? new Failed("the disk is full", passing) : LOADED);
      assertTrue(library.loading() instanceof Failed);
      assertTrue(library.loading() instanceof Failed);
      assertEquals(1, attempts.get());
      library.forgetPassingFailure();
      assertSame(LOADED, library.loading());
    }
  }

  @Test
  void aFailureThatLastsIsKept() {
    Library library = library(() -> Loading.lasting("no binary for this system"));
    library.loading();
    library.forgetPassingFailure();
    assertEquals(new Unavailable("no binary for this system"), library.loading().availability());
    assertEquals(1, attempts.get());
  }

  @Test
  void whatAnAttemptThrowsIsItsCallersAndNotKept() {
    Library library =
        library(
            () -> {
              if (attempts.get() == 1) {
                throw new OutOfMemoryError("for now");
              }
              return LOADED;
            });
    assertThrows(OutOfMemoryError.class, library::loading);
    assertSame(LOADED, library.loading());
  }

  @Test
  void anInterruptNeitherReachesTheAttemptNorIsLost() {
    Library library =
        library(() -> Thread.currentThread().isInterrupted() ? Loading.lasting("no") : LOADED);
    Thread.currentThread().interrupt();
    assertSame(LOADED, library.loading());
    assertTrue(Thread.interrupted());
  }

  @Test
  void aLibraryWithoutAFunctionIsNamedAndNotTriedAgain() {
    Library library = new Library("it", Bound.class, () -> LOADED, Optional::empty);
    Failed failed = (Failed) library.loading();
    assertEquals(Cause.LASTING, failed.cause());
    assertTrue(failed.reason().startsWith("here is not it: "), failed.reason());
    assertTrue(failed.reason().contains("a_function"), failed.reason());
  }

  @Test
  void doubtsAboutALoadedLibraryCount() {
    Failed wrong = Loading.lasting("it computes 2 + 2 = 5");
    Library library = new Library("it", NoBindings.class, () -> LOADED, () -> Optional.of(wrong));
    assertSame(wrong, library.loading());
  }

  @Test
  void symbolsAreNotThereBeforeSomebodyAsked() {
    Library library = library(() -> LOADED);
    assertThrows(IllegalStateException.class, library::symbols);
    assertEquals(0, attempts.get());
    assertFalse(library.loading() instanceof Failed);
  }
}
