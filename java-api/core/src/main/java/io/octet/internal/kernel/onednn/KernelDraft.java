package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_SCALES;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_ZERO_POINTS;

import io.octet.internal.ffi.NativeArena;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Support;
import io.octet.internal.kernel.Support.Refused;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// A kernel in the making: what is gathered until oneDNN has said whether it has an implementation.
/// Closing it frees whatever no finished kernel took over.
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

  KernelDraft(KernelContext context) {
    this.context = context;
  }

  KernelContext context() {
    return context;
  }

  Attributes attributes() {
    return attributes;
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

  void constant(int argument, MemorySegment data) {
    constants.put(argument, data);
  }

  /// Appends a post-op; gives its index.
  int postOp(PostOp postOp) {
    postOps.add(postOp);
    return postOps.size() - 1;
  }

  /// What oneDNN is asked, once everything is gathered.
  interface Question extends Function<Attributes, Optional<PrimitiveDesc>> {}

  /// Asks oneDNN, and makes the kernel where it has a fast implementation.
  ///
  /// @param arguments the arguments that carry tensors
  Support finish(Question question, int... arguments) {
    return finish(question, desc -> true, primitive -> {}, arguments);
  }

  /// Asks oneDNN, and makes the kernel where it has a fast implementation that is right.
  ///
  /// @param right whether the implementation computes what it should
  /// @param onPrimitive runs once the layouts that the implementation wants are known: packs
  ///   weights
  /// @param arguments the arguments that carry tensors
  Support finish(
      Question question,
      Predicate<PrimitiveDesc> right,
      Consumer<Primitive> onPrimitive,
      int... arguments) {
    int before = Team.enter(context.threads());
    try {
      attributes.postOps(postOps);
      Optional<PrimitiveDesc> found = question.apply(attributes);
      if (found.isEmpty()) {
        return new Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, "oneDNN has no implementation");
      }
      try (PrimitiveDesc desc = found.get()) {
        return choose(desc, right)
            .<Support>map(refused -> refused)
            .orElseGet(() -> new Support.Supported(kernel(desc, onPrimitive, arguments)));
      }
    } finally {
      Team.restore(before, context.threads());
    }
  }

  /// Moves to the first implementation that is right; a refusal where that is none, or slow.
  private Optional<Refused> choose(PrimitiveDesc desc, Predicate<PrimitiveDesc> right) {
    while (failedHere(desc) || !right.test(desc)) {
      boolean failed = failedHere(desc);
      String wrong = desc.implementation();
      if (!desc.next()) {
        return Optional.of(
            new Refused(
                failed ? RefusalCode.FAILED_SELF_CHECK : RefusalCode.UNSUPPORTED_ATTRIBUTE,
                "oneDNN's " + wrong + " fails for this window"));
      }
    }
    return desc.implementation().contains("ref")
        ? Optional.of(
            new Refused(RefusalCode.REF_KERNEL, "oneDNN has only " + desc.implementation()))
        : Optional.empty();
  }

  private boolean failedHere(PrimitiveDesc desc) {
    return context.rejects().test(desc.implementation());
  }

  private OnednnKernel kernel(
      PrimitiveDesc desc, Consumer<Primitive> onPrimitive, int... arguments) {
    Primitive primitive = Primitive.create(desc, attributes, arguments);
    try {
      onPrimitive.accept(primitive);
      OnednnKernel kernel =
          new OnednnKernel(primitive, arena, constants, inputs, context.threads());
      arena = null;
      return kernel;
    } catch (RuntimeException | Error e) {
      primitive.close();
      throw e;
    }
  }

  @Override
  public void close() {
    attributes.close();
    descs.forEach(MemoryDesc::close);
    if (arena != null) {
      arena.close();
    }
  }
}
