package io.octet.internal.kernel.fbgemm;

import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Support;
import io.octet.internal.kernel.Support.Refused;

/// FBGEMM's int8 convolutions and linear layers. Whatever it cannot compute exactly it refuses. Its
/// library is loaded when the first int8 layer is asked for.
public final class FbgemmBackend implements Backend {
  static final String NAME = "fbgemm";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Support create(KernelSpec spec, KernelContext context) {
    return switch (spec) {
      case KernelSpec.Conv conv when conv.isInt8() ->
          created(Layer.of(conv), () -> PackedConv.share(conv, context.packed()), context);
      case KernelSpec.Linear linear when linear.isInt8() ->
          created(Layer.of(linear), () -> PackedLinear.share(linear, context.packed()), context);
      case KernelSpec.Conv _,
          KernelSpec.Linear _,
          KernelSpec.MatMul _,
          KernelSpec.Pool _,
          KernelSpec.Binary _,
          KernelSpec.Unary _,
          KernelSpec.Softmax _,
          KernelSpec.Convert _,
          KernelSpec.Transpose _,
          KernelSpec.Concat _,
          KernelSpec.RuntimeQuantize _,
          KernelSpec.ChannelAffine _ ->
          new Refused(RefusalCode.UNSUPPORTED_OP, "FBGEMM computes layers in int8 alone");
    };
  }

  /// Packs the weights, once for a session.
  private interface Packing {
    PackedLayer pack();
  }

  private static Support created(Layer layer, Packing packing, KernelContext context) {
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
    PackedLayer packed = packing.pack();
    if (packed.writesBeyondItsOutput()) {
      return new Refused(
          RefusalCode.UNSUPPORTED_ATTRIBUTE,
          "FBGEMM's " + packed.algorithm() + " writes beyond outputs of these channels");
    }
    String here = Exactness.doubtOfAlgorithm(layer, packed);
    return here != null
        ? new Refused(RefusalCode.WOULD_SATURATE, here)
        : new Support.Supported(new FbgemmKernel(layer, packed, context.threads()));
  }
}
