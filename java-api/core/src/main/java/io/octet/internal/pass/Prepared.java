package io.octet.internal.pass;

import io.octet.graph.Graph;

/// A folded network and its quantization groups.
///
/// @param graph the network, with the same inputs and outputs as before
/// @param groups the groups of that graph
public record Prepared(Graph graph, Groups groups) {}
