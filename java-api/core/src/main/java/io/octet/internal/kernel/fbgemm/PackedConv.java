package io.octet.internal.kernel.fbgemm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.graph.op.Window;
import io.octet.internal.ffi.FbgemmBindings;
import io.octet.internal.ffi.FbgemmConstants;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Saturation.Pairs;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The weights of a convolution, packed for the algorithm that FBGEMM chose from its window.
final class PackedConv implements PackedLayer {
  private static final int STORED_AT_ONCE = 16;

  /// How much larger packed weights may be, where few channels fill up a vector.
  private static final int PADDED = 16;

  private final MemorySegment handle;
  private final int path;
  private final long channels;

  private PackedConv(MemorySegment handle, int path, long channels) {
    this.handle = handle;
    this.path = path;
    this.channels = channels;
  }

  /// What the packed form hangs on beside the weights.
  private record Format(Window window, int groups, boolean raw) {}

  static PackedConv share(KernelSpec.Conv spec, WeightsCache packed) {
    Tensor weights = spec.weights().values();
    Format format = new Format(spec.window(), spec.groups(), spec.y().type() == DataType.S32);
    return packed.get(PackedConv.class, weights, format, () -> pack(weights, format));
  }

  private static PackedConv pack(Tensor weights, Format format) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment shape = shape(arena, weights.shape(), format);
      MemorySegment source = channelsLast(arena, weights);
      MemorySegment handle =
          Bridge.create(
              "octet_fbgemm_conv_create",
              PADDED * source.byteSize(),
              out -> FbgemmBindings.convCreate(shape, source, format.raw ? 1 : 0, out));
      MemorySegment path = arena.allocate(JAVA_INT);
      Bridge.check("octet_fbgemm_conv_path", FbgemmBindings.convPath(handle, path));
      return new PackedConv(handle, path.get(JAVA_INT, 0), weights.shape().size(0));
    }
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
  public String algorithm() {
    return switch (path) {
      case FbgemmConstants.PATH_DEPTHWISE -> "depthwise";
      case FbgemmConstants.PATH_GROUPWISE -> "groupwise";
      case FbgemmConstants.PATH_POINTWISE -> "pointwise";
      case FbgemmConstants.PATH_1D -> "1d";
      case FbgemmConstants.PATH_IM2COL -> "im2col";
      case FbgemmConstants.PATH_DIRECT -> "direct";
      default -> "path" + path;
    };
  }

  @Override
  public boolean addsIn16Bits() {
    // Known to be exact with VNNI are these; whatever else there is may add as depthwise does.
    return path != FbgemmConstants.PATH_GROUPWISE
        && path != FbgemmConstants.PATH_POINTWISE
        && path != FbgemmConstants.PATH_IM2COL;
  }

  @Override
  public Pairs pairs() {
    // These two lay out the weights of a group as a matrix, tap after tap.
    return path == FbgemmConstants.PATH_POINTWISE || path == FbgemmConstants.PATH_IM2COL
        ? Pairs.NEIGHBOURS
        : Pairs.ANY_TWO;
  }

  /// The groupwise algorithm stores 16 bytes at a time, up to 14 beyond a pixel's last channel, on
  /// every instruction set: found by trying 1 to 40 groups of 2, 4, 8 and 16 channels.
  @Override
  public boolean writesBeyondItsOutput() {
    return path == FbgemmConstants.PATH_GROUPWISE && channels % STORED_AT_ONCE != 0;
  }

  @Override
  public long scratchBytes(MemorySegment call) {
    return Bridge.bytes(
        "octet_fbgemm_conv_scratch", out -> FbgemmBindings.convScratch(handle, call, out));
  }

  @Override
  public void run(long call) {
    Bridge.check("octet_fbgemm_conv_run", FbgemmBindings.convRun(handle.address(), call));
  }

  @Override
  public void close() {
    Bridge.check("octet_fbgemm_conv_destroy", FbgemmBindings.convDestroy(handle));
  }
}
