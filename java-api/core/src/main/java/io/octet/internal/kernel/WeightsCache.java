package io.octet.internal.kernel;

import io.octet.internal.ffi.NativeArena;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// Weights in the forms that kernels want them, packed once and shared by all plans of a session,
/// and the other constants of these plans. Owned by the session, freed with it.
public final class WeightsCache implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  /// A tensor is meant by identity, a format by equality.
  private record Key(int identity, Tensor weights, Object format) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key(int i, Tensor w, Object f)
          && i == identity
          && w == weights
          && f.equals(format);
    }

    @Override
    public int hashCode() {
      return 31 * identity + format.hashCode();
    }
  }

  private final Map<Key, AutoCloseable> packed = new HashMap<>();
  private final Deque<AutoCloseable> order = new ArrayDeque<>();

  private final Map<Tensor, MemorySegment> copies = new IdentityHashMap<>();
  private final MemoryBudget budget;
  private Arena arena; // of the copies, made with the first
  private long taken;

  /// Without a limit.
  public WeightsCache() {
    this(MemoryBudget.unlimited());
  }

  /// @param budget is asked before weights are packed
  public WeightsCache(MemoryBudget budget) {
    this.budget = budget;
  }

  /// What bounds these weights, and whatever else belongs to the same owner.
  public MemoryBudget budget() {
    return budget;
  }

  /// The packed form of `weights` in `format`, which takes about as many bytes as they do.
  ///
  /// @see #get(Class, Tensor, Object, long, Supplier)
  public <T extends AutoCloseable> T get(
      Class<T> type, Tensor weights, Object format, Supplier<T> pack) {
    return get(type, weights, format, weights.data().byteSize(), pack);
  }

  /// The packed form of `weights` in `format`, made by `pack` the first time it is asked for.
  /// Thread-safe.
  ///
  /// @param type what `pack` makes
  /// @param format names the backend and its memory format; compared by equality
  /// @param bytes that it will take
  /// @throws io.octet.OctetException.Unsupported where the budget does not allow them
  public <T extends AutoCloseable> T get(
      Class<T> type, Tensor weights, Object format, long bytes, Supplier<T> pack) {
    Key key = new Key(System.identityHashCode(weights), weights, format);
    AutoCloseable known = find(key);
    if (known != null) {
      return type.cast(known);
    }
    // Outside of the lock, which whoever gives back memory might need.
    budget.take(bytes, () -> "a packed form of weights " + weights);
    boolean kept = false;
    try {
      synchronized (this) {
        AutoCloseable found = packed.get(key);
        if (found == null) {
          found = pack.get();
          own(found);
          packed.put(key, found);
          taken += bytes;
          kept = true;
        }
        return type.cast(found);
      }
    } finally {
      if (!kept) {
        budget.giveBack(bytes);
      }
    }
  }

  /// A constant in native memory: one copy for all plans that read it, aligned to 64 bytes.
  ///
  /// @param constant by identity: the same tensor for all plans
  /// @throws io.octet.OctetException.Unsupported where the budget does not allow it
  public MemorySegment copy(Tensor constant) {
    synchronized (this) {
      if (copies.containsKey(constant)) {
        return copies.get(constant);
      }
    }
    long bytes = constant.data().byteSize();
    budget.take(bytes, () -> "a constant " + constant);
    boolean kept = false;
    try {
      synchronized (this) {
        if (!copies.containsKey(constant)) {
          arena = arena == null ? new NativeArena() : arena;
          MemorySegment made = arena.allocate(bytes, ALIGNMENT).copyFrom(constant.data());
          copies.put(constant, made);
          taken += bytes;
          kept = true;
        }
        return copies.get(constant);
      }
    } finally {
      if (!kept) {
        budget.giveBack(bytes);
      }
    }
  }

  /// Notes other memory that is held as long as these weights.
  ///
  /// @param what names it, in the words of an error
  /// @throws io.octet.OctetException.Unsupported where the budget does not allow it
  public void take(long bytes, Supplier<String> what) {
    budget.take(bytes, what);
    synchronized (this) {
      taken += bytes;
    }
  }

  private synchronized AutoCloseable find(Key key) {
    return packed.get(key);
  }

  private void own(AutoCloseable made) {
    try {
      order.push(made);
    } catch (Error e) {
      Closing closing = new Closing();
      closing.close(made);
      closing.end();
      throw e;
    }
  }

  /// `weights` in another form that backends pack in turn: the same tensor for all plans, so that
  /// it is packed once, too.
  ///
  /// @param form names it; compared by equality
  public Tensor derived(Tensor weights, Object form, UnaryOperator<Tensor> make) {
    return get(Derived.class, weights, form, () -> new Derived(make.apply(weights))).tensor();
  }

  private record Derived(Tensor tensor) implements AutoCloseable {
    @Override
    public void close() {}
  }

  /// Number of packed forms.
  public synchronized int size() {
    return packed.size();
  }

  /// Frees everything; no kernel may run any more.
  @Override
  public synchronized void close() {
    packed.clear();
    budget.giveBack(taken);
    taken = 0;
    copies.clear();
    Closing closing = new Closing();
    if (arena != null) {
      closing.close(arena);
      arena = null;
    }
    while (!order.isEmpty()) {
      closing.close(order.pop());
    }
    closing.end();
  }
}
