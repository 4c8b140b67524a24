package io.octet.kernel;

import io.octet.graph.op.Window;
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

/// A quantized 2-D convolution by itself: torch.ops.quantized.conv2d, conv2d_relu and
/// conv2d_add_relu. Images are NHWC, weights [out, in / groups, kernel height, kernel width] as in
/// PyTorch. Each output is
///
/// `y = quantize(relu(sum of (x - zx) * w * sx * sw + bias + residual))`
///
/// with int32 sums over the window and the channels of its group, the image padded with real zeros;
/// y is u8, s8, or float where nothing is quantized. Rounding is half to even, saturating; a
/// quantized output may differ by one step between machines.
///
/// Weights are packed once; batch and image size are free in each run, and a kernel is kept for the
/// last few. Threads, memory and closing as in {@link QLinear}.
public final class QConv2d implements AutoCloseable {
  private final QuantizedLayer layer;
  private final PackedLayer packed;
  private final Window window;
  private final int groups;
  private final long in;
  private final long out;

  private QConv2d(Builder builder) {
    layer = builder.layer();
    window = builder.window;
    groups = builder.groups;
    out = builder.weight().shape().size(0);
    in = builder.weight().shape().size(1) * groups;
    packed = new PackedLayer(layer, builder.options(), this::plan);
  }

  /// Begins a convolution of stride 1, without padding, of one group.
  ///
  /// @param weight s8 [out, in / groups, height, width], copied
  /// @param params of the weights: s8, zero point 0, per tensor or one scale for each output
  ///   channel (axis 0)
  /// @throws IllegalArgumentException if weights or parameters are others
  public static Builder of(Tensor weight, QuantParams params) {
    return new Builder(weight, params);
  }

  /// A convolution before it is packed.
  public static final class Builder extends LayerBuilder<Builder> {
    private Window window;
    private int groups = 1;

    private Builder(Tensor weight, QuantParams params) {
      super("conv2d", weight, params, 4);
      long[] sizes = weight.shape().sizes();
      window = Window.of(Math.toIntExact(sizes[2]), Math.toIntExact(sizes[3]));
    }

    @Override
    Builder self() {
      return this;
    }

    /// The same step down and to the right, at least 1.
    public Builder stride(int step) {
      return stride(step, step);
    }

    /// The step from one window to the next, at least 1.
    public Builder stride(int height, int width) {
      window = window.stride(height, width);
      return this;
    }

    /// As many zeros on all four sides, at least 0.
    public Builder padding(int all) {
      return padding(all, all);
    }

    /// Zeros above and below, and on the left and right.
    public Builder padding(int height, int width) {
      return padding(height, width, height, width);
    }

    /// Zeros on each side.
    public Builder padding(int top, int left, int bottom, int right) {
      window = window.pads(top, left, bottom, right);
      return this;
    }

    /// The same distance between taps in both directions, 1 for a dense window.
    public Builder dilation(int distance) {
      return dilation(distance, distance);
    }

    /// The distance between taps, 1 for a dense window.
    public Builder dilation(int height, int width) {
      window = window.dilation(height, width);
      return this;
    }

    /// Groups of channels that do not see each other; the count divides the output channels, and
    /// the input has that many times the channels of the weights.
    public Builder groups(int count) {
      long channels = weight().shape().size(0);
      if (count < 1 || channels % count != 0) {
        throw new IllegalArgumentException(
            "conv2d: " + channels + " output channels do not divide into " + count + " groups");
      }
      groups = count;
      return this;
    }

    /// Makes the convolution; kernels follow with the first run for each image size.
    ///
    /// @throws IllegalStateException if input or output was not given
    public QConv2d pack() {
      return new QConv2d(this);
    }

    /// Packs the weights and makes the kernel for images of that size; others may follow all the
    /// same.
    ///
    /// @throws IllegalArgumentException if a size is less than 1 or the window does not fit
    /// @throws IllegalStateException if input or output was not given
    /// @throws io.octet.OctetException.Unsupported if no backend runs this convolution in int8 on
    ///   this machine: the message lists every refusal
    public QConv2d pack(long batch, long height, long width) {
      QConv2d made = new QConv2d(this);
      try {
        made.prepare(batch, height, width);
        return made;
      } catch (RuntimeException | Error e) {
        made.close();
        throw e;
      }
    }
  }

  private Plan plan(LayerCompiler compiler, PackedLayer.Size size) {
    long outH = outputHeight(size.height());
    long outW = outputWidth(size.width());
    Shape image = Shape.of(size.batch(), in, size.height(), size.width());
    TensorDesc x = layer.x(Layout.CHANNELS_LAST, image);
    TensorDesc y = layer.y(Layout.CHANNELS_LAST, Shape.of(size.batch(), out, outH, outW));
    return compiler.compile(
        post -> new KernelSpec.Conv(x, y, layer.weights(), window, groups, post),
        layer.post(Layout.CHANNELS_LAST, y.shape()));
  }

