package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.FORWARD_INFERENCE;
import static io.octet.internal.ffi.DnnlConstants.SOFTMAX_ACCURATE;

import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;

/// Softmax of floats along any axis.
final class Softmax {
  private Softmax() {}

  static Answer answer(KernelSpec.Softmax spec, KernelContext context) {
    return Operation.answer(
        context,
        draft -> {
          MemoryDesc src = draft.keep(MemoryDesc.of(spec.x()));
          MemoryDesc dst = draft.keep(MemoryDesc.of(spec.y()));
          draft.input(ARG_SRC);
          return new Operation(
              a ->
                  PrimitiveDesc.find(
                      "dnnl_softmax_forward_primitive_desc_create",
                      out ->
                          DnnlBindings.softmaxForwardPrimitiveDescCreate(
                              out,
                              Onednn.engine(),
                              FORWARD_INFERENCE,
                              SOFTMAX_ACCURATE,
                              src.address(),
                              dst.address(),
                              Math.floorMod(spec.axis(), spec.x().shape().rank()),
                              a.address())),
              ARG_SRC,
              ARG_DST);
        });
  }
}
