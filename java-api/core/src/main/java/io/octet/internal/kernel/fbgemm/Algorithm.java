package io.octet.internal.kernel.fbgemm;

import io.octet.internal.ffi.FbgemmConstants;
import io.octet.internal.kernel.Saturation.Pairs;

/// Which of FBGEMM's algorithms runs, and what is known of it.
///
/// @param name FBGEMM's own
/// @param addsIn16Bits whether it adds two products in 16 bits even where the processor need not
/// @param pairs which weights it adds where it adds in 16 bits
/// @param storedAtOnce it writes so many channels of a pixel at a time, also behind the last one
record Algorithm(String name, boolean addsIn16Bits, Pairs pairs, int storedAtOnce) {
  /// Of linear layers.
  static final Algorithm GEMM = new Algorithm("gemm", false, Pairs.NEIGHBOURS, 1);

  private static final int GROUPWISE_STORE = 16;

  /// Of the convolution that took that path.
  static Algorithm ofPath(int path) {
    return switch (path) {
      // These two lay out the weights of a group as a matrix, tap after tap.
      case FbgemmConstants.PATH_POINTWISE -> new Algorithm("pointwise", false, Pairs.NEIGHBOURS, 1);
      case FbgemmConstants.PATH_IM2COL -> new Algorithm("im2col", false, Pairs.NEIGHBOURS, 1);
      // It stores 16 bytes at a time, up to 14 beyond a pixel's last channel, on every instruction
      // set: found by trying 1 to 40 groups of 2, 4, 8 and 16 channels.
      case FbgemmConstants.PATH_GROUPWISE ->
          new Algorithm("groupwise", false, Pairs.ANY_TWO, GROUPWISE_STORE);
      // Known to be exact with VNNI are those above; whatever else there is may add as depthwise
      // does.
      case FbgemmConstants.PATH_DEPTHWISE -> doubtful("depthwise");
      case FbgemmConstants.PATH_1D -> doubtful("1d");
      case FbgemmConstants.PATH_DIRECT -> doubtful("direct");
      default -> doubtful("path" + path);
    };
  }

  private static Algorithm doubtful(String name) {
    return new Algorithm(name, true, Pairs.ANY_TWO, 1);
  }

  /// Whether it was seen to write behind the end of an output of so many channels.
  boolean writesBeyond(int channels) {
    return channels % storedAtOnce != 0;
  }
}
