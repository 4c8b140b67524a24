/// Operators as ONNX files have them: a file for each family of {@link io.octet.graph.op}, which
/// reads what opsets 7 to 23 say and writes what one opset takes. It may call the graph, and knows
/// files by {@link NodeView} and {@link NodeWriter} alone. Start reading at {@link Families}.
package io.octet.onnx.op;
