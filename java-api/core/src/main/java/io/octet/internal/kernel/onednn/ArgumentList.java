package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_SCALES;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_ZERO_POINTS;
import static io.octet.internal.ffi.DnnlConstants.ARG_BIAS;
import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SCRATCHPAD;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC_1;
import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;

/// The names of oneDNN's arguments in messages.
final class ArgumentList {
  private ArgumentList() {}

  static String name(int argument) {
    if (argument >= ARG_ATTR_MULTIPLE_POST_OP_BASE) {
      return "operand of post-op " + (argument / ARG_ATTR_MULTIPLE_POST_OP_BASE - 1);
    }
    if ((argument & ARG_ATTR_ZERO_POINTS) != 0) {
      return "zero points of " + name(argument - ARG_ATTR_ZERO_POINTS);
    }
    if ((argument & ARG_ATTR_SCALES) != 0) {
      return "scales of " + name(argument - ARG_ATTR_SCALES);
    }
    return switch (argument) {
      case ARG_SRC -> "src";
      case ARG_SRC_1 -> "src1";
      case ARG_WEIGHTS -> "weights";
      case ARG_BIAS -> "bias";
      case ARG_DST -> "dst";
      case ARG_SCRATCHPAD -> "scratchpad";
      default -> "number " + argument;
    };
  }
}
