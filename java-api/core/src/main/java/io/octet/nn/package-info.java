/// Owns the builder of networks in PyTorch's vocabulary: layers that become a graph. It calls
/// {@link io.octet.graph} and what that calls. Start reading at {@link io.octet.nn.Layers}.
package io.octet.nn;
