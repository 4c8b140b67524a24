package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Normalization.BatchNormalization;
import io.octet.graph.op.Normalization.GroupNormalization;
import io.octet.graph.op.Normalization.Hardmax;
import io.octet.graph.op.Normalization.InstanceNormalization;
import io.octet.graph.op.Normalization.LRN;
import io.octet.graph.op.Normalization.LayerNormalization;
import io.octet.graph.op.Normalization.LogSoftmax;
import io.octet.graph.op.Normalization.RMSNormalization;
import io.octet.graph.op.Normalization.Softmax;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;

/// Lowers normalization, which is computed in float.
final class Normalization {
  private final Scope scope;
  private final Literal literals;

  Normalization(Scope scope, Literal literals) {
    this.scope = scope;
    this.literals = literals;
  }

  void lower(Node node, io.octet.graph.op.Normalization op, Draft draft) {
    switch (op) {
      case BatchNormalization b -> batchNorm(node, b, draft);
      case Softmax s -> softmax(node, s, draft);
      case LogSoftmax _, Hardmax _, LRN _ -> literals.lower(node, draft);
      case LayerNormalization _, RMSNormalization _ -> literals.lower(node, draft);
      case InstanceNormalization _, GroupNormalization _ -> literals.lower(node, draft);
    }
  }

  private void batchNorm(Node node, BatchNormalization op, Draft draft) {
    float[][] constants = new float[4][];
    for (int i = 0; i < 4; i++) {
      Tensor t = Constants.floats(scope.graph(), node.input(i + 1));
      if (t == null) {
        literals.lower(node, draft);
        return;
      }
      constants[i] = t.toFloats();
    }
    float[] scale = new float[constants[0].length];
    float[] shift = new float[scale.length];
    for (int c = 0; c < scale.length; c++) {
      double factor = constants[0][c] / Math.sqrt((double) constants[3][c] + op.epsilon());
      scale[c] = (float) factor;
      shift[c] = (float) (constants[1][c] - constants[2][c] * factor);
    }
    Repr x = draft.values.f32(node.input(0), scope.layout(node, draft.values));
    TensorDesc y = TensorDesc.f32(x.desc().layout(), x.desc().shape());
    KernelSpec spec = new KernelSpec.ChannelAffine(x.desc(), y, scale, shift);
    draft.emit(node, spec, List.of(x), Reason.NOT_QUANTIZED);
  }

  private void softmax(Node node, Softmax op, Draft draft) {
    Repr x = draft.values.f32(node.input(0), Layout.ROW_MAJOR);
    Shape shape = x.desc().shape();
    int axis = shape.axis(op.axis()).orElseThrow();
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, shape);
    KernelSpec spec = new KernelSpec.Softmax(x.desc(), y, axis);
    draft.emit(node, spec, List.of(x), Reason.NOT_QUANTIZED);
  }
}
