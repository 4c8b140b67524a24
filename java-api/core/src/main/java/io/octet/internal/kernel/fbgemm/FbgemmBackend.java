package io.octet.internal.kernel.fbgemm;

import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Answer.Refused;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.RefusalCode;

/// FBGEMM's int8 convolutions and linear layers. Whatever it cannot compute exactly it refuses. Its
/// library is loaded when the first int8 layer is asked for.
public final class FbgemmBackend implements Backend {
  static final String NAME = "fbgemm";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Answer offers(KernelSpec spec, KernelContext context) {
    return switch (spec) {
      case KernelSpec.Conv s when s.transposed() || s.window().axes() != 2 ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "FBGEMM convolves images of two axes");
      case KernelSpec.Conv conv when conv.isInt8() ->
          offered(LayerSpec.of(conv), PackedConv.of(conv));
      case KernelSpec.Linear linear when linear.isInt8() ->
          offered(LayerSpec.of(linear), PackedLinear.of(linear));
      case KernelSpec.Conv _,
          KernelSpec.Linear _,
          KernelSpec.MatMul _,
          KernelSpec.Pool _,
          KernelSpec.Binary _,
          KernelSpec.Unary _,
          KernelSpec.Resample _,
          KernelSpec.Lookup _,
          KernelSpec.Softmax _,
          KernelSpec.Convert _,
          KernelSpec.Transpose _,
          KernelSpec.Concat _,
          KernelSpec.RuntimeQuantize _,
          KernelSpec.QuantizeRows _,
          KernelSpec.ScaleSums _,
          KernelSpec.ChannelAffine _,
          KernelSpec.Recurrence _,
          KernelSpec.Literal _ ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "FBGEMM computes layers in int8 alone");
    };
  }

  private static Answer offered(LayerSpec layer, Packing packing) {
    String obstacle = layer.obstacle();
    if (obstacle != null) {
      return new Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, obstacle);
    }
    if (Natives.fbgemm() instanceof Unavailable(String reason)) {
      return new Refused(RefusalCode.BACKEND_UNAVAILABLE, reason);
    }
    String everywhere = Exactness.doubtOfProcessor(layer);
    if (everywhere != null) {
      return new Refused(RefusalCode.WOULD_SATURATE, everywhere);
    }
    Algorithm algorithm = packing.algorithm();
    if (algorithm.writesBeyond(layer.weights().channels())) {
      return new Refused(
          RefusalCode.UNSUPPORTED_ATTRIBUTE,
          "FBGEMM's " + algorithm.name() + " writes beyond outputs of these channels");
    }
    String here = Exactness.doubtOfAlgorithm(layer, algorithm);
    if (here != null) {
      return new Refused(RefusalCode.WOULD_SATURATE, here);
    }
    return Answer.of(
        new Offer(
            FbgemmKernel.implementation(algorithm),
            0,
            layer.weights().values().bytes(),
            c -> new FbgemmKernel(layer, packing.share(c.packed()), c.threads())));
  }
}
