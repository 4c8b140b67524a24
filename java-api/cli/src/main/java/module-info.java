/// The command `octet`.
module io.octet.cli {
  requires io.octet;
  requires io.octet.io;
  requires io.octet.onnx;
  requires info.picocli;
  requires java.desktop;

  exports io.octet.cli;

  opens io.octet.cli to
      info.picocli;
}
