/// Owns post-training quantization as data: how ranges become scales, for a whole graph and for
/// single nodes ({@link io.octet.quant.QConfig}), the calibration table that keeps it, and the
/// conversion of a float graph to one with explicit QuantizeLinear and DequantizeLinear nodes. It
/// calls internal.pass, graph and observe, never a kernel, and never asks which CPU it runs on.
/// Start reading at {@link io.octet.quant.Quantizer}, whose steps are Told (who is told what),
/// KeptFloat and QuantizedNodes (which nodes), Points (which values), and QdqConversion, or, where
/// ranges are found in every run, DynamicConversion.
package io.octet.quant;
