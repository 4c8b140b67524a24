/// Octet's way in from ONNX, and out to it.
module io.octet.onnx {
  exports io.octet.onnx;

  requires transitive io.octet;
  requires org.tribuo.util.onnx;
  requires com.google.protobuf;
}
