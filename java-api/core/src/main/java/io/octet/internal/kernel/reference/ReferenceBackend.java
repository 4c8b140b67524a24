package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.SpecCheck;

/// Plain Java loops over every {@link KernelSpec}: the oracle that all other backends are held to.
///
/// Integer sums are exact. Float sums are taken in double and rounded once, so that a backend's own
/// order of summation is measured against something better than another order. What follows an
/// int32 sum (scale, bias, post-ops) is float arithmetic in exactly that order.
public final class ReferenceBackend implements Backend {
  /// By which backend and kernels are known.
  public static final String NAME = "reference";

  private record ReferenceKernel(String implementation, KernelSpec spec) implements Kernel {
    @Override
    public String backend() {
      return NAME;
    }

    @Override
    public Call bind(Buffers buffers) {
      return new Call.Java(() -> run(buffers));
    }

    private void run(Buffers buffers) {
      for (int i = 0; i < spec.outputs().size(); i++) {
        Oracle oracle = Oracle.of(spec, i, buffers);
        long count = spec.outputs().get(i).shape().elements();
        for (long k = 0; k < count; k++) {
          oracle.compute(k);
        }
      }
    }

    @Override
    public void close() {}
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Answer offers(KernelSpec spec, KernelContext context) {
    String odd = SpecCheck.whatHasNoMeaning(spec);
    if (odd != null) {
      return new Answer.Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, odd + " in " + spec.describe());
    }
    String implementation = implementation(spec);
    return Answer.of(implementation, made -> new ReferenceKernel(implementation, spec.kept()));
  }

  private static String implementation(KernelSpec spec) {
    return switch (spec) {
      case KernelSpec.Conv _ -> "conv";
      case KernelSpec.Linear _ -> "linear";
      case KernelSpec.MatMul _ -> "matmul";
      case KernelSpec.Pool _ -> "pool";
      case KernelSpec.Binary _ -> "binary";
      case KernelSpec.Unary _ -> "unary";
      case KernelSpec.Resample _ -> "resample";
      case KernelSpec.Lookup _ -> "lookup";
      case KernelSpec.Softmax _ -> "softmax";
      case KernelSpec.ChannelAffine _ -> "affine";
      case KernelSpec.Convert _ -> "convert";
      case KernelSpec.RuntimeQuantize _ -> "runtime-quantize";
      case KernelSpec.QuantizeRows _ -> "quantize-rows";
      case KernelSpec.ScaleSums _ -> "scale-sums";
      case KernelSpec.Concat _ -> "concat";
      case KernelSpec.Transpose _ -> "transpose";
      case KernelSpec.Recurrence _ -> "recurrence";
      case KernelSpec.Literal _ -> "literal";
    };
  }
}
