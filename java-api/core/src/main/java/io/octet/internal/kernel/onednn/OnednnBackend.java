package io.octet.internal.kernel.onednn;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.DnnlConstants;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Answer.Refused;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.SpecCheck;
import io.octet.internal.kernel.TensorDesc;
import java.util.ArrayList;
import java.util.List;

/// oneDNN's kernels, for what it computes fast and exactly on this processor.
public final class OnednnBackend implements Backend {
  static final String NAME = "onednn";

  private final ConvFaults.Trust trust;

  /// Passes over the implementations that were seen to fail.
  public OnednnBackend() {
    this(ConvFaults::none);
  }

  /// @param trust which implementations may serve a convolution
  OnednnBackend(ConvFaults.Trust trust) {
    this.trust = trust;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Answer offers(KernelSpec spec, KernelContext context) {
    return switch (Natives.onednn()) {
      case Unavailable(String reason) -> new Refused(RefusalCode.BACKEND_UNAVAILABLE, reason);
      case Available available -> {
        DnnlIsa.effective(); // a cap that is no instruction set is the caller's mistake, said here
        String obstacle = obstacle(spec);
        yield obstacle == null ? kernel(spec, context) : refuse(obstacle);
      }
    };
  }

  private Answer kernel(KernelSpec spec, KernelContext context) {
    return switch (spec) {
      case KernelSpec.Conv conv -> LayerKernels.conv(conv, context, trust);
      case KernelSpec.Linear linear -> LayerKernels.linear(linear, context);
      case KernelSpec.MatMul matMul -> MatMuls.matMul(matMul, context);
      case KernelSpec.Pool pool -> Pools.pool(pool, context);
      case KernelSpec.Binary binary -> Binary.answer(binary, context);
      case KernelSpec.Unary unary -> Unary.answer(unary, context);
      case KernelSpec.Resample resample -> new Refused(RefusalCode.UNSUPPORTED_OP, "another size");
      case KernelSpec.Lookup lookup -> new Refused(RefusalCode.UNSUPPORTED_OP, "a table of 256");
      case KernelSpec.Softmax softmax -> Softmax.answer(softmax, context);
      case KernelSpec.Convert convert -> Reorders.convert(convert, context);
      case KernelSpec.Transpose transpose -> Reorders.transpose(transpose, context);
      case KernelSpec.Concat concat -> Concats.concat(concat, context);
      case KernelSpec.QuantizeRows quantize ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "ranges of rows at run time");
      case KernelSpec.ScaleSums scale ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "scales of rows at run time");
      case KernelSpec.RuntimeQuantize quantize ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "parameters at run time");
      case KernelSpec.ChannelAffine affine ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "an affine function per channel");
      case KernelSpec.Recurrence recurrence ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "a recurrence");
      case KernelSpec.Literal literal
          when literal.op() instanceof io.octet.graph.op.Normalization op ->
          Normalization.answer(op, literal, context);
      case KernelSpec.Literal literal ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "an operator by its definition");
    };
  }

  /// What of the spec oneDNN cannot even be told; null where it can be asked.
  private static String obstacle(KernelSpec spec) {
    String odd = SpecCheck.whatHasNoMeaning(spec);
    if (odd != null) {
      return odd + " in " + spec.describe();
    }
    List<TensorDesc> values = new ArrayList<>(spec.inputs());
    values.addAll(spec.outputs());
    for (TensorDesc value : values) {
      if (value.shape().elements() == 0) {
        return "an empty value";
      }
      if (!MemoryDesc.has(value.type())) {
        return "oneDNN has no " + value.type();
      }
      if (value.shape().rank() > DnnlConstants.MAX_NDIMS) {
        return "a value of %d axes, oneDNN has at most %d"
            .formatted(value.shape().rank(), DnnlConstants.MAX_NDIMS);
      }
    }
    return null;
  }

  private static Refused refuse(String what) {
    return new Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, what);
  }
}
