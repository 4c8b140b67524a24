package io.octet.internal.kernel;

import io.octet.OctetException.Unsupported;
import java.util.function.Supplier;

/// How much memory one session, or one kernel by itself, may hold: packed weights, constants of
/// plans, and workspaces. Whatever takes memory asks here first, so that a small model with large
/// values ends in an exception and not in the process's end. Thread-safe.
public final class MemoryBudget {
  private final long limit;
  private final String remedy;
  private volatile Runnable reclaim = () -> {};
  private long held;

  /// @param limit bytes
  /// @param remedy what a caller could do about it, in the words of an error: "raise ..."
  public MemoryBudget(long limit, String remedy) {
    this.limit = limit;
    this.remedy = remedy;
  }

  /// A budget that refuses nothing, for parts that are tried out by themselves.
  public static MemoryBudget unlimited() {
    return new MemoryBudget(Long.MAX_VALUE, "");
  }

  /// The bytes that may be held at once.
  public long limit() {
    return limit;
  }

  /// The bytes that are held now.
  public synchronized long held() {
    return held;
  }

  /// What gives back memory that can be made again, such as plans of other shapes: called once for
  /// each request that does not fit, on the thread that asks, which may hold no lock that it needs.
  public void onShortage(Runnable givesBack) {
    reclaim = givesBack;
  }

  /// Notes `bytes` as held, before they are allocated.
  ///
  /// @param what names them, in the words of an error: "the workspace of ..."
  /// @throws Unsupported with the numbers, where that would be more than the limit
  public void take(long bytes, Supplier<String> what) {
    if (fits(bytes)) {
      return;
    }
    reclaim.run();
    if (!fits(bytes)) {
      throw new Unsupported(
          bytes
              + " bytes for "
              + what.get()
              + ": with the "
              + held()
              + " that are held already this is more than the memory limit of "
              + limit
              + "; "
              + remedy);
    }
  }

  private synchronized boolean fits(long bytes) {
    if (bytes > limit - held) {
      return false;
    }
    held += bytes;
    return true;
  }

  /// Notes that so many are free again.
  public synchronized void giveBack(long bytes) {
    held -= bytes;
  }
}
