package io.octet.internal.kernel.trust;

import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Encoding;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.QuantMath;
import java.util.Arrays;

/// All of a spec that an engine generates code from, as one line: two specs of the same text get
/// the same kernel, but for values that it reads at run time. Scales are such values; zero points
/// are not, and a clamp stands in the output's steps, where an engine may see that it is none.
final class SpecText {
  private SpecText() {}

  static void append(KernelSpec spec, StringBuilder text) {
    text.append(spec.describe());
    for (TensorDesc x : spec.inputs()) {
      meaning(x, text);
    }
    spec.outputs().forEach(y -> meaning(y, text));
    text.append(' ');
    switch (spec) {
      case KernelSpec.Conv s -> {
        weights(s.weights(), text);
        window(s.window(), text.append(" groups ").append(s.groups()));
        text.append(s.transposed() ? " transposed" : "");
        post(s.post(), s.y(), text);
      }
      case KernelSpec.Linear s -> {
        weights(s.weights(), text);
        post(s.post(), s.y(), text);
      }
      case KernelSpec.MatMul s ->
          text.append(s.transA()).append(s.transB()).append(s.alpha() == 1 ? "" : "alpha");
      case KernelSpec.Pool s -> window(s.window(), text.append(s.kind().name()));
      case KernelSpec.Binary s -> post(s.post(), s.y(), text.append(s.function()));
      case KernelSpec.Unary s -> text.append(s.function());
      case KernelSpec.Resample s -> text.append(s.rule()).append(s.scales()).append(s.region());
      case KernelSpec.Lookup _ -> text.append("table");
      case KernelSpec.Softmax s -> text.append(s.axis());
      case KernelSpec.ChannelAffine _ -> text.append("affine");
      case KernelSpec.Convert s -> text.append(s.moves() ? "same" : "other");
      case KernelSpec.RuntimeQuantize s -> text.append(s.axis());
      case KernelSpec.QuantizeRows _ -> text.append("rows");
      case KernelSpec.ScaleSums s -> {
        text.append(s.q() == null ? "" : "zeros ");
        weights(s.weights(), text);
        post(s.post(), s.y(), text);
      }
      case KernelSpec.Concat s -> text.append(s.axis());
      case KernelSpec.Transpose s -> text.append(s.perm());
      case KernelSpec.Recurrence s -> {
        text.append(s.op());
        weights(s.recurrent(), text);
        s.operands().forEach(x -> text.append(x == null ? " absent" : " given"));
      }
      case KernelSpec.Literal s -> {
        text.append(s.op());
        s.operands().forEach(x -> text.append(x == null ? " absent" : " given"));
      }
    }
  }

  private static void meaning(TensorDesc value, StringBuilder text) {
    if (!value.isInt8()) {
      return;
    }
    int[] zeros = value.quant().zeroPoints();
    text.append(" zero ").append(zeros[0]);
    if (zeros.length > 1) {
      text.append(" of ").append(zeros.length).append(' ').append(Arrays.hashCode(zeros));
    }
    if (value.largest() != Encoding.UNBOUNDED) {
      text.append(" largest ").append(value.largest());
    }
  }

  private static void weights(Weights w, StringBuilder text) {
    text.append(w.values().type()).append(w.values().shape());
    text.append(w.scales().length > 1 ? " scales" : "").append(w.bias().length > 0 ? " bias" : "");
  }

  private static void window(Window w, StringBuilder text) {
    text.append(" window ").append(w.kernel()).append(w.strides()).append(w.dilations());
    text.append(w.padsBefore()).append(w.padsAfter());
  }

  private static void post(PostOps post, TensorDesc y, StringBuilder text) {
    for (PostOps.PostOp op : post.ops()) {
      switch (op) {
        case PostOps.Add _ -> text.append(" residual");
        case PostOps.Mul _ -> text.append(" mul");
        case PostOps.Clamp(float min, float max) -> {
          bound(min, y, text.append(" clamp "));
          bound(max, y, text.append(' '));
        }
        case PostOps.Gate(Unary function) -> text.append(" times ").append(function);
        case PostOps.Apply(Unary function) -> text.append(' ').append(function);
      }
    }
  }

  private static void bound(float value, TensorDesc y, StringBuilder text) {
    if (y.isInt8()) {
      text.append(QuantMath.quantize(value, y.quant().scale(0), y.quant().zeroPoint(0), y.type()));
    } else {
      text.append(value);
    }
  }
}
