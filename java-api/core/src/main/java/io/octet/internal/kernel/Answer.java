package io.octet.internal.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// What a backend answers when it is asked for a kernel. A refusal is kept: it is the fallback
/// report. Whoever asked closes the answer; its offers stay what they are.
public sealed interface Answer extends AutoCloseable {
  /// At least one way to compute it. Whoever takes the first, as nearly everybody does, does not
  /// wait until the others are found.
  ///
  /// @param first what the backend prefers
  /// @param others those behind it, in order; looked for each time they are asked for
  /// @param held what was made to find the first, so that making that at once costs it once;
  ///   closing it twice does nothing
  record Offers(Offer first, Supplier<List<Offer>> others, Runnable held) implements Answer {
    /// Nothing is held.
    public Offers(Offer first, Supplier<List<Offer>> others) {
      this(first, others, () -> {});
    }

    /// All of them, in the backend's order of preference.
    public List<Offer> all() {
      List<Offer> all = new ArrayList<>(List.of(first));
      all.addAll(others.get());
      return all;
    }

    /// Each of them changed.
    public Offers map(UnaryOperator<Offer> change) {
      return new Offers(
          change.apply(first), () -> others.get().stream().map(change).toList(), held);
    }

    /// These, and behind them what another answer offers.
    public Offers then(Supplier<Answer> next) {
      return new Offers(
          first,
          () -> {
            List<Offer> more = new ArrayList<>(others.get());
            try (Answer answer = next.get()) {
              if (answer instanceof Offers behind) {
                behind.all().forEach(offer -> more.add(offer.at(more.size() + 1)));
              }
            }
            return more;
          },
          held);
    }

    @Override
    public void close() {
      held.run();
    }
  }

  /// Why not.
  record Refused(RefusalCode code, String detail) implements Answer {
    @Override
    public void close() {}
  }

  /// Frees what was made to find the first offer. What that makes afterwards is gathered anew.
  @Override
  void close();

  /// The only way that a backend has, which packs no weights.
  static Answer of(String implementation, Offer.Maker maker) {
    return of(new Offer(implementation, 0, 0, maker));
  }

  /// The only way that a backend has.
  static Answer of(Offer offer) {
    return new Offers(offer, List::of);
  }
}
