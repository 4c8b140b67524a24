package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.SpecCheck;
import io.octet.internal.kernel.TensorDesc;
import java.util.ArrayList;
import java.util.List;

/// Production kernels in Java, of one thread each: data movement, elementwise and small operators,
/// and layers in FP32. A kernel allocates its arrays when it is bound and none when it runs.
public final class JvmBackend implements Backend {
  static final String NAME = "jvm";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Answer offers(KernelSpec spec, KernelContext context) {
    String odd = SpecCheck.whatHasNoMeaning(spec);
    if (odd != null) {
      return refused(odd + " in " + spec.describe());
    }
    return switch (spec) {
      case KernelSpec.Conv s when s.isInt8() -> noInt8();
      case KernelSpec.Linear s when s.isInt8() -> noInt8();
      case KernelSpec.Conv s when !s.post().isResidualThenClamp(s.y()) -> postOps(s.post());
      case KernelSpec.Conv s -> Answer.of(Convolution.offer(s));
      case KernelSpec.Linear s when !s.post().isResidualThenClamp(s.y()) -> postOps(s.post());
      case KernelSpec.Linear s -> Answer.of(LinearLayer.offer(s));
      case KernelSpec.MatMul s when s.isInt8() && !context.exact() -> noInt8();
      case KernelSpec.MatMul s -> kernel("matmul-rows", b -> new MatrixProduct(s, b));
      case KernelSpec.Pool s when ByteMaxima.serves(s) ->
          perTensor(s, "max-bytes", b -> new ByteMaxima(s, b));
      case KernelSpec.Pool s -> perTensor(s, "pool-rows", b -> new Pooling(s, b));
      case KernelSpec.Binary s
          when s.post().hasResidual() || !s.post().isResidualThenClamp(s.y()) ->
          postOps(s.post());
      case KernelSpec.Binary s -> perTensor(s, "binary-runs", b -> Binary.bind(s, b));
      case KernelSpec.Unary s ->
          perTensor(s, s.x().isInt8() ? "unary-table" : "unary-runs", b -> Unary.bind(s, b));
      case KernelSpec.Resample s -> perTensor(s, "resample-rows", b -> new Resampled(s, b));
      case KernelSpec.Lookup s ->
          perTensor(
              s,
              "lookup-table",
              b ->
                  new ByteTable(
                      b.inputs().getFirst(), b.output(), s.y().shape().elements(), s.table()));
      case KernelSpec.Softmax s -> kernel("softmax-lines", b -> new Softmax(s, b));
      case KernelSpec.ChannelAffine s -> kernel("affine-runs", b -> ChannelAffine.bind(s, b));
      case KernelSpec.Convert s -> convert(s);
      case KernelSpec.RuntimeQuantize s ->
          kernel("runtime-quantize", b -> new RuntimeQuantization(s, b));
      case KernelSpec.QuantizeRows s -> kernel("quantize-rows", b -> new RowQuantization(s, b));
      case KernelSpec.ScaleSums s when !RowScaling.serves(s) -> postOps(s.post());
      case KernelSpec.ScaleSums s -> Answer.of(RowScaling.offer(s));
      case KernelSpec.Concat s -> kernel("concat-copies", b -> new Joining(s, b));
      case KernelSpec.Transpose s -> kernel("transpose-blocks", b -> new Transposition(s, b));
      case KernelSpec.Recurrence s -> Answer.of(Recurrence.offer(s));
      case KernelSpec.Literal s when isEmpty(s) -> byDefinition(s);
      case KernelSpec.Literal s when Normalization.serves(s) ->
          kernel("normalization-lines", b -> Normalization.bind(s, b));
      case KernelSpec.Literal s when Reduction.serves(s) ->
          kernel("reduction-lines", b -> new Reduction(s, b));
      case KernelSpec.Literal s -> literal(s);
    };
  }

  /// By its definition, unless a loop here is faster.
  private static Answer literal(KernelSpec.Literal s) {
    String name = null;
    JvmKernel.Binding binding = null;
    if (s.op() instanceof io.octet.graph.op.Movement op) {
      name = Movement.implementation(op, s);
      binding = b -> Movement.bind(op, s, b);
    } else if (s.op() instanceof io.octet.graph.op.Selection op) {
      name = Selection.implementation(op);
      binding = b -> Selection.bind(op, s, b);
    } else if (s.op() instanceof io.octet.graph.op.Comparison op && Comparison.serves(s)) {
      name = "comparison-runs";
      binding = b -> Comparison.bind(op, s, b);
    } else if (s.op() instanceof io.octet.graph.op.Unary op && Unary.serves(op, s)) {
      name = "whole-numbers";
      binding = b -> WholeNumbers.bind(s, b);
    }
    return name != null ? kernel(name, binding) : byDefinition(s);
  }

  private static Answer byDefinition(KernelSpec.Literal s) {
    return kernel("literal", b -> new LiteralEvaluation(s, b));
  }

  /// Whether its data, or all of its results, have no element: the loops here divide by sizes.
  private static boolean isEmpty(KernelSpec.Literal s) {
    boolean noData = !s.inputs().isEmpty() && hasNone(s.inputs().getFirst());
    return noData || s.outputs().stream().allMatch(JvmBackend::hasNone);
  }

  private static boolean hasNone(TensorDesc value) {
    return value.shape().elements() == 0;
  }

  private static Answer noInt8() {
    return new Answer.Refused(
        RefusalCode.NO_INT8_ISA,
        "Java reaches the CPU's int8 dot products only through incubating modules, and without"
            + " them FP32 is faster");
  }

  private static Answer postOps(PostOps post) {
    return refused("post-ops " + post.ops());
  }

  private static Answer convert(KernelSpec.Convert spec) {
    String refusal = Conversion.refusal(spec);
    return refusal != null
        ? refused(refusal)
        : kernel("convert-blocks", b -> Conversion.bind(spec, b));
  }

  private static Answer perTensor(
      KernelSpec spec, String implementation, JvmKernel.Binding binding) {
    List<TensorDesc> values = new ArrayList<>(spec.inputs());
    values.add(spec.y());
    boolean perChannel = values.stream().anyMatch(v -> v.isInt8() && !v.quant().isPerTensor());
    return perChannel
        ? refused("parameters per channel in " + spec.describe())
        : kernel(implementation, binding);
  }

  private static Answer kernel(String implementation, JvmKernel.Binding binding) {
    return Answer.of(implementation, context -> new JvmKernel(implementation, binding));
  }

  private static Answer refused(String detail) {
    return new Answer.Refused(RefusalCode.UNSUPPORTED_ATTRIBUTE, detail);
  }
}
