package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Support;
import io.octet.tensor.DataType;
import java.util.List;

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
    String odd = whatHasNoMeaning(spec);
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

  /// What the records allow to be said but {@link KernelSpec} gives no meaning, or null.
  private static String whatHasNoMeaning(KernelSpec spec) {
    return switch (spec) {
      case KernelSpec.Conv s -> weighted(s.x(), s.y());
      case KernelSpec.Linear s -> weighted(s.x(), s.y());
      case KernelSpec.MatMul s -> onlyFloat(List.of(s.a(), s.b(), s.y()));
      case KernelSpec.Pool s -> {
        boolean same = s.x().type() == s.y().type() && sameQuant(s.x(), s.y());
        yield same && isReal(s.x()) ? null : "a pool keeps its input's type and parameters:";
      }
      case KernelSpec.Binary s -> {
        if (s.post().hasResidual()) {
          yield "a residual";
        }
        yield isReal(s.a()) && isReal(s.b()) && isReal(s.y()) ? null : "raw integers";
      }
      case KernelSpec.Unary s -> {
        if (Functions.of(s.function()) == null) {
          yield s.function().name() + " is no function of one value:";
        }
        yield isReal(s.x()) && isReal(s.y()) ? null : "raw integers";
      }
      case KernelSpec.Softmax s -> onlyFloat(List.of(s.x(), s.y()));
      case KernelSpec.ChannelAffine s -> onlyFloat(List.of(s.x(), s.y()));
      case KernelSpec.Convert s -> {
        boolean both = isReal(s.x()) && isReal(s.y());
        yield both || s.x().type() == s.y().type() ? null : "raw integers as reals";
      }
      case KernelSpec.RuntimeQuantize s -> runtime(s);
      case KernelSpec.Concat s -> {
        boolean same =
            s.xs().stream().allMatch(x -> x.type() == s.y().type() && sameQuant(x, s.y()));
        yield same ? null : "inputs of several types or parameters";
      }
      case KernelSpec.Transpose s -> s.x().type() == s.y().type() ? null : "two types";
    };
  }

  private static String weighted(Activation x, Activation y) {
    if (!isReal(x) || !isReal(y) && y.type() != DataType.S32) {
      return "raw integers";
    }
    return y.type() == DataType.S32 && !x.isInt8() ? "raw accumulators of floats" : null;
  }

  private static String runtime(KernelSpec.RuntimeQuantize s) {
    boolean quantizes = s.x().type() == DataType.F32 && s.y().isInt8();
    boolean dequantizes =
        s.y().type() == DataType.F32 && (s.x().isInt8() || s.x().type() == DataType.S32);
    return quantizes || dequantizes ? null : "neither quantizes nor dequantizes:";
  }

  private static String onlyFloat(List<Activation> values) {
    return values.stream().allMatch(v -> v.type() == DataType.F32) ? null : "integers";
  }

  /// Whether the elements stand for real numbers.
  private static boolean isReal(Activation a) {
    return a.type() == DataType.F32 || a.isInt8();
  }

  private static boolean sameQuant(Activation a, Activation b) {
    return java.util.Objects.equals(a.quant(), b.quant());
  }
}
