/// Owns the translation between ONNX files and {@link io.octet.graph.Graph}, both ways. It calls
/// {@link io.octet.graph}, {@link io.octet.tensor} and the ONNX protobuf classes; nobody but the
/// command line calls it. Start reading at {@link io.octet.onnx.Onnx}.
package io.octet.onnx;
