package io.octet.internal.kernel;

import io.octet.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/// Weights in the forms that kernels want them, packed once and shared by all plans of a session.
/// Owned by the session, freed with it.
public final class WeightsCache implements AutoCloseable {
  /// A constant is meant by identity, a format by equality. Written out, since each process would
  /// generate a record's own when it opens its first session.
  private record Key(Constant weights, Object format) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key that && weights == that.weights && format.equals(that.format);
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(weights) + format.hashCode();
    }
  }

  private final Map<Key, AutoCloseable> packed = new HashMap<>();
  private final Deque<AutoCloseable> order = new ArrayDeque<>();

  private final MemoryBudget budget;
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
  /// @see #get(Class, Constant, Object, long, Function)
  public <T extends AutoCloseable> T get(
      Class<T> type, Constant weights, Object format, Function<Tensor, T> pack) {
    return get(type, weights, format, weights.bytes(), pack);
  }

  /// The packed form of `weights` in `format`, made by `pack` the first time it is asked for.
  /// Thread-safe.
  ///
  /// @param type what `pack` makes
  /// @param format names the backend and its memory format; compared by equality
  /// @param bytes that it will take
  /// @throws io.octet.OctetException.Unsupported where the budget does not allow them
  public <T extends AutoCloseable> T get(
      Class<T> type, Constant weights, Object format, long bytes, Function<Tensor, T> pack) {
    Key key = new Key(weights, format);
    AutoCloseable known = find(key);
    if (known != null) {
      return type.cast(known);
    }
    // Both outside of the lock, which whoever gives back memory might need.
    Tensor values = weights.tensor();
    budget.take(bytes, () -> "a packed form of weights " + weights);
    boolean kept = false;
    try {
      synchronized (this) {
        AutoCloseable found = packed.get(key);
        if (found == null) {
          found = pack.apply(values);
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
    Closing closing = new Closing();
    while (!order.isEmpty()) {
      closing.close(order.pop());
    }
    closing.end();
  }
}
