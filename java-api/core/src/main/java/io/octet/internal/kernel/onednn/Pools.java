package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.FORWARD_INFERENCE;
import static io.octet.internal.ffi.DnnlConstants.POOLING_AVG_EXCLUDE_PADDING;
import static io.octet.internal.ffi.DnnlConstants.POOLING_AVG_INCLUDE_PADDING;
import static io.octet.internal.ffi.DnnlConstants.POOLING_MAX;

import io.octet.graph.op.Window;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec.Pool;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.RefusalCode;
import io.octet.tensor.QuantParams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Maximum and average pooling.
final class Pools {
  /// Of a row or a column, where the image has fewer: oneDNN takes time for each tap to make a
  /// pool, with 2^30 of them half a minute.
  private static final int MOST_TAPS = 64;

  private Pools() {}

  static Answer pool(Pool spec, KernelContext context) {
    if (context.exact() && spec.x().isInt8() && spec.kind() != PoolKind.MAX) {
      return new Answer.Refused(
          RefusalCode.UNSUPPORTED_ATTRIBUTE,
          "oneDNN multiplies a sum by 1 / n, a mean divides by n");
    }
    Optional<String> refusal = refusal(spec);
    if (refusal.isPresent()) {
      return new Answer.Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, refusal.get());
    }
    return Operation.answer(
        context,
        draft -> {
          MemoryDesc src = draft.keep(MemoryDesc.of(spec.x()));
          MemoryDesc dst = draft.keep(MemoryDesc.of(spec.y()));
          draft.input(ARG_SRC);
          roundFirst(draft, spec);
          return new Operation(a -> find(src, dst, spec, a), ARG_SRC, ARG_DST);
        });
  }

  /// oneDNN rounds the mean of the integers as they stand, zero point included: at a tie that
  /// differs from the mean's steps, rounded, where the zero point is odd. The output's steps come
  /// by a product, where the definition divides: within one step.
  private static void roundFirst(KernelDraft draft, Pool spec) {
    if (spec.kind() == PoolKind.MAX || !spec.x().isInt8()) {
      return;
    }
    QuantParams from = spec.x().quant();
    QuantParams to = spec.y().quant();
    boolean odd = to.zeroPoint() % 2 != 0;
    if (!odd && !spec.requantizes()) {
      return;
    }
    double factor = (double) from.scale() / to.scale();
    double shift = -factor * from.zeroPoint() + (odd ? 0 : to.zeroPoint());
    draft.postOp(new PostOp.Linear((float) factor, (float) shift));
    if (odd) {
      draft.postOp(new PostOp.Round());
      draft.postOp(new PostOp.Linear(1, to.zeroPoint()));
    }
  }

  private static Optional<String> refusal(Pool spec) {
    Window w = spec.window();
    boolean includesPad = spec.kind() == PoolKind.AVERAGE_INCLUDE_PAD;
    if (includesPad && (after(spec, 0) > w.padBottom() || after(spec, 1) > w.padRight())) {
      return Optional.of("an average that counts its padding, with ceil_mode");
    }
    // oneDNN pads with the integer 0, whatever stands for the real 0.
    if (includesPad && spec.x().isInt8() && spec.x().quant().zeroPoint() != 0) {
      return Optional.of("an average that counts its padding, with a zero point");
    }
    if (w.kernelH() > Math.max(MOST_TAPS, spec.x().shape().size(2))
        || w.kernelW() > Math.max(MOST_TAPS, spec.x().shape().size(3))) {
      return Optional.of("a window of more taps than the image has rows or columns");
    }
    boolean apart =
        dilation(w.kernelH(), w.dilationH()) >= spec.x().shape().size(2)
            || dilation(w.kernelW(), w.dilationW()) >= spec.x().shape().size(3);
    boolean outside =
        Math.max(w.padTop(), after(spec, 0)) >= w.extentH()
            || Math.max(w.padLeft(), after(spec, 1)) >= w.extentW();
    return apart || outside
        ? Optional.of("a window that may lie outside the image")
        : Optional.empty();
  }

  /// Padding behind the last row (axis 0) or column (axis 1): the window's own, unless the output
  /// is larger than that allows, as with ceil_mode.
  private static long after(Pool spec, int axis) {
    Window w = spec.window();
    long in = spec.x().shape().size(2 + axis);
    long out = spec.y().shape().size(2 + axis);
    return axis == 0
        ? Math.max(w.padBottom(), (out - 1) * w.strideH() + w.extentH() - in - w.padTop())
        : Math.max(w.padRight(), (out - 1) * w.strideW() + w.extentW() - in - w.padLeft());
  }

  /// 0-based, as oneDNN counts; a single tap has none.
  private static int dilation(int taps, int dilation) {
    return taps == 1 ? 0 : dilation - 1;
  }

  private static Optional<PrimitiveDesc> find(
      MemoryDesc src, MemoryDesc dst, Pool spec, Attributes attributes) {
    Window w = spec.window();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment strides = MemoryDesc.dims(arena, w.strideH(), w.strideW());
      MemorySegment kernel = MemoryDesc.dims(arena, w.kernelH(), w.kernelW());
      MemorySegment dilation =
          MemoryDesc.dims(
              arena, dilation(w.kernelH(), w.dilationH()), dilation(w.kernelW(), w.dilationW()));
      MemorySegment before = MemoryDesc.dims(arena, w.padTop(), w.padLeft());
      MemorySegment after = MemoryDesc.dims(arena, after(spec, 0), after(spec, 1));
      return PrimitiveDesc.find(
          "dnnl_pooling_forward_primitive_desc_create",
          out ->
              DnnlBindings.poolingForwardPrimitiveDescCreate(
                  out,
                  Onednn.engine(),
                  FORWARD_INFERENCE,
                  algorithm(spec.kind()),
                  src.address(),
                  dst.address(),
                  strides,
                  kernel,
                  dilation,
                  before,
                  after,
                  attributes.address()));
    }
  }

  private static int algorithm(PoolKind kind) {
    return switch (kind) {
      case MAX -> POOLING_MAX;
      case AVERAGE -> POOLING_AVG_EXCLUDE_PADDING;
      case AVERAGE_INCLUDE_PAD -> POOLING_AVG_INCLUDE_PADDING;
    };
  }
}
