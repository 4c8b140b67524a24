package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_BIAS;
import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;
import static io.octet.internal.ffi.DnnlConstants.BINARY_ADD;
import static io.octet.internal.ffi.DnnlConstants.DATA_TYPE_UNDEF;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import java.util.Optional;

/// What a convolution or linear layer does with its sums, in oneDNN's words: `acc * sx * sw +
/// bias`, then the residual, then the clamp, then the division by the output's scale.
final class LayerPostOps {
  private LayerPostOps() {}

  /// Whether this is a list that is known here, whose residual oneDNN can add: in place where it
  /// has the output's width, as a float operand else.
  static boolean accepts(TensorDesc y, PostOps post) {
    boolean residual =
        !post.hasResidual()
            || post.residual().layout() == y.layout()
                && (post.residual().type() == DataType.F32 || y.isInt8());
    return post.isFunction() ? function(post).isPresent() : post.isResidualThenClamp(y) && residual;
  }

  private static Optional<PostOp.Eltwise> function(PostOps post) {
    return switch (post.ops().getFirst()) {
      case PostOps.Apply(var function) -> Unary.function(function);
      case PostOps.Gate(var function) -> Unary.gate(function);
      case PostOps.Add _, PostOps.Mul _, PostOps.Clamp _ -> Optional.empty();
    };
  }

  /// Adds scales, zero points, bias and post-ops to the draft, and the residual to its inputs.
  ///
  /// @param perChannel the mask of weight scales that vary with the output channel
  static void add(
      KernelDraft draft,
      TensorDesc x,
      TensorDesc y,
      Weights weights,
      PostOps post,
      int perChannel) {
    if (x.isInt8()) {
      draft.zeroPoint(ARG_SRC, x.quant().zeroPoint());
      if (y.type() != DataType.S32) {
        draft.scales(ARG_SRC, 0, x.quant().scale());
        draft.scales(ARG_WEIGHTS, weights.scales().length == 1 ? 0 : perChannel, weights.scales());
      }
    }
    if (y.isInt8()) {
      draft.scales(ARG_DST, 0, y.quant().scale());
      draft.zeroPoint(ARG_DST, y.quant().zeroPoint());
    }
    if (weights.bias().length > 0) {
      draft.constant(ARG_BIAS, weights.bias());
    }
    if (post.hasResidual()) {
      residual(draft, post.residual(), y);
    }
    if (post.isFunction()) {
      draft.postOp(function(post).orElseThrow());
      return;
    }
    clamp(draft, post, y);
  }

  private static void residual(KernelDraft draft, TensorDesc residual, TensorDesc y) {
    if (residual.type() == DataType.F32 && y.isInt8()) {
      MemoryDesc operand = draft.keep(MemoryDesc.of(residual));
      draft.input(Attributes.postOpOperand(draft.postOp(new PostOp.Binary(BINARY_ADD, operand))));
      return;
    }
    float scale = residual.isInt8() ? residual.quant().scale() : 1;
    int zeroPoint = residual.isInt8() ? residual.quant().zeroPoint() : 0;
    boolean sameType = residual.type() == y.type();
    int type = sameType ? DATA_TYPE_UNDEF : MemoryDesc.type(residual.type());
    draft.postOp(new PostOp.Sum(scale, zeroPoint, type));
    draft.input(KernelDraft.IN_PLACE);
  }

  private static void clamp(KernelDraft draft, PostOps post, TensorDesc y) {
    if (!post.clamps() || saturationClamps(post, y)) {
      return;
    }
    boolean relu = post.isRelu() && !multipliesInRelu();
    draft.postOp(relu ? new PostOp.Relu() : new PostOp.Clip(post.min(), post.max()));
  }

  /// Before AVX2 a convolution's ReLU is a product with 0, which of negative infinity makes NaN.
  private static boolean multipliesInRelu() {
    DnnlIsa isa = DnnlIsa.effective();
    return isa == DnnlIsa.SSE41 || isa == DnnlIsa.AVX;
  }

  /// Whether the output's own range cuts at least as much: a ReLU into u8 with zero point 0.
  private static boolean saturationClamps(PostOps post, TensorDesc y) {
    if (!y.isInt8()) {
      return false;
    }
    float scale = y.quant().scale();
    int zeroPoint = y.quant().zeroPoint();
    return QuantMath.quantize(post.min(), scale, zeroPoint, y.type()) == y.type().min()
        && QuantMath.quantize(post.max(), scale, zeroPoint, y.type()) == y.type().max();
  }
}
