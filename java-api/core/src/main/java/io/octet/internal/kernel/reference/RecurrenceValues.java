package io.octet.internal.kernel.reference;

import io.octet.graph.op.Recurrence.Form;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.reference.Recurrence;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The steps of a recurrence, by {@link Recurrence}: all at once, into memory of its own, from
/// which elements are then taken one by one.
final class RecurrenceValues {
  private RecurrenceValues() {}

  static Oracle of(KernelSpec.Recurrence spec, int output, Buffers buffers) {
    Elements y = new Elements(spec.outputs().get(output), buffers.outputs().get(output));
    Elements[] computed = new Elements[1];
    return new Oracle.Formula(
        spec.op().form().hidden(),
        i -> {
          if (computed[0] == null) {
            computed[0] = evaluate(spec, buffers.inputs(), output);
          }
          y.copy(i, computed[0], i);
        },
        i -> Math.max(1, Math.abs(y.raw(i))));
  }

  private static Elements evaluate(
      KernelSpec.Recurrence spec, List<MemorySegment> inputs, int output) {
    List<Tensor> given = new ArrayList<>();
    int next = 1;
    for (TensorDesc operand : spec.operands()) {
      given.add(operand == null ? null : tensor(operand, inputs.get(next++)));
    }
    Form form = spec.op().form();
    Elements gates = new Elements(spec.gates(), inputs.getFirst());
    long rows = (long) spec.op().gates() * form.hidden();
    long inner = spec.gates().shape().size(1);
    Recurrence.Gates products =
        (step, batch, d, row) -> {
          long at = form.batchFirst() ? batch * inner + step : step * inner + batch;
          return gates.raw((at * form.directions() + d) * rows + row);
        };
    Weights recurrent = spec.recurrent();
    double[] bias = null;
    if (recurrent.bias().length > 0) {
      bias = new double[recurrent.channels()];
      for (int i = 0; i < bias.length; i++) {
        bias[i] = recurrent.bias(i);
      }
    }
    List<Tensor> made =
        spec.outputs().stream()
            .map(y -> Tensor.allocate(Arena.ofAuto(), y.type(), y.shape()))
            .toList();
    Recurrence.run(
        spec.op(),
        products,
        new Recurrence.Operands(
            recurrent.values().tensor(),
            bias,
            given.get(0),
            given.get(1),
            given.get(2),
            given.get(3)),
        made);
    return new Elements(spec.outputs().get(output), made.get(output).data());
  }

  private static Tensor tensor(TensorDesc desc, MemorySegment memory) {
    return Tensor.wrap(desc.type(), desc.shape(), memory.asSlice(0, desc.bytes()));
  }
}
