package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_ABS;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_CLIP;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_ELU;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_GELU_TANH;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_HARDSIGMOID;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_HARDSWISH;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_LOGISTIC;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_RELU;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_SQRT;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_SWISH;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_TANH;
import static io.octet.internal.ffi.DnnlConstants.FORWARD_INFERENCE;

import io.octet.graph.op.Unary.Abs;
import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.Elu;
import io.octet.graph.op.Unary.Gelu;
import io.octet.graph.op.Unary.Gelu.Approximation;
import io.octet.graph.op.Unary.HardSigmoid;
import io.octet.graph.op.Unary.HardSwish;
import io.octet.graph.op.Unary.LeakyRelu;
import io.octet.graph.op.Unary.Relu;
import io.octet.graph.op.Unary.Sigmoid;
import io.octet.graph.op.Unary.Sqrt;
import io.octet.graph.op.Unary.Tanh;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.tensor.DataType;
import java.util.Optional;

/// Functions of one float.
final class Unary {
  private Unary() {}

  static Answer answer(KernelSpec.Unary spec, KernelContext context) {
    if (spec.x().type() != DataType.F32 || spec.y().type() != DataType.F32) {
      return unsupported("a quantized element function is a table of 256");
    }
    Optional<PostOp.Eltwise> function = function(spec.function());
    if (function.isEmpty()) {
      return unsupported(spec.function().name());
    }
    return Operation.answer(
        context,
        draft -> {
          MemoryDesc src = draft.keep(MemoryDesc.of(spec.x()));
          MemoryDesc dst = draft.keep(MemoryDesc.of(spec.y()));
          draft.input(ARG_SRC);
          return new Operation(a -> find(src, dst, function.get(), a), ARG_SRC, ARG_DST);
        });
  }

  /// oneDNN's form of a function; nothing where it has none.
  static Optional<PostOp.Eltwise> function(io.octet.graph.op.Unary op) {
    return switch (op) {
      case Relu() -> Optional.of(new PostOp.Eltwise(ELTWISE_RELU, 0, 0));
      case LeakyRelu(float alpha) -> Optional.of(new PostOp.Eltwise(ELTWISE_RELU, alpha, 0));
      case Clip(float min, float max) -> Optional.of(new PostOp.Eltwise(ELTWISE_CLIP, min, max));
      case Sigmoid() -> Optional.of(new PostOp.Eltwise(ELTWISE_LOGISTIC, 0, 0));
      case HardSigmoid(float alpha, float beta) ->
          Optional.of(new PostOp.Eltwise(ELTWISE_HARDSIGMOID, alpha, beta));
      case HardSwish() -> Optional.of(new PostOp.Eltwise(ELTWISE_HARDSWISH, 1f / 6, 0.5f));
      case Tanh() -> Optional.of(new PostOp.Eltwise(ELTWISE_TANH, 0, 0));
      case Abs() -> Optional.of(new PostOp.Eltwise(ELTWISE_ABS, 0, 0));
      case Sqrt() -> Optional.of(new PostOp.Eltwise(ELTWISE_SQRT, 0, 0));
      case Elu(float alpha) -> Optional.of(new PostOp.Eltwise(ELTWISE_ELU, alpha, 0));
      case Gelu(var approximate) when approximate == Approximation.TANH ->
          Optional.of(new PostOp.Eltwise(ELTWISE_GELU_TANH, 0, 0));
      case io.octet.graph.op.Unary _ ->
          // It has no others, or not to a float's last digits: its logarithm, soft_relu, mish and
          // gelu_erf are off by some 1e-6, and its exp and gelu_erf lose NaN and infinity.
          Optional.empty();
    };
  }

  /// oneDNN's form of a value times that function of itself; nothing where it has none.
  static Optional<PostOp.Eltwise> gate(io.octet.graph.op.Unary op) {
    return op instanceof Sigmoid
        ? Optional.of(new PostOp.Eltwise(ELTWISE_SWISH, 1, 0))
        : Optional.empty();
  }

  private static Optional<PrimitiveDesc> find(
      MemoryDesc src, MemoryDesc dst, PostOp.Eltwise function, Attributes attributes) {
    return PrimitiveDesc.find(
        "dnnl_eltwise_forward_primitive_desc_create",
        out ->
            DnnlBindings.eltwiseForwardPrimitiveDescCreate(
                out,
                Onednn.engine(),
                FORWARD_INFERENCE,
                function.algorithm(),
                src.address(),
                dst.address(),
                function.alpha(),
                function.beta(),
                attributes.address()));
  }

  private static Answer.Refused unsupported(String what) {
    return new Answer.Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, what);
  }
}
