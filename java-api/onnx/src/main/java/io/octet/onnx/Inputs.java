package io.octet.onnx;

import io.octet.onnx.op.Known;
import io.octet.onnx.op.NodeView;
import java.util.List;

/// The constants that a node reads, asked for by place.
///
/// @param constants one for each input; null for one that is absent
record Inputs(NodeView node, List<Known> constants) {
  /// Refuses another number of inputs, and the absence of one of the first `least`.
  void require(int least, int most) {
    node.requireInputs(least, most);
  }

  /// The only input.
  Known only() {
    require(1, 1);
    return get(0);
  }

  int size() {
    return constants.size();
  }

  boolean has(int index) {
    return node.hasInput(index);
  }

  Known get(int index) {
    return constants.get(index);
  }

  Known getOrNull(int index) {
    return has(index) ? get(index) : null;
  }

  /// An input that is one number.
  double number(int index) {
    if (get(index).stored().elements() != 1) {
      throw node.invalid("input " + index + " must be one number, but is " + get(index));
    }
    return get(index).real(0);
  }

  /// An input that is a list of integers.
  long[] integers(int index) {
    if (get(index).isReal()) {
      throw node.invalid("input " + index + " must be integers, but is " + get(index));
    }
    return get(index).integers();
  }
}
