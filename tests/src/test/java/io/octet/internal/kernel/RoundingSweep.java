package io.octet.internal.kernel;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.testkit.Case;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import io.octet.testkit.Ties;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// A program of its own, because an instruction set is fixed once per process: how many values of
/// int8 operators are a step away from the oracle, by backend and operator, under `-Doctet.maxIsa`.
/// The argument is how many random cases there are of each operator; beside them are those of
/// {@link Ties}. More than one step is an uncaught error, and so is any where the oracle's bits are
/// asked for. It prints whether FBGEMM is there, a line `backend operator: away of all` for each
/// that is served, and at last the instruction set.
final class RoundingSweep {
  private static final Backend ORACLE = new ReferenceBackend();
  private static final List<Backend> BACKENDS =
      List.of(new OnednnBackend(), new FbgemmBackend(), new JvmBackend());

  private RoundingSweep() {}

  /// Runs all of it.
  public static void main(String[] args) {
    int count = Integer.parseInt(args[0]);
    Map<String, Stream<Case>> operators = new LinkedHashMap<>();
    operators.put("conv", cases(count, r -> wanted(() -> Specs.int8Conv(r))));
    operators.put("linear", cases(count, r -> wanted(() -> Specs.int8Linear(r))));
    operators.put("convert", cases(count, r -> wanted(() -> Specs.convert(r))));
    operators.put("binary", cases(count, r -> wanted(() -> Specs.binary(r))));
    operators.put("pool", cases(count, r -> wanted(() -> Specs.pool(r))));
    operators.put("unary", cases(count, r -> wanted(() -> Specs.unary(r))));
    operators.put("layers at ties", Ties.layers());
    operators.put("layers beside ties", Ties.layersBesideTies());
    operators.put("operators at ties", Ties.operators());
    System.out.println(Natives.fbgemm());
    operators.forEach(RoundingSweep::measure);
    System.out.println(DnnlIsa.effective().text());
  }

  private interface Source {
    KernelSpec next();
  }

  private static Stream<Case> cases(int count, Case.Family family) {
    return Case.random(count, family);
  }

  /// The first spec from int8 to int8.
  private static KernelSpec wanted(Source source) {
    while (true) {
      KernelSpec spec = source.next();
      boolean int8 = spec.inputs().stream().allMatch(TensorDesc::isInt8);
      if (int8 && spec.y().isInt8()) {
        return spec;
      }
    }
  }

  private record Tally(AtomicLong away, AtomicLong all) {
    Tally() {
      this(new AtomicLong(), new AtomicLong());
    }
  }

  private static void measure(String operator, Stream<Case> cases) {
    Map<String, Tally> tallies = new LinkedHashMap<>();
    BACKENDS.forEach(b -> tallies.put(b.name(), new Tally()));
    cases
        .parallel()
        .forEach(
            c -> {
              Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
              for (Backend b : BACKENDS) {
                compare(c, b, expected, tallies.get(b.name()));
              }
            });
    tallies.forEach(
        (backend, tally) -> {
          if (tally.all().get() > 0) {
            System.out.println(
                "%s %s: %d of %d"
                    .formatted(backend, operator, tally.away().get(), tally.all().get()));
          }
        });
  }

  private static void compare(Case c, Backend backend, Output expected, Tally tally) {
    SpecRunner.tryRunExactly(backend, c.spec(), c.inputs())
        .ifPresent(exact -> Parity.assertIdentical(c, expected, exact));
    SpecRunner.tryRun(backend, c.spec(), c.inputs())
        .ifPresent(
            actual -> {
              Parity.assertMatches(c, expected, actual);
              int[] oracle = expected.ints();
              int[] given = actual.ints();
              for (int i = 0; i < oracle.length; i++) {
                if (oracle[i] != given[i]) {
                  tally.away().incrementAndGet();
                }
              }
              tally.all().addAndGet(oracle.length);
            });
  }
}
