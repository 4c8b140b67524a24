package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC_1;
import static io.octet.internal.ffi.DnnlConstants.BINARY_ADD;
import static io.octet.internal.ffi.DnnlConstants.BINARY_MUL;

import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Mul;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.tensor.DataType;
import java.util.OptionalInt;

/// Functions of two values, of which one has the result's shape, and the other too or axes of
/// length 1.
final class Binary {
  private Binary() {}

  static Answer answer(KernelSpec.Binary spec, KernelContext context) {
    int rank = spec.y().shape().rank();
    boolean wholeA = spec.a().shape().equals(spec.y().shape());
    boolean wholeB = spec.b().shape().equals(spec.y().shape());
    boolean commutes = spec.function() instanceof Add || spec.function() instanceof Mul;
    if (!wholeA && !(wholeB && commutes)
        || spec.a().shape().rank() != rank
        || spec.b().shape().rank() != rank
        || spec.a().layout() != spec.y().layout()
        || spec.b().layout() != spec.y().layout()) {
      return unsupported("broadcasting");
    }
    if (spec.post().hasResidual() || !spec.post().isResidualThenClamp(spec.y())) {
      return unsupported("post-ops " + spec.post().ops());
    }
    boolean quantized = spec.a().isInt8() && spec.b().isInt8() && spec.y().isInt8();
    boolean floats =
        spec.a().type() == DataType.F32
            && spec.b().type() == DataType.F32
            && spec.y().type() == DataType.F32;
    OptionalInt algorithm = algorithm(spec.function());
    boolean sum = spec.function() instanceof Add;
    if (algorithm.isEmpty() || !floats && !quantized) {
      return unsupported(spec.function().name() + " of " + spec.describe());
    }
    if (quantized && context.exact()) {
      return unsupported("oneDNN scales and shifts the operands in an order of its own");
    }
    if (quantized
        && !sum
        && (spec.a().quant().zeroPoint() != 0 || spec.b().quant().zeroPoint() != 0)) {
      return unsupported("a product of integers that have a zero point");
    }
    // The second operand is the one that may be narrow.
    int first = wholeA ? ARG_SRC : ARG_SRC_1;
    int second = wholeA ? ARG_SRC_1 : ARG_SRC;
    return Operation.answer(
        context,
        draft -> {
          MemoryDesc a = draft.keep(MemoryDesc.of(wholeA ? spec.a() : spec.b()));
          MemoryDesc b = draft.keep(MemoryDesc.of(wholeA ? spec.b() : spec.a()));
          MemoryDesc y = draft.keep(MemoryDesc.of(spec.y()));
          draft.input(first);
          draft.input(second);
          if (quantized && sum) {
            quantizedSum(draft, spec, first, second);
          } else if (quantized) {
            quantizedProduct(draft, spec);
          } else {
            clamp(draft, spec.post(), 1, 0);
          }
          return new Operation(
              attributes ->
                  PrimitiveDesc.find(
                      "dnnl_binary_primitive_desc_create",
                      out ->
                          DnnlBindings.binaryPrimitiveDescCreate(
                              out,
                              Onednn.engine(),
                              algorithm.getAsInt(),
                              a.address(),
                              b.address(),
                              y.address(),
                              attributes.address())),
              ARG_SRC,
              ARG_SRC_1,
              ARG_DST);
        });
  }

  private static OptionalInt algorithm(io.octet.graph.op.Binary op) {
    return switch (op) {
      case Add() -> OptionalInt.of(BINARY_ADD);
      case Mul() -> OptionalInt.of(BINARY_MUL);
      case io.octet.graph.op.Binary _ -> OptionalInt.empty(); // as with functions of one value
    };
  }

  /// oneDNN's sum has source scales only. So it is computed in the output's steps: `a * sa/sy + b *
  /// sb/sy`, to which the inputs' zero points together add one constant. It is rounded before the
  /// output's zero point is added: at a tie that differs where the zero point is odd.
  private static void quantizedSum(
      KernelDraft draft, KernelSpec.Binary spec, int first, int second) {
    float scale = spec.y().quant().scale();
    double left = (double) spec.a().quant().scale() / scale;
    double right = (double) spec.b().quant().scale() / scale;
    draft.scales(first, 0, (float) left);
    draft.scales(second, 0, (float) right);
    shift(draft, spec, -left * spec.a().quant().zeroPoint() - right * spec.b().quant().zeroPoint());
  }

  /// In the output's steps, too: `a * b * (sa * sb / sy)`.
  private static void quantizedProduct(KernelDraft draft, KernelSpec.Binary spec) {
    double unit = (double) spec.a().quant().scale() * spec.b().quant().scale();
    draft.scales(ARG_SRC, 0, (float) (unit / spec.y().quant().scale()));
    shift(draft, spec, 0);
  }

  /// Adds `by` and the output's zero point, and clamps in between.
  private static void shift(KernelDraft draft, KernelSpec.Binary spec, double by) {
    int zeroPoint = spec.y().quant().zeroPoint();
    boolean rounds = zeroPoint % 2 != 0;
    int early = rounds ? 0 : zeroPoint;
    double shift = early + by;
    if (shift != 0) {
      draft.postOp(new PostOp.Linear(1, (float) shift));
    }
    clamp(draft, spec.post(), spec.y().quant().scale(), early);
    if (rounds) {
      draft.postOp(new PostOp.Round());
      draft.postOp(new PostOp.Linear(1, zeroPoint));
    }
  }

  private static void clamp(KernelDraft draft, PostOps post, float scale, int zeroPoint) {
    if (post.clamps()) {
      float low = post.min() / scale + zeroPoint;
      float high = post.max() / scale + zeroPoint;
      draft.postOp(new PostOp.Clip(low, high));
    }
  }

  private static Answer.Refused unsupported(String what) {
    return new Answer.Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, what);
  }
}
