/// Octet: trained networks in int8 on the CPU.
@SuppressWarnings("module") // The modules that may see internals are compiled after this one.
module io.octet {
  exports io.octet;
  exports io.octet.cpu;
  exports io.octet.graph;
  exports io.octet.graph.op;
  exports io.octet.internal.file to
      io.octet.cli,
      io.octet.io,
      io.octet.onnx;
  exports io.octet.internal.pass to
      io.octet.onnx;
  exports io.octet.kernel;
  exports io.octet.nn;
  exports io.octet.quant;
  exports io.octet.quant.observe;
  exports io.octet.runtime;
  exports io.octet.tensor;
}
