package io.octet.internal.plan;

import io.octet.internal.ffi.NativeArena;
import io.octet.internal.kernel.Closing;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.MemoryBudget;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// The constants of a session, each once whatever the number of plans: the handles by which specs
/// name them, copies in native memory, and packed weights. Thread-safe.
public final class ConstantStore implements AutoCloseable {
  private final WeightsCache packed;
  private final MemoryBudget budget;
  private final Map<Tensor, Constant> known = new IdentityHashMap<>();
  private final Map<Constant, MemorySegment> copies = new HashMap<>();
  private Arena arena; // of the copies, made with the first
  private long taken;

  /// @param packed becomes this store's
  public ConstantStore(WeightsCache packed) {
    this.packed = packed;
    this.budget = packed.budget();
  }

  /// What bounds the memory of constants, and of whatever else belongs to the same session.
  public MemoryBudget budget() {
    return budget;
  }

  /// The handle of a tensor, which is meant by identity: the same for all plans.
  ///
  /// @param name what errors call it
  public synchronized Constant of(String name, Tensor tensor) {
    return known.computeIfAbsent(tensor, t -> Constant.of(name, t, budget));
  }

  /// A constant in native memory: one copy for all plans that read it, aligned to 64 bytes.
  ///
  /// @throws io.octet.OctetException.Unsupported where the budget does not allow it
  MemorySegment copy(Constant constant) {
    MemorySegment found = find(constant);
    if (found != null) {
      return found;
    }
    // Both outside of the lock, which whoever gives back memory might need.
    Tensor values = constant.tensor();
    budget.take(constant.bytes(), () -> "a constant " + constant);
    boolean kept = false;
    try {
      synchronized (this) {
        if (!copies.containsKey(constant)) {
          arena = arena == null ? new NativeArena() : arena;
          MemorySegment made = arena.allocate(constant.bytes(), MemoryPlanner.ALIGNMENT);
          copies.put(constant, made.copyFrom(values.data()));
          taken += constant.bytes();
          kept = true;
        }
        return copies.get(constant);
      }
    } finally {
      if (!kept) {
        budget.giveBack(constant.bytes());
      }
    }
  }

  private synchronized MemorySegment find(Constant constant) {
    return copies.get(constant);
  }

  /// Lets go of what can be made again from the originals: other forms of weights, once they are
  /// packed.
  public void trim() {
    handles().forEach(Constant::trim);
  }

  /// Lets go of the originals, for a session that makes no other plan.
  public void forget() {
    handles().forEach(Constant::forget);
    synchronized (this) {
      known.clear();
    }
  }

  private synchronized List<Constant> handles() {
    return new ArrayList<>(known.values());
  }

  /// Frees everything; no kernel may run any more.
  @Override
  public void close() {
    forget();
    Closing closing = new Closing();
    synchronized (this) {
      copies.clear();
      if (arena != null) {
        closing.close(arena);
        arena = null;
      }
      budget.giveBack(taken);
      taken = 0;
    }
    closing.close(packed);
    closing.end();
  }
}
