/// Owns the kernels by themselves: quantized layers packed once and run on a caller's memory from
/// many threads, without a graph, and the conversions between reals and int8 beside them. It calls
/// internal.compile and internal.kernel: the same registry and kernels as a session's. Start
/// reading at {@link io.octet.kernel.QConv2d}, or with this example:
///
/// ```java
/// var weightParams = QuantParams.perChannel(DataType.S8, 0, scales);       // one for each output
/// var input = QuantParams.perTensor(DataType.U8, 0.02f, 0);
/// var output = QuantParams.perTensor(DataType.U8, 0.05f, 0);
/// try (QConv2d conv =
///     QConv2d.of(Tensor.of(DataType.S8, weights, 64, 3, 3, 3), weightParams)
///         .bias(bias).stride(2).padding(1)
///         .input(input).output(output).relu()
///         .pack()) {
///   long h = conv.outputHeight(224);
///   long w = conv.outputWidth(224);
///   MemorySegment x = MemorySegment.ofArray(new byte[224 * 224 * 3]);     // u8, NHWC
///   MemorySegment y = arena.allocate(h * w * 64);
///   Quantize.of(input).run(pixels, x);                                   // float -> u8
///   conv.run(x, 1, 224, 224, y);                                         // any batch, any size
/// }
/// ```
package io.octet.kernel;
