/// Octet: trained networks in int8 on the CPU.
module io.octet {
  exports io.octet.cpu;

  requires org.bytedeco.javacpp;

  exports io.octet;
  exports io.octet.graph;
  exports io.octet.tensor;
}
