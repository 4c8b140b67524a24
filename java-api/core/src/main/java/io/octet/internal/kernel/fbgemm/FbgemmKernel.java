package io.octet.internal.kernel.fbgemm;

import static io.octet.internal.ffi.FbgemmConstants.CALL;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.internal.ffi.Fbgemm;
import io.octet.internal.ffi.FbgemmConstants;
import io.octet.internal.ffi.NativeArena;
import io.octet.internal.ffi.NativeFunction;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.tensor.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// One layer: packed weights that the session owns, and a call but for its memory.
final class FbgemmKernel implements Kernel {
  private final PackedForm packed;
  private final Arena arena = new NativeArena();
  private final MemorySegment template;
  private final long scratchBytes;
  private boolean closed;

  FbgemmKernel(LayerSpec layer, PackedForm packed, int threads) {
    this.packed = packed;
    this.template = arena.allocate(CALL);
    describe(layer, threads);
    if (layer.y().type() != DataType.S32) {
      requantize(layer);
    }
    this.scratchBytes = packed.scratchBytes(template);
  }

  private void describe(LayerSpec layer, int threads) {
    boolean image = layer.x().shape().rank() == 4;
    set("x_zero_point", layer.x().quant().zeroPoint());
    set("x_signed", layer.x().type() == DataType.S8 ? 1 : 0);
    set("rows", Math.toIntExact(layer.x().shape().size(0)));
    set("height", image ? Math.toIntExact(layer.x().shape().size(2)) : 0);
    set("width", image ? Math.toIntExact(layer.x().shape().size(3)) : 0);
    set("threads", threads);
    set("scales", layer.weights().scales().length);
  }

  private void requantize(LayerSpec layer) {
    int count = layer.weights().scales().length;
    float[] multipliers = new float[count];
    float[] units = new float[count];
    for (int c = 0; c < count; c++) {
      multipliers[c] = layer.multiplier(c);
      units[c] = layer.biasScale(c);
    }
    set("multiplier", arena.allocateFrom(JAVA_FLOAT, multipliers));
    if (layer.weights().bias().length > 0) {
      set("bias", arena.allocateFrom(JAVA_FLOAT, layer.weights().bias()));
      set("bias_scale", arena.allocateFrom(JAVA_FLOAT, units));
    }
    set("y_zero_point", layer.y().quant().zeroPoint());
    set("y_signed", layer.y().type() == DataType.S8 ? 1 : 0);
    set("relu", layer.clamp() ? 1 : 0);
  }

  private void set(String member, int value) {
    template.set(JAVA_INT, FbgemmConstants.offset(CALL, member), value);
  }

  private void set(String member, MemorySegment value) {
    template.set(ADDRESS, FbgemmConstants.offset(CALL, member), value);
  }

  @Override
  public String backend() {
    return FbgemmBackend.NAME;
  }

  @Override
  public String implementation() {
    return implementation(packed.algorithm());
  }

  static String implementation(Algorithm algorithm) {
    return algorithm.name() + ":" + Fbgemm.instructionSet().text();
  }

  @Override
  public long scratchBytes() {
    return scratchBytes;
  }

  @Override
  public Call bind(Buffers buffers) {
    Arena own = new NativeArena();
    MemorySegment call = own.allocate(CALL).copyFrom(template);
    call.set(ADDRESS, FbgemmConstants.offset(CALL, "x"), buffers.inputs().getFirst());
    call.set(ADDRESS, FbgemmConstants.offset(CALL, "y"), buffers.output());
    call.set(ADDRESS, FbgemmConstants.offset(CALL, "scratch"), buffers.scratch());
    MemorySegment arguments = NativeFunction.arguments(own, packed.address(), call.address());
    return new Call.Native(packed.function(), arguments, own::close);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }
}
