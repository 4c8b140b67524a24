package io.octet.testkit;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assertions;

/// Kernels as one backend makes them.
public final class Kernels {
  private Kernels() {}

  /// What the backend prefers, made; empty where it refuses.
  public static Optional<Kernel> offered(Backend backend, KernelSpec spec, KernelContext context) {
    try (Answer answer = backend.offers(spec, context)) {
      return switch (answer) {
        case Answer.Offers offers -> Optional.of(offers.first().make(context));
        case Answer.Refused _ -> Optional.empty();
      };
    }
  }

  /// What the backend prefers, made; fails the test where it refuses.
  public static Kernel made(Backend backend, KernelSpec spec, KernelContext context) {
    try (Answer answer = backend.offers(spec, context)) {
      return switch (answer) {
        case Answer.Offers offers -> offers.first().make(context);
        case Answer.Refused refused -> Assertions.fail(backend.name() + ": " + refused);
      };
    }
  }

  /// The same answer; every kernel that comes of it is passed through `change`.
  public static Answer changed(Answer answer, UnaryOperator<Kernel> change) {
    return switch (answer) {
      case Answer.Offers offers -> offers.map(o -> o.by(c -> change.apply(o.make(c))));
      case Answer.Refused refused -> refused;
    };
  }
}
