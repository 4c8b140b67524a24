package io.octet.internal.kernel.onednn;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.SweepProgress.Finding;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.testkit.Case;
import io.octet.testkit.Kernels;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A program of its own, because an instruction set is fixed once per process, and because a kernel
/// may end it: every kernel that a backend serves, and every implementation in oneDNN's list for a
/// convolution whether trusted or not, is run twice over different patterns and compared with the
/// oracle. Arguments: the file of its progress, for how many seconds, and the instruction set that
/// it is for: it does nothing under another. Its last line is the instruction set.
final class KernelSweep {
  private static final ReferenceBackend ORACLE = new ReferenceBackend();
  private static final List<Backend> SERVING =
      List.of(new OnednnBackend(), new FbgemmBackend(), new JvmBackend());
  private static final int PRINTED = 1000;
  private static final int SAVED = 50;

  private final SweepProgress progress;
  private SweepCase now;
  private long index;
  private Case values;
  private Output expected;

  private KernelSweep(SweepProgress progress) {
    this.progress = progress;
  }

  /// Goes on from where the last run ended.
  public static void main(String[] args) throws IOException {
    long end = System.nanoTime() + Long.parseLong(args[1]) * 1_000_000_000L;
    String isa = DnnlIsa.effective().text();
    if (isa.equals(args[2])) {
      goOn(Path.of(args[0]), end);
    }
    System.out.println(isa);
  }

  private static void goOn(Path file, long end) throws IOException {
    try (SweepProgress progress = SweepProgress.open(file)) {
      KernelSweep sweep = new KernelSweep(progress);
      long index = progress.next();
      while (System.nanoTime() < end) {
        sweep.run(index++);
        if (index % SAVED == 0) {
          progress.done(index);
        }
        if (index % PRINTED == 0) {
          System.err.println(DnnlIsa.effective().text() + ": " + index + " cases " + progress);
        }
      }
      progress.done(index);
    }
  }

  private void run(long number) {
    index = number;
    now = SweepCases.at(number);
    values = new Case(now.spec(), now.inputs(), now.toString());
    expected = null;
    for (int i = 0; i < SERVING.size(); i++) {
      served(SERVING.get(i), -1 - i);
    }
    if (values.spec() instanceof KernelSpec.Conv conv) {
      Set<String> tried = new HashSet<>();
      while (untrusted(conv, tried)) {
        // The next implementation in oneDNN's list.
      }
    }
  }

  private void served(Backend backend, int slot) {
    try (WeightsCache packed = new WeightsCache()) {
      Optional<Kernel> made = Kernels.offered(backend, values.spec(), new KernelContext(1, packed));
      if (made.isPresent()) {
        try (Kernel kernel = made.get()) {
          Optional<String> fault = fault(kernel, slot);
          fault.ifPresent(
              f -> found(new Finding(true, backend.name(), kernel.implementation(), f, "-", now)));
        }
      }
    }
  }

  /// Passes over what was tried. By name: oneDNN's list names an implementation again where its
  /// primitive is in oneDNN's cache.
  private static final class Untried implements ConvFaults.Trust {
    private final Set<String> tried;
    private KernelSpec.Conv spec;
    private String implementation;

    private Untried(Set<String> tried) {
      this.tried = tried;
    }

    @Override
    public boolean isDue(KernelSpec.Conv asked, String name) {
      spec = asked;
      implementation = name;
      return !tried.contains(name);
    }
  }

  /// Tries one implementation, trusted or not; false where the list has ended.
  private boolean untrusted(KernelSpec.Conv conv, Set<String> tried) {
    Untried trust = new Untried(tried);
    try (WeightsCache packed = new WeightsCache()) {
      Optional<Kernel> made =
          Kernels.offered(new OnednnBackend(trust), conv, new KernelContext(1, packed));
      if (made.isEmpty()) {
        return false;
      }
      try (Kernel kernel = made.get()) {
        int slot = tried.size();
        tried.add(trust.implementation);
        Optional<ConvFaults> rule = ConvFaults.of(trust.spec, trust.implementation);
        String covered = rule.map(ConvFaults::name).orElse("-");
        SweepCase asked = now.asked(trust.spec);
        fault(kernel, slot)
            .ifPresent(
                f -> found(new Finding(false, "onednn", trust.implementation, f, covered, asked)));
      }
      return true;
    }
  }

  /// What is wrong with the kernel; empty where nothing is.
  private Optional<String> fault(Kernel kernel, int slot) {
    if (progress.crashedAt(index, slot)) {
      return Optional.of("CRASH");
    }
    if (expected == null) {
      expected = SpecRunner.run(ORACLE, values.spec(), values.inputs());
    }
    progress.entering(index, slot);
    TwiceRun.Verdict verdict = TwiceRun.of(kernel, values, expected);
    progress.left(kernel.backend() + " " + kernel.implementation());
    return verdict == TwiceRun.Verdict.RIGHT ? Optional.empty() : Optional.of(verdict.name());
  }

  private void found(Finding finding) {
    progress.found(index, finding);
  }
}
