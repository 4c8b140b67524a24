/// Octet: trained networks in int8 on the CPU.
module io.octet {
  requires org.bytedeco.javacpp;
}
