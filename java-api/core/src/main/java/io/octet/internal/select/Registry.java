package io.octet.internal.select;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelCheck;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.LiteralRounding;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.RefusalCode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Asks backends in order. The first kernel that a backend makes for a {@link KernelSpec}, and that
/// passes the check, serves it; what the others answered is kept, for it is the fallback report.
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
  private final KernelCheck check;

  private Registry(Order order, KernelCheck check) {
    this.order = order;
    this.check = check;
  }

  /// A registry that asks `backends` in their order, whatever the kernel.
  public static Registry of(List<Backend> backends) {
    List<Backend> always = List.copyOf(backends);
    return of(spec -> always);
  }

  /// A registry whose order depends on the kernel.
  public static Registry of(Order order) {
    return new Registry(order, KernelCheck.NONE);
  }

  /// The same, but a kernel must pass that check to serve. Where it does not, its backend is asked
  /// for its next implementation, then the next backend.
  public Registry checking(KernelCheck other) {
    return new Registry(order, other);
  }

  /// What a backend could make.
  ///
  /// @param backend its name
  public record Offered(String backend, Offer offer) {}

  /// Every way to compute `spec`, in the order in which {@link #select} tries them, nothing made.
  public List<Offered> offers(KernelSpec spec, KernelContext context) {
    KernelSpec sums = context.exact() ? LiteralRounding.sums(spec) : null;
    List<Offered> raw =
        sums == null
            ? List.of()
            : all(sums, context).stream()
                .map(o -> new Offered(o.backend(), LiteralRounding.of(spec, o.offer())))
                .toList();
    return raw.isEmpty() ? all(spec, context) : raw;
  }

  private List<Offered> all(KernelSpec spec, KernelContext context) {
    List<Offered> all = new ArrayList<>();
    for (Backend backend : order.of(spec)) {
      try (Answer answer = backend.offers(spec, context)) {
        if (answer instanceof Answer.Offers offers) {
          offers.all().forEach(offer -> all.add(new Offered(backend.name(), offer)));
        }
      }
    }
    return all;
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
      try (Answer answer = backend.offers(spec, context)) {
        switch (answer) {
          case Answer.Refused(RefusalCode code, String detail) ->
              refusals.add(new Refusal(backend.name(), code, detail));
          case Answer.Offers offers -> {
            Trials trials = new Trials(backend.name(), spec, context, refusals);
            Kernel kernel = trials.firstPassing(offers);
            if (kernel != null) {
              return new Selection(kernel, refusals);
            }
          }
        }
      }
    }
    return new Selection(null, refusals);
  }

  /// Makes and checks what one backend offers.
  private final class Trials {
    private final String backend;
    private final KernelSpec spec;
    private final KernelContext context;
    private final List<Refusal> refusals;

    /// @param refusals gets those that fail
    Trials(String backend, KernelSpec spec, KernelContext context, List<Refusal> refusals) {
      this.backend = backend;
      this.spec = spec;
      this.context = context;
      this.refusals = refusals;
    }

    /// The first kernel that passes the check; null where there is none.
    Kernel firstPassing(Answer.Offers offers) {
      Kernel kernel = passing(offers.first());
      if (kernel == null) {
        for (Iterator<Offer> rest = offers.others().get().iterator();
            kernel == null && rest.hasNext(); ) {
          kernel = passing(rest.next());
        }
      }
      return kernel;
    }

    /// The kernel where it passes the check, else null.
    Kernel passing(Offer offer) {
      Kernel kernel = offer.make(context);
      Optional<String> fault = fault(kernel);
      if (fault.isEmpty()) {
        return kernel;
      }
      kernel.close();
      String what = kernel.implementation() + " " + fault.get();
      refusals.add(new Refusal(backend, RefusalCode.FAILED_SELF_CHECK, what));
      return null;
    }

    private Optional<String> fault(Kernel kernel) {
      try {
        return check.fault(spec, kernel, context.threads());
      } catch (RuntimeException | Error e) {
        kernel.close();
        throw e;
      }
    }
  }
}
