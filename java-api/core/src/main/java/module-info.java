/// Octet: trained networks in int8 on the CPU.
module io.octet {
  requires org.bytedeco.javacpp;

  exports io.octet;
  exports io.octet.cpu;
  exports io.octet.graph;
  exports io.octet.kernel;
  exports io.octet.quant;
  exports io.octet.runtime;
  exports io.octet.tensor;
}
