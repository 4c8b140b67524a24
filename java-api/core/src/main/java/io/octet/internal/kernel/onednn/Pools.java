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
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

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
    if (includesPad && anyAxis(spec, axis -> after(spec, axis) > w.padsAfter().get(axis))) {
      return Optional.of("an average that counts its padding, with ceil_mode");
    }
    // oneDNN pads with the integer 0, whatever stands for the real 0.
    if (includesPad && spec.x().isInt8() && spec.x().quant().zeroPoint() != 0) {
      return Optional.of("an average that counts its padding, with a zero point");
    }
    if (anyAxis(spec, axis -> w.kernel().get(axis) > Math.max(MOST_TAPS, size(spec, axis)))) {
      return Optional.of("a window of more taps than the image has rows or columns");
    }
    boolean apart = anyAxis(spec, axis -> dilation(w, axis) >= size(spec, axis));
    boolean outside =
        anyAxis(
            spec, axis -> Math.max(w.padsBefore().get(axis), after(spec, axis)) >= w.extent(axis));
    return apart || outside
        ? Optional.of("a window that may lie outside the image")
        : Optional.empty();
  }

  private static boolean anyAxis(Pool spec, IntPredicate condition) {
    return IntStream.range(0, spec.window().axes()).anyMatch(condition);
  }

  private static long size(Pool spec, int axis) {
    return spec.x().shape().size(2 + axis);
  }

  /// Padding behind the last pixel of a spatial axis: the window's own, unless the output is larger
  /// than that allows, as with ceil_mode.
  private static long after(Pool spec, int axis) {
    Window w = spec.window();
    long out = spec.y().shape().size(2 + axis);
    long reached = (out - 1) * w.strides().get(axis) + w.extent(axis);
    return Math.max(w.padsAfter().get(axis), reached - size(spec, axis) - w.padsBefore().get(axis));
  }

  /// 0-based, as oneDNN counts; a single tap has none.
  private static int dilation(Window w, int axis) {
    return w.kernel().get(axis) == 1 ? 0 : w.dilations().get(axis) - 1;
  }

  private static long[] each(Window w, IntToLongFunction of) {
    return IntStream.range(0, w.axes()).mapToLong(of).toArray();
  }

  private static Optional<PrimitiveDesc> find(
      MemoryDesc src, MemoryDesc dst, Pool spec, Attributes attributes) {
    Window w = spec.window();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment strides = MemoryDesc.dims(arena, each(w, w.strides()::get));
      MemorySegment kernel = MemoryDesc.dims(arena, each(w, w.kernel()::get));
      MemorySegment dilation = MemoryDesc.dims(arena, each(w, axis -> dilation(w, axis)));
      MemorySegment before = MemoryDesc.dims(arena, each(w, w.padsBefore()::get));
      MemorySegment after = MemoryDesc.dims(arena, each(w, axis -> after(spec, axis)));
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
