package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.SpecCheck;
import io.octet.internal.kernel.Support;

/// Plain Java loops over every {@link KernelSpec}: the oracle that all other backends are held to.
///
/// Integer sums are exact. Float sums are taken in double and rounded once, so that a backend's own
/// order of summation is measured against something better than another order. What follows an
/// int32 sum (scale, bias, residual, clamp) is float arithmetic in exactly that order.
public final class ReferenceBackend implements Backend {
  /// The loops of one spec over the memory of one workspace.
  private interface Loops {
    Invocation bind(Buffers buffers);
  }

  private record ReferenceKernel(String implementation, Loops loops) implements Kernel {
    @Override
    public String backend() {
      return "reference";
    }

    @Override
    public Invocation bind(Buffers buffers) {
      return loops.bind(buffers);
    }

    @Override
    public void close() {}
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public Support create(KernelSpec spec, KernelContext context) {
    String odd = SpecCheck.whatHasNoMeaning(spec);
    if (odd != null) {
      return new Support.Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, odd + " in " + spec.describe());
    }
    return new Support.Supported(
        switch (spec) {
          case KernelSpec.Conv s -> kernel("conv", b -> WeightedLoops.conv(s, b));
          case KernelSpec.Linear s -> kernel("linear", b -> WeightedLoops.linear(s, b));
          case KernelSpec.MatMul s -> kernel("matmul", b -> MatMulLoops.matMul(s, b));
          case KernelSpec.Pool s -> kernel("pool", b -> PoolLoops.pool(s, b));
          case KernelSpec.Binary s -> kernel("binary", b -> ElementwiseLoops.binary(s, b));
          case KernelSpec.Unary s -> kernel("unary", b -> ElementwiseLoops.unary(s, b));
          case KernelSpec.Softmax s -> kernel("softmax", b -> ElementwiseLoops.softmax(s, b));
          case KernelSpec.ChannelAffine s -> kernel("affine", b -> ElementwiseLoops.affine(s, b));
          case KernelSpec.Convert s -> kernel("convert", b -> MovementLoops.convert(s, b));
          case KernelSpec.RuntimeQuantize s ->
              kernel("runtime-quantize", b -> MovementLoops.runtimeQuantize(s, b));
          case KernelSpec.Concat s -> kernel("concat", b -> MovementLoops.concat(s, b));
          case KernelSpec.Transpose s -> kernel("transpose", b -> MovementLoops.transpose(s, b));
        });
  }

  private static Kernel kernel(String implementation, Loops loops) {
    return new ReferenceKernel(implementation, loops);
  }
}
