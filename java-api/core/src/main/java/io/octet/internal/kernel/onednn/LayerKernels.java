package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_BIAS;
import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;
import static io.octet.internal.ffi.DnnlConstants.CONVOLUTION_DIRECT;
import static io.octet.internal.ffi.DnnlConstants.DECONVOLUTION_DIRECT;
import static io.octet.internal.ffi.DnnlConstants.F32;
import static io.octet.internal.ffi.DnnlConstants.FORWARD_INFERENCE;
import static io.octet.internal.ffi.DnnlConstants.QUERY_WEIGHTS_MD;

import io.octet.graph.op.Window;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Answer.Offers;
import io.octet.internal.kernel.Answer.Refused;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec.Conv;
import io.octet.internal.kernel.KernelSpec.Linear;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Saturation;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.onednn.ConvFaults.Trust;
import io.octet.internal.kernel.onednn.Operation.Packing;
import io.octet.tensor.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// The layers with constant weights: convolutions and linear layers.
final class LayerKernels {
  private static final long LARGEST_EXACT_FLOAT = 1 << 24;

  private LayerKernels() {}

  /// @param trust which implementations may serve
  static Answer conv(Conv spec, KernelContext context, Trust trust) {
    if (!LayerPostOps.accepts(spec.y(), spec.post())) {
      return postOpsRefused(spec.y(), spec.post());
    }
    SourceForm form = SourceForm.of(spec);
    Fit fits = (conv, desc) -> trust.isDue(conv, desc.implementation());
    if (form.isSplit() && !spec.transposed() && SourceForm.isSafeInTaps(spec)) {
      int inputs = spec.groups() > 1 ? 2 : 1; // their axis
      Fit tight = (conv, desc) -> addsNeighboursInATap(desc, inputs) && fits.test(conv, desc);
      return first(conv(spec, form.whole(), tight, context), () -> conv(spec, form, fits, context));
    }
    return conv(spec, form, fits, context);
  }

  /// What is preferred, where there is some of it, and behind it the rest.
  private static Answer first(Answer preferred, Supplier<Answer> rest) {
    return preferred instanceof Offers offers ? offers.then(rest) : rest.get();
  }

  /// Whether an implementation gives exact sums of a convolution in the form in which it is asked.
  private interface Fit extends BiPredicate<Conv, PrimitiveDesc> {}

  private static Answer conv(Conv spec, SourceForm form, Fit fits, KernelContext context) {
    return form.isAsItIs()
        ? convAsItIs(spec, fits, context)
        : form.serve(
            convAsItIs(form.formed(spec), fits, context), spec.x(), spec.weights().channels());
  }

  /// Whether an implementation keeps four input channels of one tap together: it multiplies them by
  /// one instruction, which adds the first two and the last two in 16 bits.
  private static boolean addsNeighboursInATap(PrimitiveDesc implementation, int inputs) {
    try (MemoryDesc weights = implementation.memoryDesc(QUERY_WEIGHTS_MD, 0).orElseThrow()) {
      return weights.innermost().equals(Optional.of(new MemoryDesc.Block(inputs, 4)));
    }
  }

  private static Answer convAsItIs(Conv spec, Fit fits, KernelContext context) {
    if (roundsSums(spec.x(), spec.y(), spec.weights())) {
      return sumsRefused();
    }
    return Operation.answer(context, draft -> conv(draft, spec, fits));
  }

  private static Operation conv(KernelDraft draft, Conv spec, Fit fits) {
    ConvDescs descs = ConvDescs.of(draft, spec);
    draft.input(ARG_SRC);
    int perChannel = spec.groups() > 1 ? 0b11 : 0b1;
    LayerPostOps.add(draft, spec.x(), spec.y(), spec.weights(), spec.post(), perChannel);
    return new Operation(
        a -> findConv(descs, spec, a),
        desc -> fits.test(spec, desc),
        new Packing(spec.weights().values(), descs.plainWeights),
        arguments(spec.weights()));
  }

