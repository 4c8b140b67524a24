package io.octet.graph.op;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;

/// Name, type and shape of a graph's input or output.
///
/// @param name the value's name
/// @param type its element type
/// @param shape its shape, free axes included
public record ValueInfo(String name, DataType type, Shape shape) {
  /// "input f32[N,3,224,224]".
  @Override
  public String toString() {
    return name + " " + type + shape;
  }
}
