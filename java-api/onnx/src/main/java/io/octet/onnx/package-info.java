/// Owns the translation between ONNX files and {@link io.octet.graph.Graph}, both ways. What an
/// operator's node looks like in a file is the affair of `io.octet.onnx.op`; what constants and
/// shapes make is computed by the graph's own rules and passes. It calls those, the writer of files
/// and the ONNX protobuf classes; nobody but the command line calls it. Start reading at {@link
/// io.octet.onnx.Onnx}.
package io.octet.onnx;
