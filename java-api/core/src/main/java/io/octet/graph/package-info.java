/// Owns networks as data: a graph of named values, operators with ONNX's names and meanings, shape
/// inference, and a builder in PyTorch's vocabulary. It calls {@link io.octet.tensor} alone, and
/// nothing in it knows how a graph is executed. Start reading at {@link io.octet.graph.Graph}.
package io.octet.graph;
