package io.octet.internal.kernel;

import io.octet.graph.op.Op;
import io.octet.graph.op.Traits;
import io.octet.graph.op.Window;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// What one step of a plan must compute, completely: types, layouts, concrete shapes, constants and
/// fused operations. The reference backend's loops over a spec are its meaning; every other backend
/// matches them (int32 accumulators bit for bit up to 2^24, quantized outputs within one step).
///
/// NaN stays NaN, and infinities are numbers like others; what is quantized takes NaN as 0. A
/// backend may do otherwise in three places, because the processor's own instructions do, and
/// oneDNN does: a clamp and a maximum may give a number for NaN, a softmax too; a maximum may give
/// the lowest float for negative infinity; and a layer that quantizes NaN gives any value.
///
/// Specs are equal where one kernel serves both: all is compared by content, but weights by
/// identity ({@link Weights#equals}).
public sealed interface KernelSpec {
  /// How many inputs {@link #describe} writes out.
  int NAMED_INPUTS = 8;

  /// What the kernel reads at run time, in the order in which buffers are bound.
  List<TensorDesc> inputs();

  /// What it writes first: all there is, but for a spec of several {@link #outputs}.
  TensorDesc y();

  /// What it writes, in the order in which buffers are bound; at least one.
  default List<TensorDesc> outputs() {
    return List.of(y());
  }

  /// Whether it works on 8-bit integers as they are, rather than on floats.
  default boolean isInt8() {
    return inputs().stream().allMatch(x -> x.type().isInt8());
  }

  /// The same with the values of its weights, for whoever reads them as they are: the session may
  /// forget its own.
  default KernelSpec kept() {
    return this;
  }

  /// Convolution of images with two spatial axes or three: `y = quantize(post(acc * sx * sw +
  /// bias))`, where `acc` sums `(x
  /// - zx) * w` and the image is padded with real zeros. Where `y` is S32 it is `acc` itself, and
  ///   bias and post-ops are empty.
  ///
  /// @param window pads resolved
  /// @param transposed whether the window slides over the output instead, and each pixel of the
  ///   input is spread under it: `acc` sums over the pixels and taps that meet there. Pads before
  ///   the image say where it begins; where it ends follows from the output's size
  record Conv(
      TensorDesc x,
      TensorDesc y,
      Weights weights,
      Window window,
      int groups,
      boolean transposed,
      PostOps post)
      implements KernelSpec {
    /// A convolution as it is.
    public Conv(
        TensorDesc x, TensorDesc y, Weights weights, Window window, int groups, PostOps post) {
      this(x, y, weights, window, groups, false, post);
    }

    /// Checks what every backend relies on.
    public Conv {
      requireWeighted(x, y, weights, post);
      Shape w = weights.values().shape();
      int rank = 2 + window.axes();
      if (rank < 4
          || x.shape().rank() != rank
          || w.rank() != rank
          || x.shape().size(1) != w.size(1) * groups) {
        throw new IllegalArgumentException(
            "conv of " + x + " in " + groups + " groups with weights " + w);
      }
    }

    @Override
    public List<TensorDesc> inputs() {
      return post.behind(x);
    }

    @Override
    public KernelSpec kept() {
      return new Conv(x, y, weights.kept(), window, groups, transposed, post);
    }

    @Override
    public boolean isInt8() {
      return weights.isInt8();
    }
  }

  /// `y [M,N] = quantize(post(acc * sx * sw + bias))`, `acc` the product of x [M,K] and the
  /// transposed weights [N,K]. S32 outputs as in {@link Conv}.
  record Linear(TensorDesc x, TensorDesc y, Weights weights, PostOps post) implements KernelSpec {
    /// Checks what every backend relies on.
    public Linear {
      requireWeighted(x, y, weights, post);
      Shape w = weights.values().shape();
      if (x.shape().rank() != 2 || w.rank() != 2 || x.shape().size(1) != w.size(1)) {
        throw new IllegalArgumentException("linear layer of " + x + " with weights " + w);
      }
    }

    @Override
    public List<TensorDesc> inputs() {
      return post.behind(x);
    }