  /// Channels of the input.
  public long inChannels() {
    return in;
  }

  /// Channels of the output.
  public long outChannels() {
    return out;
  }

  /// Type of the output's elements: u8, s8 or f32.
  public DataType outputType() {
    return layer.outputType();
  }

  /// Rows of the output for images of `height` rows: `(height + padding - dilation * (kernel - 1) -
  /// 1) / stride + 1`, rounded down.
  ///
  /// @throws IllegalArgumentException if the height is less than 1 or the window does not fit
  public long outputHeight(long height) {
    Segments.requirePositive("height", height);
    return requireFit("rows", height, window.outputH(height, false));
  }

  /// Columns of the output for images of `width` columns, as {@link #outputHeight} for rows.
  ///
  /// @throws IllegalArgumentException if the width is less than 1 or the window does not fit
  public long outputWidth(long width) {
    Segments.requirePositive("width", width);
    return requireFit("columns", width, window.outputW(width, false));
  }

  private long requireFit(String what, long size, long result) {
    if (result < 1) {
      throw new IllegalArgumentException(
          "conv2d: an image of " + size + " " + what + " is smaller than the window " + window);
    }
    return result;
  }

  /// Makes the kernel for images of that size ready before its first run, unless it is there
  /// already.
  ///
  /// @return backend and implementation, such as "onednn brgconv:avx512_core_vnni"
  /// @throws IllegalArgumentException if a size is less than 1 or the window does not fit
  /// @throws IllegalStateException if this layer is closed
  /// @throws io.octet.OctetException.Unsupported as in {@link Builder#pack(long, long, long)}
  public String prepare(long batch, long height, long width) {
    Segments.requirePositive("batch", batch);
    outputHeight(height);
    outputWidth(width);
    return packed.prepare(new PackedLayer.Size(batch, height, width));
  }

  /// Runs a convolution without residual.
  ///
  /// @param x `batch * height * width * in` elements of the input's type, NHWC
  /// @param batch number of images, at least 1
  /// @param height rows of each image
  /// @param width columns of each image
  /// @param y where `batch * outputHeight * outputWidth * out` elements of {@link #outputType()}
  ///   go, NHWC; floats little-endian, of any alignment
  /// @throws IllegalArgumentException if a segment has another size or `y` is read-only, a size is
  ///   less than 1, the window does not fit, or this layer wants a residual
  /// @throws IllegalStateException if this layer is closed, or a segment is
  /// @throws io.octet.OctetException.Unsupported as in {@link Builder#pack(long, long, long)}
  public void run(MemorySegment x, long batch, long height, long width, MemorySegment y) {
    if (layer.residual() != null) {
      throw new IllegalArgumentException("this layer was packed with a residual: pass it");
    }
    check(x, batch, height, width, y);
    packed.run(batch, height, width, x, null, y);
  }

  /// Runs a convolution with residual.
  ///
  /// @param residual as many elements as `y`, of the residual's type, NHWC; only read
  /// @throws IllegalArgumentException as above, or if this layer wants no residual
  /// @throws IllegalStateException if this layer is closed, or a segment is
  /// @throws io.octet.OctetException.Unsupported as in {@link Builder#pack(long, long, long)}
  public void run(
      MemorySegment x,
      long batch,
      long height,
      long width,
      MemorySegment residual,
      MemorySegment y) {
    if (layer.residual() == null) {
      throw new IllegalArgumentException("this layer was packed without a residual");
    }
    long pixels = check(x, batch, height, width, y);
    Segments.require("residual", residual, layer.residual().type(), pixels, out);
    packed.run(batch, height, width, x, residual, y);
  }

  /// Pixels of the output.
  private long check(MemorySegment x, long batch, long height, long width, MemorySegment y) {
    Segments.requirePositive("batch", batch);
    long pixels =
        Segments.product(batch, Segments.product(outputHeight(height), outputWidth(width)));
    long inputs = Segments.product(batch, Segments.product(height, width));
    Segments.require("x", x, layer.input().type(), inputs, in);
    Segments.require("y", y, layer.outputType(), pixels, out);
    Segments.requireWritable("y", y);
    return pixels;
  }

  int packedForms() {
    return packed.packedForms();
  }

  /// Refuses new runs and those still waiting, completes those that have begun, and frees
  /// everything. May be called twice.
  @Override
  public void close() {
    packed.close();
  }
}
