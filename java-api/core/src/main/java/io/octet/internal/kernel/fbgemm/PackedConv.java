package io.octet.internal.kernel.fbgemm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.graph.op.Window;
import io.octet.internal.ffi.FbgemmBindings;
import io.octet.internal.ffi.NativeFunction;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The weights of a convolution, packed for the algorithm that FBGEMM chose from its window.
final class PackedConv implements PackedForm {
  /// How much larger packed weights may be, where few channels fill up a vector.
  private static final int PADDED = 16;

  private final MemorySegment handle;
  private final Algorithm algorithm;

  private PackedConv(MemorySegment handle, Algorithm algorithm) {
    this.handle = handle;
    this.algorithm = algorithm;
  }

  /// What the packed form hangs on beside the weights.
  private record Format(Window window, int groups, boolean raw) {}

  static Packing of(KernelSpec.Conv spec) {
    Constant weights = spec.weights().values();
    Format format = new Format(spec.window(), spec.groups(), spec.y().type() == DataType.S32);
    return new Packing() {
      @Override
      public Algorithm algorithm() {
        return algorithmOf(weights, format);
      }

      @Override
      public PackedForm share(WeightsCache packed) {
        return packed.get(PackedConv.class, weights, format, w -> pack(w, format));
      }
    };
  }

  /// FBGEMM tells it of packed weights alone: zeros are packed for it, and freed.
  private static Algorithm algorithmOf(Constant weights, Format format) {
    try (Arena arena = Arena.ofConfined();
        PackedConv zeros =
            create(arena, arena.allocate(weights.elements(), 64), weights.shape(), format)) {
      return zeros.algorithm;
    }
  }

  private static PackedConv pack(Tensor weights, Format format) {
    try (Arena arena = Arena.ofConfined()) {
      return create(arena, channelsLast(arena, weights), weights.shape(), format);
    }
  }

  private static PackedConv create(
      Arena arena, MemorySegment source, Shape weights, Format format) {
    MemorySegment shape = shape(arena, weights, format);
    MemorySegment handle =
        Bridge.create(
            "octet_fbgemm_conv_create",
            PADDED * source.byteSize(),
            out -> FbgemmBindings.convCreate(shape, source, format.raw ? 1 : 0, out));
    MemorySegment path = arena.allocate(JAVA_INT);
    Bridge.check("octet_fbgemm_conv_path", FbgemmBindings.convPath(handle, path));
    return new PackedConv(handle, Algorithm.ofPath(path.get(JAVA_INT, 0)));
  }

  /// An `octet_fbgemm_conv_shape`, member after member.
  private static MemorySegment shape(Arena arena, Shape weights, Format format) {
    Window w = format.window;
    return arena.allocateFrom(
        JAVA_INT,
        Math.toIntExact(weights.size(1) * format.groups),
        Math.toIntExact(weights.size(0)),
        format.groups,
        w.kernelH(),
        w.kernelW(),
        w.strideH(),
        w.strideW(),
        w.dilationH(),
        w.dilationW(),
        w.padTop(),
        w.padLeft(),
        w.padBottom(),
        w.padRight());
  }

  /// Weights [M,C,kH,kW] as [M,kH,kW,C].
  private static MemorySegment channelsLast(Arena arena, Tensor weights) {
    MemorySegment from = weights.data();
    MemorySegment to = arena.allocate(from.byteSize(), 64);
    long channels = weights.shape().size(1);
    long taps = weights.shape().size(2) * weights.shape().size(3);
    long at = 0;
    for (long m = 0; m < weights.shape().size(0); m++) {
      for (long tap = 0; tap < taps; tap++) {
        for (long c = 0; c < channels; c++) {
          byte w = from.get(ValueLayout.JAVA_BYTE, (m * channels + c) * taps + tap);
          to.set(ValueLayout.JAVA_BYTE, at++, w);
        }
      }
    }
    return to;
  }

  @Override
  public Algorithm algorithm() {
    return algorithm;
  }

  @Override
  public long scratchBytes(MemorySegment call) {
    return Bridge.bytes(
        "octet_fbgemm_conv_scratch", out -> FbgemmBindings.convScratch(handle, call, out));
  }

  @Override
  public NativeFunction function() {
    return NativeFunction.FBGEMM_CONV_RUN;
  }

  @Override
  public long address() {
    return handle.address();
  }

  @Override
  public void close() {
    Bridge.check("octet_fbgemm_conv_destroy", FbgemmBindings.convDestroy(handle));
  }
}
