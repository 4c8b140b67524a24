package io.octet.internal.ffi;

import io.octet.internal.ffi.Loading.Cause;
import io.octet.internal.ffi.Loading.Failed;
import io.octet.internal.ffi.Loading.Loaded;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandles;
import java.lang.ref.Reference;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/// One library of this process: loaded when first asked for, never unloaded. A failure is kept
/// until [#forgetPassingFailure], and for good where it cannot pass. An exception of the attempt is
/// the caller's, and nothing is kept.
final class Library {
  /// More than binding a library's functions takes.
  private static final int ROOM_TO_BIND = 4 << 20;

  private final String name;
  private final Class<?> bindings;
  private final Supplier<Loading> file;
  private final Supplier<Optional<Failed>> doubts;
  private volatile SymbolLookup symbols;
  private volatile Loading outcome;

  /// @param name for errors, and for the thread that loads
  /// @param bindings the class whose initializer binds the library's functions
  /// @param file loads the file
  /// @param doubts what speaks against the library once it is bound
  Library(
      String name, Class<?> bindings, Supplier<Loading> file, Supplier<Optional<Failed>> doubts) {
    this.name = name;
    this.bindings = bindings;
    this.file = file;
    this.doubts = doubts;
  }

  /// What came of the attempt, which is made now where there was none.
  Loading loading() {
    Loading known = outcome;
    return known == null ? load() : known;
  }

  private synchronized Loading load() {
    if (outcome == null) {
      outcome = apart();
    }
    return outcome;
  }

  /// The functions of a library that is loaded, for the initializer of its bindings. Loads nothing:
  /// an initializer that fails has failed for good.
  ///
  /// @throws IllegalStateException where the library is not loaded
  SymbolLookup symbols() {
    SymbolLookup loaded = symbols;
    if (loaded == null) {
      throw new IllegalStateException(name + " is not loaded: ask for it first");
    }
    return loaded;
  }

  /// Lets the next question try again, where the failure may have passed.
  void forgetPassingFailure() {
    if (isPassing(outcome)) {
      synchronized (this) {
        if (isPassing(outcome)) {
          outcome = null;
        }
      }
    }
  }

  private static boolean isPassing(Loading loading) {
    return loading instanceof Failed(var _, Cause cause) && cause != Cause.LASTING;
  }

  private Loading attempt() {
    return switch (file.get()) {
      case Failed failed -> failed;
      case Loaded loaded -> {
        symbols = loaded.symbols();
        Optional<Failed> fault = unbound(loaded).or(doubts);
        yield fault.isPresent() ? fault.get() : loaded;
      }
    };
  }

  /// Binds the functions here, where there is a whole stack; an initializer that runs out of stack
  /// or memory, wherever it is called, fails for the life of the process.
  private Optional<Failed> unbound(Loaded loaded) {
    Reference.reachabilityFence(new byte[ROOM_TO_BIND]);
    try {
      MethodHandles.lookup().ensureInitialized(bindings);
      return Optional.empty();
    } catch (ExceptionInInitializerError e) {
      return Optional.of(
          Loading.lasting(loaded.file() + " is not " + name + ": " + e.getCause().getMessage()));
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /// The attempt in a thread of its own: the caller may be interrupted, by a task that was
  /// cancelled, or near the end of its stack, and neither may fail what serves the whole process.
  private Loading apart() {
    FutureTask<Loading> task = new FutureTask<>(this::attempt);
    Thread.ofPlatform().daemon().name("octet: loads " + name).start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw Calls.unreachable(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
