package io.octet.internal.plan;

/// Proves, before anything is taken, that the calling thread's stack has room to give it back: a
/// StackOverflowError that a caller catches must not cost a slot, a lock or a plan. The proof is a
/// descent that is deeper than what follows; where the stack ends, it ends there, and nothing has
/// happened yet.
public final class StackRoom {
  /// Some 4 KiB of compiled frames: taking and returning a slot needs less than 2, interpreted.
  private static final int TO_RETURN = 40;

  /// Some 60 KiB, for what makes and frees plans, and initializes classes meanwhile: a class whose
  /// initialization fails is lost for good.
  private static final int TO_MAKE = 600;

  private StackRoom() {}

  /// Room to give back what is taken next.
  ///
  /// @throws StackOverflowError where there is none
  static void requireToReturn() {
    descend(TO_RETURN, 1, 2, 3, 4, 5, 6);
  }

  /// Room to make a plan, to bind it to memory, or to open a session.
  ///
  /// @throws StackOverflowError where there is none
  public static void requireToMake() {
    descend(TO_MAKE, 1, 2, 3, 4, 5, 6);
  }

  /// Whether there is room to free plans and memory.
  static boolean isThereToFree() {
    try {
      requireToMake();
      return true;
    } catch (StackOverflowError e) {
      return false;
    }
  }

  /// The arguments are wanted after the call, so that every compiler keeps them in the frame:
  /// interpreted and compiled frames then differ by a factor of three, not ten.
  private static long descend(int depth, long a, long b, long c, long d, long e, long f) {
    return depth == 0 ? a : descend(depth - 1, b, c, d, e, f, a) + a - b + c - d + e - f;
  }
}
