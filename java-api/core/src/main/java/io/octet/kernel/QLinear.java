package io.octet.kernel;

import io.octet.internal.compile.LayerCompiler;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.plan.Plan;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// A quantized linear layer by itself: torch.ops.quantized.linear, linear_relu and a residual sum.
/// For x of [batch, in] and weights [out, in] it computes
///
/// `y = quantize(relu(sum over in of (x - zx) * w * sx * sw + bias + residual))`
///
/// with int32 sums; y is [batch, out] of u8, s8, or float where nothing is quantized. Rounding is
/// half to even, saturating; a quantized output may differ by one step between machines.
///
/// Weights are packed once for each layout that kernels ask for: one, or two where small batches
/// want another. The batch is free in each run, and a kernel is kept for the last few sizes.
///
/// Any number of threads may run one layer: {@link io.octet.Threads#maxConcurrentRuns()} of them
/// run at once, the others wait their turn. Each of those has its own memory for each batch it has
/// seen; a run that finds it, and need not wait, allocates nothing on the heap. Segments may lie on
/// the heap or off it, in any alignment; they are copied, so that closing one during a run is an
/// exception and no crash.
public final class QLinear implements AutoCloseable {
  private final QuantizedLayer layer;
  private final PackedLayer packed;
  private final long in;
  private final long out;

  private QLinear(Builder builder) {
    layer = builder.layer();
    out = builder.weight().shape().size(0);
    in = builder.weight().shape().size(1);
    packed = new PackedLayer(layer, builder.options(), this::plan);
  }

  /// Begins a layer.
  ///
  /// @param weight s8 [out, in], copied
  /// @param params of the weights: s8, zero point 0, per tensor or one scale for each output (axis
  ///   0)
  /// @throws IllegalArgumentException if weights or parameters are others
  public static Builder of(Tensor weight, QuantParams params) {
    return new Builder(weight, params);
  }

  /// A layer before it is packed.
  public static final class Builder extends LayerBuilder<Builder> {
    private Builder(Tensor weight, QuantParams params) {
      super("linear", weight, params, 2);
    }

    @Override
    Builder self() {
      return this;
    }

    /// Packs the weights and makes the kernel for a batch of 1.
    ///
    /// @throws IllegalStateException if input or output was not given
    /// @throws io.octet.OctetException.Unsupported if no backend runs this layer in int8 on this
    ///   machine: the message lists every refusal
    public QLinear pack() {
      return pack(1);
    }

    /// Packs the weights and makes the kernel for a batch of that size; others may follow all the
    /// same.
    ///
    /// @throws IllegalArgumentException if the batch is less than 1
    /// @throws IllegalStateException if input or output was not given
    /// @throws io.octet.OctetException.Unsupported if no backend runs this layer in int8 on this
    ///   machine: the message lists every refusal
    public QLinear pack(long batch) {
      QLinear made = new QLinear(this);
      try {
        made.prepare(batch);
        return made;
      } catch (RuntimeException | Error e) {
        made.close();
        throw e;
      }
    }
  }

  private Plan plan(LayerCompiler compiler, PackedLayer.Size size) {
    TensorDesc x = layer.x(Layout.ROW_MAJOR, Shape.of(size.batch(), in));
    TensorDesc y = layer.y(Layout.ROW_MAJOR, Shape.of(size.batch(), out));
    return compiler.compile(
        post -> new KernelSpec.Linear(x, y, layer.weights(), post),
        layer.post(Layout.ROW_MAJOR, y.shape()));
  }

  /// Values in a row of the input.
  public long inFeatures() {
    return in;
  }

  /// Values in a row of the output.
  public long outFeatures() {
    return out;
  }

  /// Type of the output's elements: u8, s8 or f32.
  public DataType outputType() {
    return layer.outputType();
  }

  /// Makes the kernel for a batch ready before its first run, unless it is there already.
  ///
  /// @return backend and implementation, such as "onednn brg_matmul:avx512_core_vnni"
  /// @throws IllegalArgumentException if the batch is less than 1
  /// @throws IllegalStateException if this layer is closed
  /// @throws io.octet.OctetException.Unsupported as in {@link Builder#pack(long)}
  public String prepare(long batch) {
    Segments.requirePositive("batch", batch);
    return packed.prepare(new PackedLayer.Size(batch, 1, 1));
  }

  /// Runs a layer without residual.
  ///
  /// @param x `batch * in` elements of the input's type, row by row
  /// @param batch number of rows, at least 1
  /// @param y where `batch * out` elements of {@link #outputType()} go, row by row; floats
  ///   little-endian, of any alignment
  /// @throws IllegalArgumentException if a segment has another size or `y` is read-only, the batch
  ///   is less than 1, or this layer wants a residual
  /// @throws IllegalStateException if this layer is closed, or a segment is
  /// @throws io.octet.OctetException.Unsupported as in {@link Builder#pack(long)}
  public void run(MemorySegment x, long batch, MemorySegment y) {
    if (layer.residual() != null) {
      throw new IllegalArgumentException("this layer was packed with a residual: pass it");
    }
    check(x, batch, y);
    packed.run(batch, 1, 1, x, null, y);
  }

  /// Runs a layer with residual.
  ///
  /// @param residual `batch * out` elements of the residual's type, row by row; only read
  /// @throws IllegalArgumentException as above, or if this layer wants no residual
  /// @throws IllegalStateException if this layer is closed, or a segment is
  /// @throws io.octet.OctetException.Unsupported as in {@link Builder#pack(long)}
  public void run(MemorySegment x, long batch, MemorySegment residual, MemorySegment y) {
    if (layer.residual() == null) {
      throw new IllegalArgumentException("this layer was packed without a residual");
    }
    check(x, batch, y);
    Segments.require("residual", residual, layer.residual().type(), batch, out);
    packed.run(batch, 1, 1, x, residual, y);
  }

  private void check(MemorySegment x, long batch, MemorySegment y) {
    Segments.requirePositive("batch", batch);
    Segments.require("x", x, layer.input().type(), batch, in);
    Segments.require("y", y, layer.outputType(), batch, out);
    Segments.requireWritable("y", y);
  }

  /// Refuses new runs and those still waiting, completes those that have begun, and frees
  /// everything. May be called twice.
  @Override
  public void close() {
    packed.close();
  }
}