    @Override
    public KernelSpec kept() {
      return new Linear(x, y, weights.kept(), post);
    }

    @Override
    public boolean isInt8() {
      return weights.isInt8();
    }
  }

  /// `alpha * a * b` of two float activations, batch axes broadcast as numpy.matmul does; the last
  /// two axes of either are exchanged first where its flag says so. Of two int8 ones it is
  /// `quantize(acc * (sa * sb) * alpha)`, where `acc` sums `(a - za) * (b - zb)`.
  record MatMul(
      TensorDesc a, TensorDesc b, TensorDesc y, boolean transA, boolean transB, float alpha)
      implements KernelSpec {
    @Override
    public List<TensorDesc> inputs() {
      return List.of(a, b);
    }
  }

  /// What a {@link Pool} takes of the values under its window.
  enum PoolKind {
    /// The largest; padding never wins.
    MAX,
    /// The mean of the values inside the image.
    AVERAGE,
    /// The mean that counts explicit padding as real zeros; what ceil_mode adds beyond it does not
    /// count.
    AVERAGE_INCLUDE_PAD
  }

  /// Pooling over H and W; a global average is a window of the image's size. Where quantized `x`
  /// and `y` have the same parameters, MAX compares integers, plain bytes too, and averages are
  /// `rint(mean(x - zx)) + zx`, saturated. An average may have parameters of its own: it is
  /// `quantize(float(mean(x - zx)) * sx)` then. A window without any value gives the type's lowest
  /// value, or a mean of zero.
  ///
  /// @param window pads resolved; the output's size stands in `y` (it may exceed floor: ceil_mode)
  record Pool(TensorDesc x, TensorDesc y, Window window, PoolKind kind) implements KernelSpec {
    /// Refuses what is no image.
    public Pool {
      int rank = 2 + window.axes();
      if (rank < 4 || rank > 5 || x.shape().rank() != rank || y.shape().rank() != rank) {
        throw new IllegalArgumentException("pool of " + x + " to " + y);
      }
    }

