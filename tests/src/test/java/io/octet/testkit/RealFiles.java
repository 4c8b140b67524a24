package io.octet.testkit;

import java.io.IOException;
import java.io.InputStream;

/// Files of others on the class path: small ones stand among the resources, and Maven brings the
/// large ones in the `long` profile.
public final class RealFiles {
  private RealFiles() {}

  /// A file's bytes.
  ///
  /// @param resource its place on the class path, as "/models/ch_PP-OCRv4_rec_infer.onnx"
  /// @throws IllegalStateException if it is not there
  public static byte[] read(String resource) throws IOException {
    try (InputStream in = RealFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path: run with -Plong");
      }
      return in.readAllBytes();
    }
  }
}
