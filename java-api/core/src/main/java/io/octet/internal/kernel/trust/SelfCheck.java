package io.octet.internal.kernel.trust;

import io.octet.Verify;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelCheck;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.store.Store;
import io.octet.tensor.DataType;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Tries a kernel out before it serves, once on a machine for each spec, implementation and number
/// of threads. The oracle itself is trusted, and so is Java's literal evaluation, which is the same
/// code: ONNX's expected outputs are what that is held to, in tests. Whole numbers that a literal
/// operator reads are places, axes or sizes, which no trial can choose at random.
public final class SelfCheck implements KernelCheck {
  private static final System.Logger LOG = System.getLogger("io.octet.kernel");

  /// Counted up whenever the trial finds more than before, or Octet asks engines for other kernels.
  private static final int EDITION = 1;

  private static final String PASSED = "passed";
  private static final String FAILED = "failed: ";

  /// Kernels in Java run interpreted when they are new: larger ones are left to the tests.
  private static final long MOST_PRODUCTS_IN_JAVA = 1 << 14;

  /// What no layer takes that somebody waits for: a file of a few bytes can ask for days.
  private static final double MOST_PRODUCTS = 1L << 38;

  /// Bytes that a trial may take beside a session's own memory: a plan of larger buffers may be
  /// refused for its size later, and no file may fill the machine before that.
  private static final long LARGEST_TRIAL = 1L << 30;

  /// {@link TrialInput#spread}, until the outputs tell something.
  private static final int[] SPREADS = {0, 2, 5};

  private static final String JAVA = "jvm";

  /// Java's name for an operator that is evaluated by its definition.
  private static final String DEFINITION = "literal";

  /// What this process has said once.
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private final Verify verify;
  private final Store store;

  private SelfCheck(Verify verify, Store store) {
    this.verify = verify;
    this.store = store;
  }

  /// The check that `verify` asks for, with the user's store.
  public static KernelCheck of(Verify verify) {
    return of(verify, Store.standard());
  }

  /// The check that `verify` asks for, with that store.
  public static KernelCheck of(Verify verify, Store store) {
    return verify == Verify.OFF ? KernelCheck.NONE : new SelfCheck(verify, store);
  }

  @Override
  public Optional<String> fault(KernelSpec spec, Kernel kernel, int threads) {
    boolean java = kernel.backend().equals(JAVA);
    if (kernel.backend().equals(ReferenceBackend.NAME)
        || Trial.bytes(spec, kernel) > LARGEST_TRIAL
        || java && spec instanceof KernelSpec.Literal s && isTrusted(s, kernel)
        || !(spec instanceof KernelSpec.Literal) && products(spec) > MOST_PRODUCTS
        || java && verify == Verify.SAMPLE && products(spec) > MOST_PRODUCTS_IN_JAVA) {
      return Optional.empty();
    }
    String key = key(spec, kernel, threads);
    Optional<String> known = store.get(key);
    Optional<String> fault;
    if (known.isPresent()) {
      fault = read(known.get());
    } else {
      try {
        fault = tried(spec, kernel);
        remember(key, fault.map(FAILED::concat).orElse(PASSED), java);
      } catch (RuntimeException e) { // it may pass, so it is tried again when it is made again
        fault = Optional.of("fails: " + e.getMessage());
      }
    }
    fault.ifPresent(text -> warn(key, spec, kernel, text));
    return fault;
  }

  private static boolean isTrusted(KernelSpec.Literal spec, Kernel kernel) {
    return kernel.implementation().equals(DEFINITION)
        || spec.inputs().stream()
            .anyMatch(x -> x.type() == DataType.S32 || x.type() == DataType.S64);
  }

  /// Java's kernels are others with each build of Octet.
  private void remember(String key, String finding, boolean java) {
    if (java) {
      store.putHere(key, finding);
    } else {
      store.put(key, finding);
    }
  }

  private String key(KernelSpec spec, Kernel kernel, int threads) {
    StringBuilder text = new StringBuilder(256); // no format: it would cost more than a trial
    text.append(verify.name()).append(EDITION).append('|').append(Here.text(kernel.backend()));
    text.append('|').append(kernel.implementation()).append('|').append(threads).append('|');
    SpecText.append(spec, text);
    return text.toString();
  }

  private static Optional<String> read(String finding) {
    return finding.startsWith(FAILED)
        ? Optional.of(finding.substring(FAILED.length()))
        : Optional.empty();
  }

  private Optional<String> tried(KernelSpec spec, Kernel kernel) {
    for (int spread : SPREADS) {
      Trial.Outcome outcome =
          Trial.of(spec, kernel, new TrialInput(spec, spread), verify == Verify.FULL);
      if (outcome.fault().isPresent() || outcome.tells()) {
        return outcome.fault();
      }
    }
    return Optional.empty();
  }

  private static double products(KernelSpec spec) {
    double each =
        switch (spec) {
          case KernelSpec.Conv s ->
              s.weights().values().elements() / Math.max(1, s.weights().channels());
          case KernelSpec.Linear s -> s.x().shape().size(1);
          case KernelSpec.MatMul s -> s.a().shape().size(s.a().shape().rank() - 1);
          case KernelSpec.Pool s -> s.window().taps();
          case KernelSpec.Recurrence s -> s.recurrent().values().elements();
          case KernelSpec.Literal s -> // at most, for most
              s.inputs().stream().mapToLong(x -> x.shape().elements()).max().orElse(1);
          case KernelSpec.Binary _,
              KernelSpec.Unary _,
              KernelSpec.Resample _,
              KernelSpec.Lookup _,
              KernelSpec.Softmax _,
              KernelSpec.Convert _,
              KernelSpec.RuntimeQuantize _,
              KernelSpec.QuantizeRows _,
              KernelSpec.ScaleSums _,
              KernelSpec.ChannelAffine _,
              KernelSpec.Concat _,
              KernelSpec.Transpose _ ->
              1;
        };
    return each * spec.outputs().stream().mapToDouble(y -> y.shape().elements()).sum();
  }

  private static void warn(String key, KernelSpec spec, Kernel kernel, String fault) {
    if (SAID.add(key)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}''s {1} failed its self-check on this machine and is passed over: for {2} it {3}",
          kernel.backend(),
          kernel.implementation(),
          spec.describe(),
          fault);
    }
  }
}
