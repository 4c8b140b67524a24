/// Owns the words for data: element types, shapes with symbolic dimensions, quantization
/// parameters, and tensors over memory segments. It calls nobody, and everybody may call it. Start
/// reading at {@link io.octet.tensor.Tensor}, and at {@link io.octet.tensor.QuantMath} for every
/// rounding rule.
package io.octet.tensor;
