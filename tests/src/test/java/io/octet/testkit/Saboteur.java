package io.octet.testkit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.octet.OctetException;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.PassedOn;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A backend whose implementations are the oracle's, each with a fault: the engine that nobody
/// tried on this processor.
public final class Saboteur implements Backend {
  /// Its name.
  public static final String NAME = "saboteur";

  /// What an implementation does wrong.
  public enum Fault {
    /// Nothing.
    NONE,
    /// The last element is another one.
    WRONG_CORNER,
    /// The first is.
    WRONG_BEGINNING,
    /// An element in the middle is.
    WRONG_MIDDLE,
    /// An element in the middle stays as it was.
    LEAVES_ONE,
    /// An element depends on scratch memory that nobody wrote.
    READS_SCRATCH,
    /// A byte behind the output changes.
    WRITES_BEYOND,
    /// The native call reports an error.
    FAILS
  }

  private final List<Fault> implementations;
  private int made;
  private int runs;
  private int closed;

  /// @param implementations in the order of preference
  public Saboteur(Fault... implementations) {
    this.implementations = List.of(implementations);
  }

  /// Kernels that were made.
  public int made() {
    return made;
  }

  /// How often they ran.
  public int runs() {
    return runs;
  }

  /// Kernels that were closed.
  public int closed() {
    return closed;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Answer offers(KernelSpec spec, KernelContext context) {
    if (!(new ReferenceBackend().offers(spec, context) instanceof Answer.Offers right)) {
      return new Answer.Refused(RefusalCode.UNSUPPORTED_OP, "the oracle has none");
    }
    List<Offer> offers = new ArrayList<>();
    for (Fault fault : implementations) {
      offers.add(
          new Offer(
              fault.name(),
              offers.size(),
              0,
              c -> {
                made++;
                return new Sabotaged(right.first().make(c), fault, spec);
              }));
    }
    return new Answer.Offers(offers.getFirst(), () -> offers.subList(1, offers.size()));
  }

  private final class Sabotaged extends PassedOn {
    private final Fault fault;
    private final DataType type;

    Sabotaged(Kernel right, Fault fault, KernelSpec spec) {
      super(right);
      this.fault = fault;
      this.type = spec.y().type();
    }

    @Override
    public String backend() {
      return NAME;
    }

    @Override
    public String implementation() {
      return fault.name();
    }

    @Override
    public long scratchBytes() {
      return 1;
    }

    @Override
    public Call bind(Buffers buffers) {
      Call whole = super.bind(buffers);
      MemorySegment out = buffers.output();
      long last = out.byteSize() - 1; // with the sign and exponent of a float
      long middle = last - out.byteSize() / type.bytes() / 2 * type.bytes();
      return new Call.Java(
          () -> {
            runs++;
            byte before = out.get(JAVA_BYTE, middle);
            whole.run();
            switch (fault) {
              case NONE -> {}
              case WRONG_CORNER -> flip(out, last);
              case WRONG_BEGINNING -> flip(out, type.bytes() - 1);
              case WRONG_MIDDLE -> flip(out, middle);
              case LEAVES_ONE -> out.set(JAVA_BYTE, middle, before);
              case READS_SCRATCH -> out.set(JAVA_BYTE, middle, buffers.scratch().get(JAVA_BYTE, 0));
              case WRITES_BEYOND -> behind(out).set(JAVA_BYTE, 0, (byte) 1);
              case FAILS ->
                  throw new OctetException.NativeFailure("saboteur_run", 3, "no such luck");
            }
          });
    }

    private static void flip(MemorySegment out, long at) {
      out.set(JAVA_BYTE, at, (byte) (out.get(JAVA_BYTE, at) ^ 0x40));
    }

    @SuppressWarnings("restricted")
    private static MemorySegment behind(MemorySegment out) {
      return MemorySegment.ofAddress(out.address() + out.byteSize()).reinterpret(1);
    }

    @Override
    public void close() {
      closed++;
      super.close();
    }
  }
}
