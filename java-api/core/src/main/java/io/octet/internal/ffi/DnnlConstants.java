package io.octet.internal.ffi;

/// The enumerators of oneapi/dnnl/dnnl_types.h that Octet uses, named as there without `dnnl_`.
public final class DnnlConstants {
  /// The length of every `dnnl_dims_t`.
  public static final int MAX_NDIMS = 12;

  /// `sizeof(dnnl_exec_arg_t)`: an int, four bytes of padding, a pointer at offset 8.
  public static final int EXEC_ARG_BYTES = 16;

  public static final int SUCCESS = 0;
  public static final int INVALID_ARGUMENTS = 2;
  public static final int UNIMPLEMENTED = 3;
  public static final int LAST_IMPL_REACHED = 4;

  public static final int CPU = 1;
  public static final int STREAM_DEFAULT_FLAGS = 1;
  public static final int SCRATCHPAD_MODE_USER = 1;
  public static final int FORWARD_INFERENCE = 0x60;

  public static final int DATA_TYPE_UNDEF = 0;
  public static final int F32 = 3;
  public static final int S32 = 4;
  public static final int S8 = 5;
  public static final int U8 = 6;

  public static final int FORMAT_TAG_ANY = 1;

  public static final int CONVOLUTION_DIRECT = 0x1;
  public static final int DECONVOLUTION_DIRECT = 0xa;
  public static final int POOLING_MAX = 0x1ff;
  public static final int POOLING_AVG_INCLUDE_PADDING = 0x2ff;
  public static final int POOLING_AVG_EXCLUDE_PADDING = 0x3ff;
  public static final int ELTWISE_RELU = 0x20;
  public static final int ELTWISE_TANH = 0x21;
  public static final int ELTWISE_ELU = 0x22;
  public static final int ELTWISE_ABS = 0x24;
  public static final int ELTWISE_SQRT = 0x25;
  public static final int ELTWISE_LINEAR = 0x26;
  public static final int ELTWISE_HARDSIGMOID = 0x28;
  public static final int ELTWISE_LOGISTIC = 0x29;
  public static final int ELTWISE_GELU_TANH = 0x2b;
  public static final int ELTWISE_SWISH = 0x2c;
  public static final int ELTWISE_CLIP = 0x2e;
  public static final int ELTWISE_ROUND = 0x32;
  public static final int ELTWISE_HARDSWISH = 0x34;
  public static final int BINARY_ADD = 0x1fff0;
  public static final int BINARY_MUL = 0x1fff1;
  public static final int SOFTMAX_ACCURATE = 0x30000;
  public static final int USE_SCALE = 0x2;
  public static final int USE_SHIFT = 0x4;

  public static final int QUERY_IMPL_INFO_STR = 8;
  public static final int QUERY_SRC_MD = 129;
  public static final int QUERY_WEIGHTS_MD = 131;
  public static final int QUERY_DST_MD = 133;
  public static final int QUERY_SCRATCHPAD_MD = 136;
  public static final int QUERY_INNER_NBLKS_S32 = 263;
  public static final int QUERY_INNER_BLKS = 264;
  public static final int QUERY_INNER_IDXS = 265;

  public static final int ARG_SRC = 1;
  public static final int ARG_SRC_1 = 2;
  public static final int ARG_DST = 17;
  public static final int ARG_WEIGHTS = 33;
  public static final int ARG_BIAS = 41;
  public static final int ARG_SCALE = 51;
  public static final int ARG_SHIFT = 52;
  public static final int ARG_SCRATCHPAD = 80;
  public static final int ARG_MULTIPLE_SRC = 1024;
  public static final int ARG_ATTR_SCALES = 4096;
  public static final int ARG_ATTR_ZERO_POINTS = 8192;

  /// Post-op number `i` reads its operand from `ARG_ATTR_MULTIPLE_POST_OP_BASE * (i + 1) |
  /// ARG_SRC_1`.
  public static final int ARG_ATTR_MULTIPLE_POST_OP_BASE = 32768;

  private DnnlConstants() {}
}
