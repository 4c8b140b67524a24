package io.octet.internal.kernel;

import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Which specs mean nothing: what the records' types allow to be said, but no loops could compute.
public final class SpecCheck {
  private SpecCheck() {}

  /// What {@link KernelSpec} gives no meaning, in words that precede " in conv ..."; null where all
  /// is well.
  public static String whatHasNoMeaning(KernelSpec spec) {
    String layouts = layouts(spec);
    return layouts != null ? layouts : types(spec);
  }

  private static String layouts(KernelSpec spec) {
    List<TensorDesc> values = new ArrayList<>(spec.inputs());
    values.addAll(spec.outputs());
    return switch (spec) {
      case KernelSpec.MatMul _,
          KernelSpec.Softmax _,
          KernelSpec.RuntimeQuantize _,
          KernelSpec.QuantizeRows _,
          KernelSpec.ScaleSums _,
          KernelSpec.Literal _,
          KernelSpec.Recurrence _,
          KernelSpec.Transpose _ ->
          values.stream().allMatch(v -> v.layout() == Layout.ROW_MAJOR) ? null : "channels last";
      case KernelSpec.Binary s when s.y().layout() == Layout.CHANNELS_LAST && !haveOneRank(s) ->
          "several ranks with channels last";
      case KernelSpec.Binary _,
          KernelSpec.Unary _,
          KernelSpec.Resample _,
          KernelSpec.Lookup _,
          KernelSpec.ChannelAffine _,
          KernelSpec.Concat _ ->
          values.stream().map(TensorDesc::layout).distinct().count() == 1 ? null : "two layouts";
      case KernelSpec.Conv _, KernelSpec.Linear _, KernelSpec.Pool _, KernelSpec.Convert _ -> null;
    };
  }

  /// Axes are aligned at the last one, which is no longer the innermost where channels are.
  private static boolean haveOneRank(KernelSpec.Binary s) {
    int rank = s.y().shape().rank();
    return s.inputs().stream().allMatch(x -> x.shape().rank() == rank);
  }

  private static String types(KernelSpec spec) {
    return switch (spec) {
      case KernelSpec.Conv s -> weighted(s.x(), s.y(), s.post());
      case KernelSpec.Linear s -> weighted(s.x(), s.y(), s.post());
      case KernelSpec.MatMul s -> {
        boolean bytes = s.isInt8() && areBytesOfOneScale(s.a(), s.b()) && isReal(s.y());
        yield bytes ? null : onlyFloat(List.of(s.a(), s.b(), s.y()));
      }
      case KernelSpec.Pool s -> {
        boolean same = s.x().type() == s.y().type() && sameQuant(s.x(), s.y());
        boolean means = s.kind() != PoolKind.MAX && s.x().isInt8() && s.y().isInt8();
        boolean real = isReal(s.x()) || s.kind() == PoolKind.MAX && s.x().type().isInt8();
        yield means || same && real ? null : "a pool keeps its input's type and parameters:";
      }
      case KernelSpec.Binary s -> {
        boolean real = isReal(s.a()) && isReal(s.b()) && isReal(s.y()) && areReal(s.post());
        yield real ? null : "raw integers";
      }
      case KernelSpec.Resample s -> isReal(s.x()) && isReal(s.y()) ? null : "raw integers";
      case KernelSpec.Unary s -> isReal(s.x()) && isReal(s.y()) ? null : "raw integers";
      case KernelSpec.Lookup s -> s.x().isInt8() && s.y().isInt8() ? null : "no bytes";
      case KernelSpec.Softmax s -> onlyFloat(List.of(s.x(), s.y()));
      case KernelSpec.ChannelAffine s -> onlyFloat(List.of(s.x(), s.y()));
      case KernelSpec.Convert s -> {
        boolean both = isReal(s.x()) && isReal(s.y());
        yield both || s.moves() ? null : "raw integers as reals";
      }
      case KernelSpec.RuntimeQuantize s -> runtime(s);
      case KernelSpec.QuantizeRows s -> {
        boolean quantizes = s.x().type() == DataType.F32 && isDynamic(s.q());
        yield quantizes && s.q().type() == DataType.U8 ? null : "no u8 of floats";
      }
      case KernelSpec.ScaleSums s -> {
        boolean sums = s.acc().type() == DataType.S32 && s.zero().type() == DataType.U8;
        yield sums && s.y().type() == DataType.F32 && areReal(s.post()) ? null : "no sums";
      }
      case KernelSpec.Concat s -> {
        boolean same =
            s.xs().stream().allMatch(x -> x.type() == s.y().type() && sameQuant(x, s.y()));
        yield same ? null : "inputs of several types or parameters";
      }
      case KernelSpec.Recurrence s -> {
        boolean real = s.gates().type() == DataType.F32 && !s.recurrent().isInt8();
        yield real ? null : "integers";
      }
      case KernelSpec.Literal s -> {
        boolean plain =
            s.inputs().stream().noneMatch(TensorDesc::isInt8)
                && s.outputs().stream().noneMatch(TensorDesc::isInt8);
        yield plain ? null : "quantized values";
      }
      case KernelSpec.Transpose s -> s.x().type() == s.y().type() ? null : "two types";
    };
  }

  private static String weighted(TensorDesc x, TensorDesc y, PostOps post) {
    if (!isReal(x) || !isReal(y) && y.type() != DataType.S32 || !areReal(post)) {
      return "raw integers";
    }
    return y.type() == DataType.S32 && !x.isInt8() ? "raw accumulators of floats" : null;
  }

  private static String runtime(KernelSpec.RuntimeQuantize s) {
    boolean quantizes = s.x().type() == DataType.F32 && s.y().type().isInt8() && isDynamic(s.y());
    boolean dequantizes = s.y().type() == DataType.F32 && isDynamic(s.x());
    return quantizes || dequantizes ? null : "neither quantizes nor dequantizes:";
  }

  private static boolean isDynamic(TensorDesc a) {
    return a.encoding() instanceof Encoding.Dynamic;
  }

  private static String onlyFloat(List<TensorDesc> values) {
    return values.stream().allMatch(v -> v.type() == DataType.F32) ? null : "integers";
  }

  private static boolean areBytesOfOneScale(TensorDesc a, TensorDesc b) {
    return a.isInt8() && b.isInt8() && a.quant().isPerTensor() && b.quant().isPerTensor();
  }

  private static boolean areReal(PostOps post) {
    return post.operands().stream().allMatch(SpecCheck::isReal);
  }

  /// Whether the elements stand for real numbers.
  private static boolean isReal(TensorDesc a) {
    return a.type() == DataType.F32 || a.isInt8();
  }

  private static boolean sameQuant(TensorDesc a, TensorDesc b) {
    return Objects.equals(a.quant(), b.quant());
  }
}
