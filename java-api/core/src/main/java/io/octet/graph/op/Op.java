package io.octet.graph.op;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/// What a node of a graph computes: an ONNX operator with its attributes. The inputs are the
/// node's, in ONNX's order; an optional input that is absent has the name "" or is left out at the
/// end. Images are NCHW. The set is sealed: a switch over it has no `default`, so that a new
/// operator breaks compilation wherever it matters.
public sealed interface Op
    permits Binary, Convolution, Movement, Normalization, Pooling, Product, Quantization, Unary {
  /// Every operator: the members of all families.
  static Set<Class<?>> members() {
    return Arrays.stream(Op.class.getPermittedSubclasses())
        .flatMap(family -> Arrays.stream(family.getPermittedSubclasses()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// ONNX's name of the operator.
  default String name() {
    return getClass().getSimpleName();
  }
}
