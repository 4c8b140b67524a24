package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_MULTIPLE_SRC;
import static java.lang.foreign.ValueLayout.ADDRESS;

import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec.Concat;
import io.octet.internal.kernel.RefusalCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Values joined along an axis.
final class Concats {
  /// More inputs are accepted when a primitive is made, and fail when it runs.
  private static final int MOST_INPUTS = 512;

  private Concats() {}

  static Answer concat(Concat spec, KernelContext context) {
    int count = spec.xs().size();
    if (count > MOST_INPUTS) {
      return new Answer.Refused(
          RefusalCode.UNSUPPORTED_ATTRIBUTE,
          "%d inputs, oneDNN joins at most %d".formatted(count, MOST_INPUTS));
    }
    int axis = Math.floorMod(spec.axis(), spec.y().shape().rank());
    return Operation.answer(
        context,
        draft -> {
          List<MemoryDesc> srcs =
              spec.xs().stream().map(x -> draft.keep(MemoryDesc.of(x))).toList();
          MemoryDesc dst = draft.keep(MemoryDesc.of(spec.y()));
          IntStream.range(0, count).forEach(i -> draft.input(ARG_MULTIPLE_SRC + i));
          int[] arguments =
              IntStream.concat(
                      IntStream.range(ARG_MULTIPLE_SRC, ARG_MULTIPLE_SRC + count),
                      IntStream.of(ARG_DST))
                  .toArray();
          return new Operation(a -> find(srcs, dst, axis, a), arguments);
        });
  }

  private static Optional<PrimitiveDesc> find(
      List<MemoryDesc> srcs, MemoryDesc dst, int axis, Attributes attributes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment array = arena.allocate(ADDRESS, srcs.size());
      for (int i = 0; i < srcs.size(); i++) {
        array.setAtIndex(ADDRESS, i, srcs.get(i).address());
      }
      return PrimitiveDesc.find(
          "dnnl_concat_primitive_desc_create",
          out ->
              DnnlBindings.concatPrimitiveDescCreate(
                  out,
                  Onednn.engine(),
                  dst.address(),
                  srcs.size(),
                  axis,
                  array,
                  attributes.address()));
    }
  }
}
