package io.octet.internal.kernel.reference;

import io.octet.graph.op.Traits;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.reference.Reference;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// An operator that {@link Reference} computes: all of it at once, into memory of its own, from
/// which elements are then taken one by one.
final class LiteralValues {
  private LiteralValues() {}

  static Oracle of(KernelSpec.Literal spec, int output, Buffers buffers) {
    TensorDesc to = spec.outputs().get(output);
    Elements y = new Elements(to, buffers.outputs().get(output));
    Elements[] computed = new Elements[1];
    boolean computes =
        to.type() == DataType.F32 && spec.op().traits().values() != Traits.Values.PICKED;
    long terms = spec.inputs().stream().mapToLong(x -> x.shape().elements()).max().orElse(1);
    return new Oracle.Formula(
        Math.max(1, terms),
        i -> {
          if (computed[0] == null) {
            computed[0] = evaluate(spec, buffers.inputs(), output);
          }
          y.copy(i, computed[0], i);
        },
        i -> computes ? Math.max(1, Math.abs(y.raw(i))) : 0);
  }

  private static Elements evaluate(
      KernelSpec.Literal spec, List<MemorySegment> inputs, int output) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      TensorDesc x = spec.inputs().get(i);
      tensors.add(Tensor.wrap(x.type(), x.shape(), inputs.get(i).asSlice(0, x.bytes())));
    }
    List<Tensor> made =
        spec.outputs().stream()
            .map(y -> Tensor.allocate(Arena.ofAuto(), y.type(), y.shape()))
            .toList();
    Reference.evaluate(spec.op(), spec.operands(tensors), made);
    return new Elements(spec.outputs().get(output), made.get(output).data());
  }
}
