package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SCRATCHPAD;

import io.octet.internal.ffi.NativeFunction;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One primitive with its constants.
final class OnednnKernel implements Kernel {
  private final Primitive primitive;
  private final Arena arena;
  private final Map<Integer, MemorySegment> constants;
  private final List<Integer> inputArguments;
  private boolean closed;

  /// @param primitive becomes this kernel's
  /// @param arena holds the constants that are this kernel's alone; becomes this kernel's
  /// @param constants by argument
  /// @param inputArguments for each input its argument; [KernelDraft#IN_PLACE] where the input lies
  ///   in the output's memory
  OnednnKernel(
      Primitive primitive,
      Arena arena,
      Map<Integer, MemorySegment> constants,
      List<Integer> inputArguments) {
    this.primitive = primitive;
    this.arena = arena;
    this.constants = Map.copyOf(constants);
    this.inputArguments = List.copyOf(inputArguments);
  }

  @Override
  public String backend() {
    return OnednnBackend.NAME;
  }

  @Override
  public String implementation() {
    return primitive.implementation();
  }

  @Override
  public long scratchBytes() {
    return primitive.scratchpadBytes();
  }

  @Override
  public int inPlaceInput() {
    return inputArguments.indexOf(KernelDraft.IN_PLACE);
  }

  @Override
  public Call bind(Buffers buffers) {
    Map<Integer, MemorySegment> data = new HashMap<>(constants);
    for (int i = 0; i < inputArguments.size(); i++) {
      if (inputArguments.get(i) != KernelDraft.IN_PLACE) {
        data.put(inputArguments.get(i), buffers.inputs().get(i));
      }
    }
    data.put(ARG_DST, buffers.output());
    if (scratchBytes() > 0) {
      data.put(ARG_SCRATCHPAD, buffers.scratch());
    }
    PrimitiveCall call = PrimitiveCall.of(primitive, data);
    return new Call.Native(NativeFunction.DNNL_PRIMITIVE_EXECUTE, call.arguments(), call::close);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      primitive.close();
      arena.close();
    }
  }
}
