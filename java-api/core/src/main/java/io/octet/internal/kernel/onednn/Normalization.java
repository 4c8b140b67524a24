package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SCALE;
import static io.octet.internal.ffi.DnnlConstants.ARG_SHIFT;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.F32;
import static io.octet.internal.ffi.DnnlConstants.FORWARD_INFERENCE;
import static io.octet.internal.ffi.DnnlConstants.USE_SCALE;
import static io.octet.internal.ffi.DnnlConstants.USE_SHIFT;

import io.octet.graph.op.Normalization.LayerNormalization;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Layer normalization of floats over the last axes, with a scale for each place of a line.
final class Normalization {
  private Normalization() {}

  static Answer answer(
      io.octet.graph.op.Normalization op, KernelSpec.Literal spec, KernelContext context) {
    return op instanceof LayerNormalization lines
        ? answer(lines, spec, context)
        : new Answer.Refused(RefusalCode.UNSUPPORTED_OP, "a normalization but of layers");
  }

  private static Answer answer(
      LayerNormalization op, KernelSpec.Literal spec, KernelContext context) {
    Shape shape = spec.inputs().getFirst().shape();
    int axis = shape.axis(op.axis()).orElseThrow();
    List<Dim> line = shape.dims().subList(axis, shape.rank());
    if (!fits(spec, line)) {
      return new Answer.Refused(
          RefusalCode.UNSUPPORTED_ATTRIBUTE, "statistics, or scales that are repeated");
    }
    long length = new Shape(line).elements();
    long[] lines = {shape.elements() / length, length};
    boolean shifts = spec.inputs().size() > 2;
    return Operation.answer(
        context,
        draft -> {
          MemoryDesc src = draft.keep(MemoryDesc.dense(F32, lines));
          List<Integer> arguments = new ArrayList<>(List.of(ARG_SRC, ARG_SCALE));
          if (shifts) {
            arguments.add(ARG_SHIFT);
          }
          arguments.forEach(draft::input);
          arguments.add(ARG_DST);
          return new Operation(
              attributes ->
                  PrimitiveDesc.find(
                      "dnnl_layer_normalization_forward_primitive_desc_create",
                      out ->
                          DnnlBindings.layerNormalizationForwardPrimitiveDescCreate(
                              out,
                              Onednn.engine(),
                              FORWARD_INFERENCE,
                              src.address(),
                              src.address(),
                              MemorySegment.NULL,
                              op.epsilon(),
                              shifts ? USE_SCALE | USE_SHIFT : USE_SCALE,
                              attributes.address())),
              arguments.stream().mapToInt(i -> i).toArray());
        });
  }

  private static boolean fits(KernelSpec.Literal spec, List<Dim> line) {
    List<TensorDesc> inputs = spec.inputs();
    return spec.outputs().size() == 1
        && inputs.size() >= 2
        && inputs.stream().map(TensorDesc::type).allMatch(DataType.F32::equals)
        && inputs.stream().skip(1).allMatch(s -> s.shape().dims().equals(line));
  }
}
