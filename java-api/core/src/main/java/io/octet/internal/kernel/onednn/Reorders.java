package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;

import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec.Convert;
import io.octet.internal.kernel.KernelSpec.Transpose;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import java.util.Optional;

/// Changes of type, layout and quantization, and permuted axes: all of them reorders to oneDNN.
final class Reorders {
  private Reorders() {}

  static Optional<PrimitiveDesc> find(MemoryDesc src, MemoryDesc dst, Attributes attributes) {
    return PrimitiveDesc.find(
        "dnnl_reorder_primitive_desc_create",
        out ->
            DnnlBindings.reorderPrimitiveDescCreate(
                out,
                src.address(),
                Onednn.engine(),
                dst.address(),
                Onednn.engine(),
                attributes.address()));
  }

  static Answer convert(Convert spec, KernelContext context) {
    TensorDesc x = spec.x();
    TensorDesc y = spec.y();
    if (isPerChannel(x) || isPerChannel(y)) {
      return new Answer.Refused(
          RefusalCode.UNSUPPORTED_ATTRIBUTE, "parameters per channel in a conversion");
    }
    if (y.isInt8() && !spec.moves()) {
      return new Answer.Refused(
          RefusalCode.UNSUPPORTED_ATTRIBUTE,
          "oneDNN adds the zero point before it rounds, ONNX's QuantizeLinear after");
    }
    return Operation.answer(
        context,
        draft -> {
          MemoryDesc src = draft.keep(MemoryDesc.of(x));
          MemoryDesc dst = draft.keep(MemoryDesc.of(y));
          draft.input(ARG_SRC);
          if (x.isInt8() && !spec.moves()) {
            draft.scales(ARG_SRC, 0, x.quant().scale());
            draft.zeroPoint(ARG_SRC, x.quant().zeroPoint());
          }
          return new Operation(a -> find(src, dst, a), ARG_SRC, ARG_DST);
        });
  }

  private static boolean isPerChannel(TensorDesc value) {
    return value.quant() != null && !value.quant().isPerTensor();
  }

  static Answer transpose(Transpose spec, KernelContext context) {
    int rank = spec.perm().size();
    long[] source = spec.x().strides();
    long[] strides = new long[rank];
    for (int i = 0; i < rank; i++) {
      strides[i] = source[spec.perm().get(i)];
    }
    return Operation.answer(
        context,
        draft -> {
          int type = MemoryDesc.type(spec.x().type());
          // The same elements, named in the order of y's axes.
          MemoryDesc src = draft.keep(MemoryDesc.strided(type, spec.y().shape().sizes(), strides));
          MemoryDesc dst = draft.keep(MemoryDesc.of(spec.y()));
          draft.input(ARG_SRC);
          return new Operation(a -> find(src, dst, a), ARG_SRC, ARG_DST);
        });
  }
}