  /// The descriptions of a convolution; weights of a grouped one have the groups as first
  /// dimension.
  private record ConvDescs(
      MemoryDesc src,
      MemoryDesc weights,
      MemoryDesc plainWeights,
      MemoryDesc bias,
      MemoryDesc dst) {
    static ConvDescs of(KernelDraft draft, Conv spec) {
      long[] w = spec.weights().values().shape().sizes();
      long g = spec.groups();
      long[] dims = g > 1 ? grouped(w, g) : w;
      int type = MemoryDesc.type(spec.weights().values().type());
      return new ConvDescs(
          draft.keep(MemoryDesc.of(spec.x())),
          draft.keep(MemoryDesc.any(type, dims)),
          draft.keep(MemoryDesc.dense(type, dims)),
          hasBias(spec.weights()) ? draft.keep(MemoryDesc.dense(F32, w[0])) : null,
          draft.keep(MemoryDesc.of(spec.y())));
    }
  }

  private static long[] grouped(long[] w, long groups) {
    long[] dims = new long[w.length + 1];
    System.arraycopy(w, 0, dims, 1, w.length);
    dims[0] = groups;
    dims[1] = w[0] / groups;
    return dims;
  }

  private static Optional<PrimitiveDesc> findConv(ConvDescs d, Conv spec, Attributes attributes) {
    Window w = spec.window();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment strides = MemoryDesc.dims(arena, longs(w.strides()));
      MemorySegment dilates =
          MemoryDesc.dims(arena, w.dilations().stream().mapToLong(s -> s - 1).toArray());
      MemorySegment before = MemoryDesc.dims(arena, longs(w.padsBefore()));
      MemorySegment after = MemoryDesc.dims(arena, padsAfter(spec));
      String symbol =
          spec.transposed()
              ? "dnnl_deconvolution_forward_primitive_desc_create"
              : "dnnl_convolution_forward_primitive_desc_create";
      ConvDescCreate create =
          spec.transposed()
              ? DnnlBindings::deconvolutionForwardPrimitiveDescCreate
              : DnnlBindings::convolutionForwardPrimitiveDescCreate;
      int algorithm = spec.transposed() ? DECONVOLUTION_DIRECT : CONVOLUTION_DIRECT;
      return PrimitiveDesc.find(
          symbol,
          out ->
              create.call(
                  out,
                  Onednn.engine(),
                  FORWARD_INFERENCE,
                  algorithm,
                  d.src.address(),
                  d.weights.address(),
                  address(d.bias),
                  d.dst.address(),
                  strides,
                  dilates,
                  before,
                  after,
                  attributes.address()));
    }
  }

  /// What oneDNN's functions for both directions take, in its order.
  private interface ConvDescCreate {
    int call(
        MemorySegment descOut,
        MemorySegment engine,
        int propKind,
        int algorithm,
        MemorySegment src,
        MemorySegment weights,
        MemorySegment bias,
        MemorySegment dst,
        MemorySegment strides,
        MemorySegment dilates,
        MemorySegment padLeft,
        MemorySegment padRight,
        MemorySegment attr);
  }

  private static long[] longs(List<Integer> values) {
    return values.stream().mapToLong(v -> v).toArray();
  }

  /// Of a transposed convolution what is taken off at the end, below 0 where pixels are added: as
  /// the output's size says.
  private static long[] padsAfter(Conv spec) {
    Window w = spec.window();
    long[] pads = longs(w.padsAfter());
    for (int axis = 0; axis < pads.length && spec.transposed(); axis++) {
      long whole = (spec.x().shape().size(2 + axis) - 1) * w.strides().get(axis) + w.extent(axis);
      pads[axis] = whole - w.padsBefore().get(axis) - spec.y().shape().size(2 + axis);
    }
    return pads;
  }

  private static boolean isTrusted(Conv spec, PrimitiveDesc implementation) {
    return ConvFaults.none(spec, implementation.implementation());
  }

  static Answer linear(Linear spec, KernelContext context) {
    if (!LayerPostOps.accepts(spec.y(), spec.post())) {
      return postOpsRefused(spec.y(), spec.post());
    }
    SourceForm form = SourceForm.of(spec);
    return form.isAsItIs()
        ? linearAsItIs(spec, context)
        : form.serve(linearAsItIs(form.formed(spec), context), spec.x(), spec.weights().channels());
  }

  private static Answer linearAsItIs(Linear spec, KernelContext context) {
    if (roundsSums(spec.x(), spec.y(), spec.weights())) {
      return sumsRefused();
    }
    Supplier<Answer> product = () -> Operation.answer(context, draft -> linear(draft, spec));
    return SingleRow.serves(spec) ? first(pixel(spec, context), product) : product.get();
  }

  /// On one thread: sharing out one pixel costs more than it saves.
  private static Answer pixel(Linear spec, KernelContext context) {
    Conv conv = SingleRow.of(spec);
    return switch (convAsItIs(conv, LayerKernels::isTrusted, context.withThreads(1))) {
      case Offers offers -> offers.map(o -> o.by(c -> o.make(c.withThreads(1))));
      case Refused refused -> refused;
    };
  }

  private static Operation linear(KernelDraft draft, Linear spec) {
    long outputs = spec.weights().values().shape().size(0);
    long inputs = spec.weights().values().shape().size(1);
    int type = MemoryDesc.type(spec.weights().values().type());
    MemoryDesc src = draft.keep(MemoryDesc.of(spec.x()));
    MemoryDesc weights = draft.keep(MemoryDesc.any(type, inputs, outputs));
    MemoryDesc plain =
        draft.keep(MemoryDesc.strided(type, new long[] {inputs, outputs}, new long[] {1, inputs}));
    MemoryDesc bias =
        hasBias(spec.weights()) ? draft.keep(MemoryDesc.dense(F32, 1, outputs)) : null;
    MemoryDesc dst = draft.keep(MemoryDesc.of(spec.y()));
    draft.input(ARG_SRC);
    LayerPostOps.add(draft, spec.x(), spec.y(), spec.weights(), spec.post(), 0b10);
    return new Operation(
        a -> findMatMul(src, weights, bias, dst, a),
        desc -> !spec.isInt8() || SourceForm.isPreparedFor(desc.implementation()),
        new Packing(spec.weights().values(), plain),
        arguments(spec.weights()));
  }

  /// @param bias null where there is none
  static Optional<PrimitiveDesc> findMatMul(
      MemoryDesc src, MemoryDesc weights, MemoryDesc bias, MemoryDesc dst, Attributes attributes) {
    return PrimitiveDesc.find(
        "dnnl_matmul_primitive_desc_create",
        out ->
            DnnlBindings.matmulPrimitiveDescCreate(
                out,
                Onednn.engine(),
                src.address(),
                weights.address(),
                address(bias),
                dst.address(),
                attributes.address()));
  }

  /// Whether sums that are asked for as they are could be rounded: oneDNN corrects for a zero point
  /// in float, however small the corrected sum.
  private static boolean roundsSums(TensorDesc x, TensorDesc y, Weights weights) {
    return y.type() == DataType.S32
        && x.quant().zeroPoint() != 0
        && Saturation.largestSum(weights.values().tensor()) > LARGEST_EXACT_FLOAT;
  }

  private static Refused sumsRefused() {
    return new Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, "sums beyond 2^24 with a zero point");
  }

  private static Refused postOpsRefused(TensorDesc y, PostOps post) {
    return new Refused(
        RefusalCode.UNSUPPORTED_ATTRIBUTE,
        post.isResidualThenClamp(y)
            ? "residual " + post.residual() + " into " + y
            : "post-ops " + post.ops());
  }

  private static int[] arguments(Weights weights) {
    IntStream always = IntStream.of(ARG_SRC, ARG_WEIGHTS, ARG_DST);
    return (hasBias(weights) ? IntStream.concat(always, IntStream.of(ARG_BIAS)) : always).toArray();
  }

  private static boolean hasBias(Weights weights) {
    return weights.bias().length > 0;
  }

  private static MemorySegment address(MemoryDesc optional) {
    return optional == null ? MemorySegment.NULL : optional.address();
  }
}
