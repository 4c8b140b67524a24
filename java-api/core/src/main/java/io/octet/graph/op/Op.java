package io.octet.graph.op;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a node of a graph computes: an ONNX operator with its attributes. The inputs are the
/// node's, in ONNX's order; an optional input that is absent has the name "" or is left out at the
/// end. Images are NCHW. The set is sealed, and made of families: each answers for its members.
/// Whoever switches, switches over families, without a `default`; within a family's file over its
/// members.
public sealed interface Op
    permits Convolution,
        Product,
        Pooling,
        Unary,
        Binary,
        Comparison,
        Reduction,
        Normalization,
        Movement,
        Selection,
        Generation,
        Recurrence,
        Resampling,
        Scanning,
        Quantization {
  /// Every operator: the members of all families.
  static Set<Class<?>> members() {
    return Arrays.stream(Op.class.getPermittedSubclasses())
        .flatMap(family -> Arrays.stream(family.getPermittedSubclasses()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// The signature of every operator, family by family.
  static List<Signature> signatures() {
    return Stream.of(
            Convolution.signatures(),
            Product.signatures(),
            Pooling.signatures(),
            Unary.signatures(),
            Binary.signatures(),
            Comparison.signatures(),
            Reduction.signatures(),
            Normalization.signatures(),
            Movement.signatures(),
            Selection.signatures(),
            Generation.signatures(),
            Recurrence.signatures(),
            Resampling.signatures(),
            Scanning.signatures(),
            Quantization.signatures())
        .flatMap(List::stream)
        .toList();
  }

  /// ONNX's name of the operator.
  default String name() {
    return getClass().getSimpleName();
  }

  /// What it takes and gives.
  default Signature signature() {
    return Signature.of(this);
  }

  /// Facts that do not depend on a node.
  Traits traits();

  /// Types and shapes of the outputs, and their elements where those are sizes that are known. The
  /// names are empty. Optional outputs that Octet does not make are left out.
  ///
  /// @throws io.octet.OctetException.InvalidModel if the inputs contradict the operator: the
  ///   message names the node
  /// @throws io.octet.OctetException.Unsupported if they are valid ONNX, but beyond Octet
  /// @throws ArithmeticException if sizes are beyond any memory
  default List<ValueInfo> infer(Operands in) {
    signature().check(in);
    return results(in);
  }

  /// What {@link #infer} answers once number and types of the inputs are known to be right.
  List<ValueInfo> results(Operands in);
}
