package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Op;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.reference.Reference;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// An operator by its definition, over the memory of one workspace. Unlike the other kernels it may
/// allocate when it runs: the definitions are written to be read.
final class LiteralEvaluation implements Runnable {
  private final Op op;
  private final List<Tensor> operands;
  private final List<Tensor> outputs;

  LiteralEvaluation(KernelSpec.Literal spec, Buffers buffers) {
    this.op = spec.op();
    this.operands = spec.operands(tensors(spec.inputs(), buffers.inputs()));
    this.outputs = tensors(spec.outputs(), buffers.outputs());
  }

  private static List<Tensor> tensors(List<TensorDesc> values, List<MemorySegment> memory) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      TensorDesc value = values.get(i);
      tensors.add(
          Tensor.wrap(value.type(), value.shape(), memory.get(i).asSlice(0, value.bytes())));
    }
    return tensors;
  }

  @Override
  public void run() {
    Reference.evaluate(op, operands, outputs);
  }
}
