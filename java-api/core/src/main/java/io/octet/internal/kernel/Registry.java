package io.octet.internal.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Asks backends in order. The first that accepts a {@link KernelSpec} serves it; what the others
/// answered is kept, for it is the fallback report.
public final class Registry {
  /// Who is asked for a kernel, first to last.
  @FunctionalInterface
  public interface Order {
    /// The backends for `spec`, at least one.
    List<Backend> of(KernelSpec spec);
  }

  /// One backend's no.
  ///
  /// @param detail a sentence for people
  public record Refusal(String backend, RefusalCode code, String detail) {
    private boolean isAbsence() {
      return code == RefusalCode.BACKEND_UNAVAILABLE;
    }

    private boolean isLack() {
      return code == RefusalCode.UNSUPPORTED_OP || code == RefusalCode.NO_INT8_ISA;
    }

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

    /// The refusal that tells most, where all refused: the first of a backend that is there and has
    /// such kernels, else of one that is not there, else the first.
    public Refusal telling() {
      return first(r -> !r.isAbsence() && !r.isLack())
          .or(() -> first(Refusal::isAbsence))
          .orElseGet(refusals::getFirst);
    }

    private Optional<Refusal> first(Predicate<Refusal> which) {
      return refusals.stream().filter(which).findFirst();
    }
  }

  private final Order order;

  private Registry(Order order) {
    this.order = order;
  }

  /// A registry that asks `backends` in their order, whatever the kernel.
  public static Registry of(List<Backend> backends) {
    List<Backend> always = List.copyOf(backends);
    return new Registry(spec -> always);
  }

  /// A registry whose order depends on the kernel.
  public static Registry of(Order order) {
    return new Registry(order);
  }

  /// Asks one backend after the other for a kernel that computes `spec`. Where exactness is asked
  /// for, a layer's sums come first: only who gives none of them rounds in its own way.
  public Selection select(KernelSpec spec, KernelContext context) {
    KernelSpec sums = context.exact() ? LiteralRounding.sums(spec) : null;
    if (sums == null) {
      return ask(spec, context);
    }
    Selection raw = ask(sums, context);
    if (raw.kernel() != null) {
      return new Selection(LiteralRounding.of(spec, raw.kernel()), raw.refusals());
    }
    Selection own = ask(spec, context);
    List<Refusal> refusals = new ArrayList<>(raw.refusals());
    refusals.addAll(own.refusals());
    return new Selection(own.kernel(), refusals);
  }

  private Selection ask(KernelSpec spec, KernelContext context) {
    List<Refusal> refusals = new ArrayList<>();
    for (Backend backend : order.of(spec)) {
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
