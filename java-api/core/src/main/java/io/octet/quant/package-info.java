/// Owns post-training quantization as data: observers, the presets that say how ranges become
/// scales ({@link io.octet.quant.QConfig}), the calibration table, and the conversion of a float
/// graph to one with explicit QuantizeLinear and DequantizeLinear nodes. It calls internal.pass and
/// graph, never a kernel, and never asks which CPU it runs on. Start reading at {@link
/// io.octet.quant.Quantizer}.
package io.octet.quant;
