package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec.MatMul;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;

/// Products of two activations.
final class MatMuls {
  private MatMuls() {}

  static Answer matMul(MatMul spec, KernelContext context) {
    int rank = spec.y().shape().rank();
    if (spec.a().shape().rank() < 2 || spec.b().shape().rank() < 2) {
      return new Answer.Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, "a vector in a matrix product");
    }
    Answer.Refused obstacle = spec.isInt8() ? int8Obstacle(spec, context) : null;
    if (obstacle != null) {
      return obstacle;
    }
    return Operation.answer(
        context,
        draft -> {
          MemoryDesc a = draft.keep(operand(spec.a(), spec.transA(), rank));
          MemoryDesc b = draft.keep(operand(spec.b(), spec.transB(), rank));
          MemoryDesc y = draft.keep(MemoryDesc.of(spec.y()));
          draft.input(ARG_SRC);
          draft.input(ARG_WEIGHTS);
          if (spec.isInt8()) {
            quantize(draft, spec);
          }
          if (spec.alpha() != 1) {
            draft.postOp(new PostOp.Linear(spec.alpha(), 0));
          }
          return new Operation(
              attributes -> LayerKernels.findMatMul(a, b, null, y, attributes),
              ARG_SRC,
              ARG_WEIGHTS,
              ARG_DST);
        });
  }

  /// Why oneDNN does not multiply these bytes, or not as it should; null where it does.
  private static Answer.Refused int8Obstacle(MatMul spec, KernelContext context) {
    if (context.exact()) {
      return new Answer.Refused(
          RefusalCode.UNSUPPORTED_ATTRIBUTE,
          "oneDNN scales and shifts the sums in an order of its own");
    }
    if (!DnnlIsa.effective().hasVnni()) {
      return new Answer.Refused(
          RefusalCode.WOULD_SATURATE, "without VNNI sums of two activations could saturate");
    }
    return spec.b().type() == DataType.U8
        ? new Answer.Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, "a right operand of u8")
        : null;
  }

  private static void quantize(KernelDraft draft, MatMul spec) {
    scale(draft, ARG_SRC, spec.a());
    scale(draft, ARG_WEIGHTS, spec.b());
    if (spec.y().isInt8()) {
      scale(draft, ARG_DST, spec.y());
    }
  }

  private static void scale(KernelDraft draft, int argument, TensorDesc value) {
    draft.scales(argument, 0, value.quant().scale());
    draft.zeroPoint(argument, value.quant().zeroPoint());
  }

  /// The operand as `rank` axes, those in front of length 1, its last two exchanged where asked.
  private static MemoryDesc operand(TensorDesc value, boolean transposed, int rank) {
    long[] sizes = value.shape().sizes();
    long[] strides = MemoryDesc.denseStrides(sizes);
    int missing = rank - sizes.length;
    long[] dims = new long[rank];
    long[] steps = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = i < missing ? 1 : sizes[i - missing];
      steps[i] = i < missing ? value.shape().elements() : strides[i - missing];
    }
    if (transposed) {
      swapLast(dims);
      swapLast(steps);
    }
    return MemoryDesc.strided(MemoryDesc.type(value.type()), dims, steps);
  }

  private static void swapLast(long[] values) {
    int last = values.length - 1;
    long kept = values[last];
    values[last] = values[last - 1];
    values[last - 1] = kept;
  }
}
