package io.octet.internal.kernel;

import java.util.ArrayList;
import java.util.List;

/// The backends in the order in which they are asked. The first that accepts a {@link KernelSpec}
/// serves it; what the others answered is kept, for it is the fallback report.
public final class Registry {
  /// One backend's no.
  ///
  /// @param detail a sentence for people
  public record Refusal(String backend, RefusalCode code, String detail) {
    /// "jvm: no_int8_isa: ...".
    @Override
    public String toString() {
      return backend + ": " + code.code() + ": " + detail;
    }
  }

  /// What came of asking.
  ///
  /// @param kernel made by the first backend that accepted, closed by whoever asked; null where all
  ///   refused
  /// @param refusals of those asked before it, in order
  public record Selection(Kernel kernel, List<Refusal> refusals) {
    /// Copies the list.
    public Selection {
      refusals = List.copyOf(refusals);
    }
  }

  private final List<Backend> backends;

  private Registry(List<Backend> backends) {
    this.backends = List.copyOf(backends);
  }

  /// A registry that asks `backends` in their order.
  public static Registry of(List<Backend> backends) {
    return new Registry(backends);
  }

  /// The backends, in order.
  public List<Backend> backends() {
    return backends;
  }

  /// Asks one backend after the other for a kernel that computes `spec`.
  public Selection select(KernelSpec spec, KernelContext context) {
    List<Refusal> refusals = new ArrayList<>();
    for (Backend backend : backends) {
      switch (backend.create(spec, context)) {
        case Support.Supported(Kernel kernel) -> {
          return new Selection(kernel, refusals);
        }
        case Support.Refused(RefusalCode code, String detail) ->
            refusals.add(new Refusal(backend.name(), code, detail));
      }
    }
    return new Selection(null, refusals);
  }
}
