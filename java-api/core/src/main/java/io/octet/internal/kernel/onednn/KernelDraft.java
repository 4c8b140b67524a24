package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_SCALES;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_ZERO_POINTS;
import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;

import io.octet.internal.ffi.NativeArena;
import io.octet.internal.ffi.OpenmpTeam;
import io.octet.internal.kernel.Answer.Refused;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.RefusalCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A kernel in the making: what is gathered before oneDNN is asked which implementations it has, or
/// makes one. Closing it frees whatever no finished kernel took over.
final class KernelDraft implements AutoCloseable {
  /// Stands for the argument of an input that lies in the output's memory.
  static final int IN_PLACE = -1;

  private static final long ALIGNMENT = 64;

  private final KernelContext context;
  private final Attributes attributes = Attributes.create();
  private final Map<Integer, MemorySegment> constants = new HashMap<>();
  private final List<Integer> inputs = new ArrayList<>();
  private final List<PostOp> postOps = new ArrayList<>();
  private final List<MemoryDesc> descs = new ArrayList<>();
  private Arena arena = new NativeArena();
  private PrimitiveDesc desc;

  KernelDraft(KernelContext context) {
    this.context = context;
  }

  /// Whether a kernel of that context can still be made here.
  boolean serves(KernelContext other) {
    return arena != null
        && context.threads() == other.threads()
        && context.packed() == other.packed();
  }

  /// Keeps a description until the draft is closed.
  MemoryDesc keep(MemoryDesc desc) {
    descs.add(desc);
    return desc;
  }

  /// The next input of the spec is that argument.
  void input(int argument) {
    inputs.add(argument);
  }

  /// Scales of an argument.
  void scales(int argument, int mask, float... values) {
    attributes.scales(argument, mask, values.length);
    constant(ARG_ATTR_SCALES | argument, values);
  }

  /// The zero point of an argument; 0 is left out, for oneDNN is faster without.
  void zeroPoint(int argument, int value) {
    if (value != 0) {
      attributes.zeroPoint(argument);
      MemorySegment data = arena.allocate(ValueLayout.JAVA_INT.byteSize(), ALIGNMENT);
      data.set(ValueLayout.JAVA_INT, 0, value);
      constants.put(ARG_ATTR_ZERO_POINTS | argument, data);
    }
  }

  /// A float array that never changes.
  void constant(int argument, float... values) {
    MemorySegment data =
        arena.allocate(ValueLayout.JAVA_FLOAT.byteSize() * values.length, ALIGNMENT);
    MemorySegment.copy(values, 0, data, ValueLayout.JAVA_FLOAT, 0, values.length);
    constants.put(argument, data);
  }

  /// Appends a post-op; gives its index.
  int postOp(PostOp postOp) {
    postOps.add(postOp);
    return postOps.size() - 1;
  }

  /// What oneDNN has.
  ///
  /// @param packedBytes of each implementation, in oneDNN's order, by its name
  /// @param refusal where there is none
  record Found(Map<String, Long> packedBytes, Refused refusal) {}

  /// oneDNN's implementations of an operation. By their names: it names one again where its
  /// primitive is in oneDNN's cache. Slow ones are none, and end the list.
  ///
  /// @param most how many are wanted; the draft stands at the last one
  Found find(Operation operation, int most) {
    Map<String, Long> found = new LinkedHashMap<>();
    int before = OpenmpTeam.enter(context.threads());
    try {
      if (!ask(operation)) {
        return new Found(found, refused("oneDNN has no implementation"));
      }
      String name;
      do {
        name = desc.implementation();
        if (operation.serves(desc)) {
          if (name.contains("ref")) {
            String slow = "oneDNN has only " + name;
            return new Found(found, new Refused(RefusalCode.REF_KERNEL, slow));
          }
          found.putIfAbsent(name, operation.packedBytes(desc));
        }
      } while (found.size() < most && desc.next());
      return new Found(found, refused("oneDNN's " + name + " fails for this window"));
    } finally {
      OpenmpTeam.restore(before, context.threads());
    }
  }

  private boolean ask(Operation operation) {
    attributes.postOps(postOps);
    desc = operation.question().apply(attributes).orElse(null);
    return desc != null;
  }

  private static Refused refused(String detail) {
    return new Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, detail);
  }

  /// Goes to the implementation of that name.
  void seek(Operation operation, String implementation) {
    int before = OpenmpTeam.enter(context.threads());
    try {
      boolean more = ask(operation);
      while (more && !(desc.implementation().equals(implementation) && operation.serves(desc))) {
        more = desc.next();
      }
      if (!more) {
        throw new IllegalStateException("oneDNN does not offer " + implementation + " any more");
      }
    } finally {
      OpenmpTeam.restore(before, context.threads());
    }
  }

  /// Makes the kernel at which the draft stands, once.
  OnednnKernel make(Operation operation) {
    int before = OpenmpTeam.enter(context.threads());
    try {
      return kernel(operation);
    } finally {
      OpenmpTeam.restore(before, context.threads());
    }
  }

  private OnednnKernel kernel(Operation operation) {
    Primitive primitive = Primitive.create(desc, attributes, operation.arguments());
    try {
      if (operation.packing() != null) {
        constants.put(ARG_WEIGHTS, operation.packing().share(context.packed(), primitive));
      }
      OnednnKernel kernel = new OnednnKernel(primitive, arena, constants, inputs);
      arena = null;
      return kernel;
    } catch (RuntimeException | Error e) {
      primitive.close();
      throw e;
    }
  }

  @Override
  public void close() {
    if (desc != null) {
      desc.close();
    }
    attributes.close();
    descs.forEach(MemoryDesc::close);
    if (arena != null) {
      arena.close();
      arena = null;
    }
  }
}
