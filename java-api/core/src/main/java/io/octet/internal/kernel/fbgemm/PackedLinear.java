package io.octet.internal.kernel.fbgemm;

import io.octet.internal.ffi.FbgemmBindings;
import io.octet.internal.ffi.NativeFunction;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The weights of a linear layer.
final class PackedLinear implements PackedForm {
  private final MemorySegment handle;

  private PackedLinear(MemorySegment handle) {
    this.handle = handle;
  }

  /// All linear layers are packed the same way.
  private record Format() {}

  static Packing of(KernelSpec.Linear spec) {
    Constant weights = spec.weights().values();
    return new Packing() {
      @Override
      public Algorithm algorithm() {
        return Algorithm.GEMM;
      }

      @Override
      public PackedForm share(WeightsCache packed) {
        return packed.get(PackedLinear.class, weights, new Format(), PackedLinear::pack);
      }
    };
  }

  private static PackedLinear pack(Tensor weights) {
    int n = Math.toIntExact(weights.shape().size(0));
    int k = Math.toIntExact(weights.shape().size(1));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(weights.data().byteSize(), 64);
      source.copyFrom(weights.data());
      return new PackedLinear(
          Bridge.create(
              "octet_fbgemm_linear_create",
              2 * source.byteSize(), // and blocks filled up
              out -> FbgemmBindings.linearCreate(n, k, source, out)));
    }
  }

  @Override
  public Algorithm algorithm() {
    return Algorithm.GEMM;
  }

  @Override
  public long scratchBytes(MemorySegment call) {
    return Bridge.bytes(
        "octet_fbgemm_linear_scratch", out -> FbgemmBindings.linearScratch(handle, call, out));
  }

  @Override
  public NativeFunction function() {
    return NativeFunction.FBGEMM_LINEAR_RUN;
  }

  @Override
  public long address() {
    return handle.address();
  }

  @Override
  public void close() {
    Bridge.check("octet_fbgemm_linear_destroy", FbgemmBindings.linearDestroy(handle));
  }
}
