/// Owns what turns a network as it was exported into one that can be quantized and compiled:
/// constants, BatchNormalization, Identity and Dropout are folded away, what exporters and other
/// quantizers write as many nodes is taken for the one operator that it is, and the quantization
/// groups are found by the one list of patterns that calibration, conversion and compilation share.
/// What a layer is, its bias, a known value and a clamp is said here once ({@link
/// io.octet.internal.pass.LayerNode}, {@link io.octet.internal.pass.Constants}, {@link
/// io.octet.internal.pass.Interval}), for all of them. It calls graph, and {@link
/// io.octet.internal.reference} for what is made of constants; each pass is a pure function from
/// one Graph to another. Start reading at {@link io.octet.internal.pass.Prepare}, then {@link
/// io.octet.internal.pass.Groups}.
package io.octet.internal.pass;
