/// Owns networks as data: a graph of named values, and the inference of their types and shapes. It
/// calls {@link io.octet.graph.op}, and nothing in it knows how a graph is executed. Start reading
/// at {@link io.octet.graph.Graph}.
package io.octet.graph;