    /// Whether the output counts in other steps than the input.
    public boolean requantizes() {
      return x.isInt8() && !y.quant().equals(x.quant());
    }

    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }
  }

  /// The data under another size: `y = quantize(resized(real(x)))`, in one layout. Each of x and y
  /// is F32 or int8 of its own parameters.
  ///
  /// @param rule how values between pixels are made, and which those are
  /// @param scales of all axes, in logical order
  /// @param region beginnings of all axes, then their ends, as parts of their sizes
  record Resample(
      io.octet.graph.op.Resampling rule,
      TensorDesc x,
      TensorDesc y,
      List<Float> scales,
      List<Float> region)
      implements KernelSpec {
    /// Checks the counts, and copies the lists.
    public Resample {
      scales = List.copyOf(scales);
      region = List.copyOf(region);
      int rank = x.shape().rank();
      if (y.shape().rank() != rank || scales.size() != rank || region.size() != 2 * rank) {
        throw new IllegalArgumentException("resampling of " + x + " to " + y + " by " + scales);
      }
    }

    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }

    /// Whether each element of the output is one of the input's, bit for bit.
    public boolean moves() {
      return rule.traits().values() == Traits.Values.PICKED && x.encoding().equals(y.encoding());
    }
  }

  /// `y = quantize(post(f(real(a), real(b))))`, elementwise, numpy's broadcasting, all in one
  /// layout (row-major where ranks differ). Each of a, b and y is F32 or int8 of its own
  /// parameters.
  record Binary(
      io.octet.graph.op.Binary function, TensorDesc a, TensorDesc b, TensorDesc y, PostOps post)
      implements KernelSpec {
    /// Checks what every backend relies on.
    public Binary {
      post.requireFor(y);
    }

    @Override
    public List<TensorDesc> inputs() {
      return post.behind(a, b);
    }
  }

  /// `y = quantize(f(real(x)))`, elementwise, one layout. Where `x` is int8 that is a table of 256.
  record Unary(io.octet.graph.op.Unary function, TensorDesc x, TensorDesc y) implements KernelSpec {
    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }
  }

  /// `y = table[x]`, elementwise, one layout, both 8-bit: what several nodes make of one quantized
  /// value.
  ///
  /// @param table of 256, by the byte as an unsigned number
  record Lookup(TensorDesc x, TensorDesc y, byte[] table) implements KernelSpec {
    /// Refuses a table of another size.
    public Lookup {
      if (table.length != 256) {
        throw new IllegalArgumentException("a table of " + table.length);
      }
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Lookup that
          && x.equals(that.x)
          && y.equals(that.y)
          && Arrays.equals(table, that.table);
    }

    @Override
    public int hashCode() {
      return 31 * Objects.hash(x, y) + Arrays.hashCode(table);
    }

    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }
  }

  /// Softmax along `axis` of a row-major float value, largest subtracted first. No {@link Literal},
  /// because engines have loops of their own.
  record Softmax(TensorDesc x, TensorDesc y, int axis) implements KernelSpec {
    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }
  }

  /// The same logical value in another type, layout or quantization: QuantizeLinear,
  /// DequantizeLinear, requantization (through float), and the reorders between layouts. Parameters
  /// may be per channel on either side. What is no real number, such as plain bytes, is moved as it
  /// stands.
  record Convert(TensorDesc x, TensorDesc y) implements KernelSpec {
    /// Refuses another shape.
    public Convert {
      if (!x.shape().equals(y.shape())) {
        throw new IllegalArgumentException("conversion of " + x + " to " + y);
      }
    }

    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }

    @Override
    public boolean isInt8() {
      return x.type().isInt8() && y.type().isInt8();
    }

    /// Whether the elements keep their bits, wherever they are moved to.
    public boolean moves() {
      return x.type() == y.type() && (!x.isInt8() || !y.isInt8() || x.quant().equals(y.quant()));
    }
  }

  /// QuantizeLinear or DequantizeLinear whose scale and zero point arrive at run time. Everything
  /// is row-major. Exactly one of x and y is F32. No {@link Literal}: its loops allocate nothing.
  ///
  /// @param x input; {@link Encoding.Dynamic} where it is integer
  /// @param scale F32, a scalar or one for each index along `axis`
  /// @param zeroPoint plain, of the integer side's type, shaped as scale; null where it is 0
  /// @param y output; {@link Encoding.Dynamic} where it is integer
  record RuntimeQuantize(
      TensorDesc x, TensorDesc scale, TensorDesc zeroPoint, TensorDesc y, int axis)
      implements KernelSpec {
    @Override
    public List<TensorDesc> inputs() {
      return zeroPoint == null ? List.of(x, scale) : List.of(x, scale, zeroPoint);
    }

    @Override
    public boolean isInt8() {
      return false;
    }
  }

  /// ONNX's DynamicQuantizeLinear, of all values or of each row by itself: u8 by their own range, 0
  /// included, with the scale and the zero point that came of it. Everything is row-major. No
  /// {@link Literal}: its loops allocate nothing, and rows are no operator of ONNX's.
  ///
  /// @param x F32
  /// @param q {@link Encoding.Dynamic}, of x's shape
  /// @param scale F32: one element, or one for each row (what the last axis holds)
  /// @param zero U8, of scale's shape
  record QuantizeRows(TensorDesc x, TensorDesc q, TensorDesc scale, TensorDesc zero)
      implements KernelSpec {
    /// Checks that rows and scales go together.
    public QuantizeRows {
      long ranges = scale.shape().elements();
      long elements = x.shape().elements();
      if (ranges == 0 || elements % ranges != 0 || !zero.shape().equals(scale.shape())) {
        throw new IllegalArgumentException(scale + " and " + zero + " for " + x);
      }
    }

    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }

    @Override
    public TensorDesc y() {
      return q;
    }

    @Override
    public List<TensorDesc> outputs() {
      return List.of(q, scale, zero);
    }

    @Override
    public boolean isInt8() {
      return false;
    }
  }

  /// The sums of a {@link Linear} over what {@link QuantizeRows} made, as reals: `y[m,n] =
  /// post(float(acc[m,n] - zero[m] * sum(w[n])) * (scale[m] * sw[n]) + bias[n])`, each operation in
  /// float and rounded, the difference in int32. Where weights have zero points, `(sum(q[m]) - K *
  /// zero[m]) * zw[n]` goes off, too.
  ///
  /// @param acc S32 [M,N], of u8 data taken as they lie
  /// @param scale F32, one element or M
  /// @param zero U8, as many
  /// @param q U8 [M,K], the data themselves, read where weights have zero points; else null
  /// @param y F32 [M,N]
  /// @param weights those of the layer, S8 [N,K]
  /// @param weightZeros one for each output channel; empty where q is null
  record ScaleSums(
      TensorDesc acc,
      TensorDesc scale,
      TensorDesc zero,
      TensorDesc q,
      TensorDesc y,
      Weights weights,
      int[] weightZeros,
      PostOps post)
      implements KernelSpec {
    /// Checks the sizes.
    public ScaleSums {
      long ranges = scale.shape().elements();
      boolean fits = acc.shape().rank() == 2 && acc.shape().size(1) == weights.channels();
      if (!fits || ranges != 1 && ranges != acc.shape().size(0) || !weights.isInt8()) {
        throw new IllegalArgumentException(scale + " for " + acc + " of " + weights.values());
      }
      if (weightZeros.length != (q == null ? 0 : weights.channels())) {
        throw new IllegalArgumentException(weightZeros.length + " zero points beside " + q);
      }
      post.requireFor(y);
    }

    @Override
    public List<TensorDesc> inputs() {
      return q == null ? post.behind(acc, scale, zero) : post.behind(acc, scale, zero, q);
    }

    @Override
    public KernelSpec kept() {
      return new ScaleSums(acc, scale, zero, q, y, weights.kept(), weightZeros, post);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ScaleSums that
          && List.of(acc, scale, zero, y, weights, post)
              .equals(List.of(that.acc, that.scale, that.zero, that.y, that.weights, that.post))
          && Objects.equals(q, that.q)
          && Arrays.equals(weightZeros, that.weightZeros);
    }

    @Override
    public int hashCode() {
      return 31 * Objects.hash(acc, scale, zero, q, y, weights, post)
          + Arrays.hashCode(weightZeros);
    }

    @Override
    public boolean isInt8() {
      return false;
    }
  }

  /// `y = x * scale[c] + shift[c]` in float along axis 1: an unfolded BatchNormalization, in either
  /// layout.
  record ChannelAffine(TensorDesc x, TensorDesc y, float[] scale, float[] shift)
      implements KernelSpec {
    @Override
    public boolean equals(Object other) {
      return other instanceof ChannelAffine that
          && x.equals(that.x)
          && y.equals(that.y)
          && Arrays.equals(scale, that.scale)
          && Arrays.equals(shift, that.shift);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * Objects.hash(x, y) + Arrays.hashCode(scale)) + Arrays.hashCode(shift);
    }

    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }
  }

  /// The inputs joined along a logical axis; all of one type and layout, and the same parameters.
  /// No {@link Literal}, because it joins in either layout, and what is quantized.
  record Concat(List<TensorDesc> xs, TensorDesc y, int axis) implements KernelSpec {
    /// Copies the list.
    public Concat {
      xs = List.copyOf(xs);
    }

    @Override
    public List<TensorDesc> inputs() {
      return xs;
    }
  }

  /// Axis i of `y` is axis `perm[i]` of `x`; both row-major, of one type. No {@link Literal},
  /// because it moves what is quantized, and backends have faster loops.
  record Transpose(TensorDesc x, TensorDesc y, List<Integer> perm) implements KernelSpec {
    /// Copies the list.
    public Transpose {
      perm = List.copyOf(perm);
    }

    @Override
    public List<TensorDesc> inputs() {
      return List.of(x);
    }
  }

  /// The steps of a recurrence: what of its gates hangs on the state, their functions, and the
  /// states. Row-major floats. What hangs on the inputs alone is computed before, all steps at
  /// once.
  ///
  /// @param gates [T,B,D*G*H], or [B,T,D*G*H] where the batch is first: products of the inputs with
  ///   their weights, biases added
  /// @param recurrent weights [D*G*H,H] of the state. A bias is that of a product that is reset: it
  ///   is added to that of the state
  /// @param operands lengths (s32), first state, first cell state, peepholes; null where one is
  ///   absent
  /// @param outputs Y, and as many of the last states as are wanted
  record Recurrence(
      io.octet.graph.op.Recurrence op,
      TensorDesc gates,
      Weights recurrent,
      List<TensorDesc> operands,
      List<TensorDesc> outputs)
      implements KernelSpec {
    /// Copies the lists.
    public Recurrence {
      operands = Collections.unmodifiableList(new ArrayList<>(operands));
      outputs = List.copyOf(outputs);
    }

    @Override
    public List<TensorDesc> inputs() {
      List<TensorDesc> inputs = new ArrayList<>(List.of(gates));
      operands.stream().filter(Objects::nonNull).forEach(inputs::add);
      return inputs;
    }

    @Override
    public TensorDesc y() {
      return outputs.getFirst();
    }

    @Override
    public KernelSpec kept() {
      return new Recurrence(op, gates, recurrent.kept(), operands, outputs);
    }

    @Override
    public String title() {
      return op.name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /// An operator as {@link io.octet.internal.reference.Reference} computes it: for all that is
  /// neither fused nor quantized, nor laid out in a way of its own. Everything is row-major, and
  /// nothing quantized: elements stand for themselves.
  ///
  /// @param operands the operator's inputs in ONNX's order, null where one is absent
  /// @param outputs of the types and shapes that the operator infers, at least one
  record Literal(Op op, List<TensorDesc> operands, List<TensorDesc> outputs) implements KernelSpec {
    /// Copies the lists.
    public Literal {
      operands = Collections.unmodifiableList(new ArrayList<>(operands));
      outputs = List.copyOf(outputs);
      if (outputs.isEmpty()) {
        throw new IllegalArgumentException(op.name() + " without an output");
      }
    }

    @Override
    public List<TensorDesc> inputs() {
      return operands.stream().filter(Objects::nonNull).toList();
    }

    @Override
    public TensorDesc y() {
      return outputs.getFirst();
    }

    @Override
    public boolean isInt8() {
      return !inputs().isEmpty() && KernelSpec.super.isInt8();
    }

    @Override
    public String title() {
      return "literal " + op.name();
    }

    /// One for each operand, from one for each input: null where the operand is absent.
    public <T> List<T> operands(List<T> inputs) {
      List<T> all = new ArrayList<>();
      Iterator<T> next = inputs.iterator();
      operands.forEach(operand -> all.add(operand == null ? null : next.next()));
      return all;
    }
  }

  /// What it computes, in a word or two.
  default String title() {
    return getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
  }

  /// "conv u8[1,64,56,56] nhwc -> u8[1,64,56,56] nhwc": for refusals and reports.
  default String describe() {
    List<String> from = new ArrayList<>();
    inputs().stream().limit(NAMED_INPUTS).forEach(i -> from.add(i.toString()));
    int more = inputs().size() - from.size();
    return title()
        + " "
        + String.join(", ", from)
        + (more > 0 ? " and " + more + " more" : "")
        + " -> "
        + outputs().stream().map(TensorDesc::toString).collect(Collectors.joining(", "));
  }

  private static void requireWeighted(TensorDesc x, TensorDesc y, Weights weights, PostOps post) {
    if (x.isInt8() != weights.isInt8()) {
      throw new IllegalArgumentException("input " + x + " with " + weights.values().type());
    }
    if (x.isInt8() && !x.quant().isPerTensor() || y.isInt8() && !y.quant().isPerTensor()) {
      throw new IllegalArgumentException("activations of a layer are quantized per tensor");
    }
    boolean raw = y.type() == DataType.S32;
    if (raw && (weights.bias().length > 0 || !post.ops().isEmpty())) {
      throw new IllegalArgumentException("raw accumulators take no bias and no post-ops");
    }
    post.requireFor(y);
  }
}
