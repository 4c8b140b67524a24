package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_BIAS;
import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_MULTIPLE_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_SCALE;
import static io.octet.internal.ffi.DnnlConstants.ARG_SCRATCHPAD;
import static io.octet.internal.ffi.DnnlConstants.ARG_SHIFT;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC_1;
import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;
import static io.octet.internal.ffi.DnnlConstants.QUERY_DST_MD;
import static io.octet.internal.ffi.DnnlConstants.QUERY_SCRATCHPAD_MD;
import static io.octet.internal.ffi.DnnlConstants.QUERY_SRC_MD;
import static io.octet.internal.ffi.DnnlConstants.QUERY_WEIGHTS_MD;

import io.octet.internal.ffi.DnnlBindings;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Generated code for one operation, with the description of every argument that an execute must
/// bring. Immutable: any number of threads may execute it at once, each through its own
/// [PrimitiveCall].
final class Primitive extends Handle {
  private final String implementation;
  private final Map<Integer, MemoryDesc> arguments;
  private final long scratchpadBytes;

  private Primitive(
      MemorySegment address, String implementation, Map<Integer, MemoryDesc> arguments) {
    super(address);
    this.implementation = implementation;
    this.arguments = Collections.unmodifiableMap(arguments);
    MemoryDesc scratchpad = arguments.get(ARG_SCRATCHPAD);
    this.scratchpadBytes = scratchpad == null ? 0 : scratchpad.size();
  }

  /// Generates the code.
  ///
  /// @param desc the implementation; stays the caller's
  /// @param attributes those it was made with; stay the caller's
  /// @param dataArguments the arguments that carry tensors: ARG_SRC, ARG_WEIGHTS and so on
  static Primitive create(PrimitiveDesc desc, Attributes attributes, int... dataArguments) {
    Map<Integer, MemoryDesc> arguments = new TreeMap<>();
    try {
      for (int argument : dataArguments) {
        arguments.put(argument, required(desc, argument));
      }
      desc.memoryDesc(QUERY_SCRATCHPAD_MD, 0).ifPresent(d -> arguments.put(ARG_SCRATCHPAD, d));
      attributes.arguments().forEach((argument, d) -> arguments.put(argument, d.copy()));
      MemorySegment address =
          Onednn.create(
              "dnnl_primitive_create", out -> DnnlBindings.primitiveCreate(out, desc.address()));
      return new Primitive(address, desc.implementation(), arguments);
    } catch (RuntimeException | Error e) {
      arguments.values().forEach(MemoryDesc::close);
      throw e;
    }
  }

  private static MemoryDesc required(PrimitiveDesc desc, int argument) {
    Optional<MemoryDesc> found =
        switch (argument) {
          case ARG_SRC -> desc.memoryDesc(QUERY_SRC_MD, 0);
          case ARG_SRC_1 -> desc.memoryDesc(QUERY_SRC_MD, 1);
          case ARG_WEIGHTS, ARG_SCALE, ARG_SHIFT -> desc.memoryDesc(QUERY_WEIGHTS_MD, 0);
          case ARG_BIAS -> desc.memoryDesc(QUERY_WEIGHTS_MD, 1);
          case ARG_DST -> desc.memoryDesc(QUERY_DST_MD, 0);
          default -> desc.memoryDesc(QUERY_SRC_MD, argument - ARG_MULTIPLE_SRC);
        };
    return found.orElseThrow(
        () ->
            new IllegalArgumentException(
                desc.implementation() + " takes no argument " + ArgumentList.name(argument)));
  }

  String implementation() {
    return implementation;
  }

  /// Every argument that an execute must bring; the descriptions stay this object's.
  Map<Integer, MemoryDesc> arguments() {
    return arguments;
  }

  /// What the implementation expects for that argument.
  MemoryDesc argument(int argument) {
    MemoryDesc desc = arguments.get(argument);
    if (desc == null) {
      throw new IllegalArgumentException(
          implementation + " takes no argument " + ArgumentList.name(argument));
    }
    return desc;
  }

  /// Bytes of scratch memory that one execute needs; 0 where it needs none.
  long scratchpadBytes() {
    return scratchpadBytes;
  }

  @Override
  void destroy(MemorySegment address) {
    DnnlBindings.primitiveDestroy(address);
    arguments.values().forEach(MemoryDesc::close);
  }
}
