package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// oneDNN's C API (oneapi/dnnl/dnnl.h, 3.13), one method per symbol. Nothing here decides or
/// translates: statuses come back as they are, a null pointer is `MemorySegment.NULL`. The call of
/// the hot path takes addresses, which cost no object and hold no arena.
///
/// The class loads only where [Natives#onednn] is available.
public final class DnnlBindings {
  private static final MethodHandle ENGINE_CREATE =
      function("dnnl_engine_create", JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
  private static final MethodHandle STREAM_CREATE =
      function("dnnl_stream_create", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle MEMORY_DESC_CREATE_WITH_TAG =
      function(
          "dnnl_memory_desc_create_with_tag",
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          JAVA_INT);
  private static final MethodHandle MEMORY_DESC_CREATE_WITH_STRIDES =
      function(
          "dnnl_memory_desc_create_with_strides",
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          ADDRESS);
  private static final MethodHandle MEMORY_DESC_GET_BLOB =
      function("dnnl_memory_desc_get_blob", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle MEMORY_DESC_DESTROY =
      function("dnnl_memory_desc_destroy", JAVA_INT, ADDRESS);
  private static final MethodHandle MEMORY_DESC_QUERY =
      function("dnnl_memory_desc_query", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle MEMORY_DESC_EQUAL =
      function("dnnl_memory_desc_equal", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle MEMORY_DESC_GET_SIZE =
      function("dnnl_memory_desc_get_size", JAVA_LONG, ADDRESS);
  private static final MethodHandle MEMORY_CREATE =
      function("dnnl_memory_create", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle MEMORY_DESTROY =
      function("dnnl_memory_destroy", JAVA_INT, ADDRESS);
  private static final MethodHandle PRIMITIVE_ATTR_CREATE =
      function("dnnl_primitive_attr_create", JAVA_INT, ADDRESS);
  private static final MethodHandle PRIMITIVE_ATTR_SET_SCRATCHPAD_MODE =
      function("dnnl_primitive_attr_set_scratchpad_mode", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle PRIMITIVE_ATTR_SET_SCALES_MASK =
      function("dnnl_primitive_attr_set_scales_mask", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle PRIMITIVE_ATTR_SET_ZERO_POINTS_MASK =
      function("dnnl_primitive_attr_set_zero_points_mask", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle PRIMITIVE_ATTR_SET_POST_OPS =
      function("dnnl_primitive_attr_set_post_ops", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle PRIMITIVE_ATTR_DESTROY =
      function("dnnl_primitive_attr_destroy", JAVA_INT, ADDRESS);
  private static final MethodHandle POST_OPS_CREATE =
      function("dnnl_post_ops_create", JAVA_INT, ADDRESS);
  private static final MethodHandle POST_OPS_APPEND_ELTWISE =
      function("dnnl_post_ops_append_eltwise", JAVA_INT, ADDRESS, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT);
  private static final MethodHandle POST_OPS_APPEND_SUM =
      function("dnnl_post_ops_append_sum", JAVA_INT, ADDRESS, JAVA_FLOAT, JAVA_INT, JAVA_INT);
  private static final MethodHandle POST_OPS_APPEND_BINARY =
      function("dnnl_post_ops_append_binary", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle POST_OPS_DESTROY =
      function("dnnl_post_ops_destroy", JAVA_INT, ADDRESS);
  private static final MethodHandle CONVOLUTION_FORWARD_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_convolution_forward_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle DECONVOLUTION_FORWARD_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_deconvolution_forward_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle MATMUL_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_matmul_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle POOLING_FORWARD_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_pooling_forward_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle ELTWISE_FORWARD_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_eltwise_forward_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_FLOAT,
          JAVA_FLOAT,
          ADDRESS);
  private static final MethodHandle LAYER_NORMALIZATION_FORWARD_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_layer_normalization_forward_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_FLOAT,
          JAVA_INT,
          ADDRESS);
  private static final MethodHandle SOFTMAX_FORWARD_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_softmax_forward_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          ADDRESS);
  private static final MethodHandle BINARY_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_binary_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle REORDER_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_reorder_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle CONCAT_PRIMITIVE_DESC_CREATE =
      function(
          "dnnl_concat_primitive_desc_create",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle PRIMITIVE_DESC_NEXT_IMPL =
      function("dnnl_primitive_desc_next_impl", JAVA_INT, ADDRESS);
  private static final MethodHandle PRIMITIVE_DESC_QUERY =
      function("dnnl_primitive_desc_query", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle PRIMITIVE_DESC_QUERY_MD =
      function("dnnl_primitive_desc_query_md", ADDRESS, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle PRIMITIVE_DESC_DESTROY =
      function("dnnl_primitive_desc_destroy", JAVA_INT, ADDRESS);
  private static final MethodHandle PRIMITIVE_CREATE =
      function("dnnl_primitive_create", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle PRIMITIVE_EXECUTE =
      function("dnnl_primitive_execute", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle PRIMITIVE_DESTROY =
      function("dnnl_primitive_destroy", JAVA_INT, ADDRESS);
  private static final MethodHandle VERSION = function("dnnl_version", ADDRESS);
  private static final MethodHandle STATUS2STR = function("dnnl_status2str", ADDRESS, JAVA_INT);
  private static final MethodHandle GET_EFFECTIVE_CPU_ISA =
      function("dnnl_get_effective_cpu_isa", JAVA_INT);
  private static final MethodHandle SET_MAX_CPU_ISA =
      function("dnnl_set_max_cpu_isa", JAVA_INT, JAVA_INT);
  private static final MethodHandle SET_PRIMITIVE_CACHE_CAPACITY =
      function("dnnl_set_primitive_cache_capacity", JAVA_INT, JAVA_INT);

  public static int setPrimitiveCacheCapacity(int capacity) {
    try {
      return (int) SET_PRIMITIVE_CACHE_CAPACITY.invokeExact(capacity);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int engineCreate(MemorySegment engineOut, int kind, long index) {
    try {
      return (int) ENGINE_CREATE.invokeExact(engineOut, kind, index);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int streamCreate(MemorySegment streamOut, MemorySegment engine, int flags) {
    try {
      return (int) STREAM_CREATE.invokeExact(streamOut, engine, flags);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int memoryDescCreateWithTag(
      MemorySegment descOut, int ndims, MemorySegment dims, int dataType, int tag) {
    try {
      return (int) MEMORY_DESC_CREATE_WITH_TAG.invokeExact(descOut, ndims, dims, dataType, tag);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int memoryDescCreateWithStrides(
      MemorySegment descOut, int ndims, MemorySegment dims, int dataType, MemorySegment strides) {
    try {
      return (int)
          MEMORY_DESC_CREATE_WITH_STRIDES.invokeExact(descOut, ndims, dims, dataType, strides);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int memoryDescGetBlob(
      MemorySegment blobOut, MemorySegment size, MemorySegment desc) {
    try {
      return (int) MEMORY_DESC_GET_BLOB.invokeExact(blobOut, size, desc);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int memoryDescDestroy(MemorySegment desc) {
    try {
      return (int) MEMORY_DESC_DESTROY.invokeExact(desc);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int memoryDescQuery(MemorySegment desc, int what, MemorySegment result) {
    try {
      return (int) MEMORY_DESC_QUERY.invokeExact(desc, what, result);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int memoryDescEqual(MemorySegment left, MemorySegment right) {
    try {
      return (int) MEMORY_DESC_EQUAL.invokeExact(left, right);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static long memoryDescGetSize(MemorySegment desc) {
    try {
      return (long) MEMORY_DESC_GET_SIZE.invokeExact(desc);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int memoryCreate(
      MemorySegment memoryOut, MemorySegment desc, MemorySegment engine, MemorySegment data) {
    try {
      return (int) MEMORY_CREATE.invokeExact(memoryOut, desc, engine, data);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int memoryDestroy(MemorySegment memory) {
    try {
      return (int) MEMORY_DESTROY.invokeExact(memory);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveAttrCreate(MemorySegment attrOut) {
    try {
      return (int) PRIMITIVE_ATTR_CREATE.invokeExact(attrOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveAttrSetScratchpadMode(MemorySegment attr, int mode) {
    try {
      return (int) PRIMITIVE_ATTR_SET_SCRATCHPAD_MODE.invokeExact(attr, mode);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveAttrSetScalesMask(MemorySegment attr, int arg, int mask) {
    try {
      return (int) PRIMITIVE_ATTR_SET_SCALES_MASK.invokeExact(attr, arg, mask);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveAttrSetZeroPointsMask(MemorySegment attr, int arg, int mask) {
    try {
      return (int) PRIMITIVE_ATTR_SET_ZERO_POINTS_MASK.invokeExact(attr, arg, mask);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveAttrSetPostOps(MemorySegment attr, MemorySegment postOps) {
    try {
      return (int) PRIMITIVE_ATTR_SET_POST_OPS.invokeExact(attr, postOps);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveAttrDestroy(MemorySegment attr) {
    try {
      return (int) PRIMITIVE_ATTR_DESTROY.invokeExact(attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int postOpsCreate(MemorySegment postOpsOut) {
    try {
      return (int) POST_OPS_CREATE.invokeExact(postOpsOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int postOpsAppendEltwise(
      MemorySegment postOps, int algorithm, float alpha, float beta) {
    try {
      return (int) POST_OPS_APPEND_ELTWISE.invokeExact(postOps, algorithm, alpha, beta);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int postOpsAppendSum(
      MemorySegment postOps, float scale, int zeroPoint, int dataType) {
    try {
      return (int) POST_OPS_APPEND_SUM.invokeExact(postOps, scale, zeroPoint, dataType);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int postOpsAppendBinary(
      MemorySegment postOps, int algorithm, MemorySegment operandDesc) {
    try {
      return (int) POST_OPS_APPEND_BINARY.invokeExact(postOps, algorithm, operandDesc);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int postOpsDestroy(MemorySegment postOps) {
    try {
      return (int) POST_OPS_DESTROY.invokeExact(postOps);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int convolutionForwardPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      int propKind,
      int algorithm,
      MemorySegment src,
      MemorySegment weights,
      MemorySegment bias,
      MemorySegment dst,
      MemorySegment strides,
      MemorySegment dilates,
      MemorySegment padLeft,
      MemorySegment padRight,
      MemorySegment attr) {
    try {
      return (int)
          CONVOLUTION_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
              descOut, engine, propKind, algorithm, src, weights, bias, dst, strides, dilates,
              padLeft, padRight, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int deconvolutionForwardPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      int propKind,
      int algorithm,
      MemorySegment src,
      MemorySegment weights,
      MemorySegment bias,
      MemorySegment dst,
      MemorySegment strides,
      MemorySegment dilates,
      MemorySegment padLeft,
      MemorySegment padRight,
      MemorySegment attr) {
    try {
      return (int)
          DECONVOLUTION_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
              descOut, engine, propKind, algorithm, src, weights, bias, dst, strides, dilates,
              padLeft, padRight, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int matmulPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      MemorySegment src,
      MemorySegment weights,
      MemorySegment bias,
      MemorySegment dst,
      MemorySegment attr) {
    try {
      return (int)
          MATMUL_PRIMITIVE_DESC_CREATE.invokeExact(descOut, engine, src, weights, bias, dst, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int poolingForwardPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      int propKind,
      int algorithm,
      MemorySegment src,
      MemorySegment dst,
      MemorySegment strides,
      MemorySegment kernel,
      MemorySegment dilation,
      MemorySegment padLeft,
      MemorySegment padRight,
      MemorySegment attr) {
    try {
      return (int)
          POOLING_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
              descOut, engine, propKind, algorithm, src, dst, strides, kernel, dilation, padLeft,
              padRight, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int eltwiseForwardPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      int propKind,
      int algorithm,
      MemorySegment src,
      MemorySegment dst,
      float alpha,
      float beta,
      MemorySegment attr) {
    try {
      return (int)
          ELTWISE_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
              descOut, engine, propKind, algorithm, src, dst, alpha, beta, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int layerNormalizationForwardPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      int propKind,
      MemorySegment src,
      MemorySegment dst,
      MemorySegment stat,
      float epsilon,
      int flags,
      MemorySegment attr) {
    try {
      return (int)
          LAYER_NORMALIZATION_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
              descOut, engine, propKind, src, dst, stat, epsilon, flags, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int softmaxForwardPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      int propKind,
      int algorithm,
      MemorySegment src,
      MemorySegment dst,
      int axis,
      MemorySegment attr) {
    try {
      return (int)
          SOFTMAX_FORWARD_PRIMITIVE_DESC_CREATE.invokeExact(
              descOut, engine, propKind, algorithm, src, dst, axis, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int binaryPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      int algorithm,
      MemorySegment src0,
      MemorySegment src1,
      MemorySegment dst,
      MemorySegment attr) {
    try {
      return (int)
          BINARY_PRIMITIVE_DESC_CREATE.invokeExact(
              descOut, engine, algorithm, src0, src1, dst, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int reorderPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment src,
      MemorySegment srcEngine,
      MemorySegment dst,
      MemorySegment dstEngine,
      MemorySegment attr) {
    try {
      return (int)
          REORDER_PRIMITIVE_DESC_CREATE.invokeExact(descOut, src, srcEngine, dst, dstEngine, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int concatPrimitiveDescCreate(
      MemorySegment descOut,
      MemorySegment engine,
      MemorySegment dst,
      int count,
      int axis,
      MemorySegment srcs,
      MemorySegment attr) {
    try {
      return (int)
          CONCAT_PRIMITIVE_DESC_CREATE.invokeExact(descOut, engine, dst, count, axis, srcs, attr);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveDescNextImpl(MemorySegment desc) {
    try {
      return (int) PRIMITIVE_DESC_NEXT_IMPL.invokeExact(desc);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveDescQuery(
      MemorySegment desc, int what, int index, MemorySegment resultOut) {
    try {
      return (int) PRIMITIVE_DESC_QUERY.invokeExact(desc, what, index, resultOut);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static MemorySegment primitiveDescQueryMd(MemorySegment desc, int what, int index) {
    try {
      return (MemorySegment) PRIMITIVE_DESC_QUERY_MD.invokeExact(desc, what, index);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveDescDestroy(MemorySegment desc) {
    try {
      return (int) PRIMITIVE_DESC_DESTROY.invokeExact(desc);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveCreate(MemorySegment primitiveOut, MemorySegment desc) {
    try {
      return (int) PRIMITIVE_CREATE.invokeExact(primitiveOut, desc);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveExecute(long primitive, long stream, int count, long args) {
    try {
      return (int) PRIMITIVE_EXECUTE.invokeExact(primitive, stream, count, args);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int primitiveDestroy(MemorySegment primitive) {
    try {
      return (int) PRIMITIVE_DESTROY.invokeExact(primitive);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static MemorySegment version() {
    try {
      return (MemorySegment) VERSION.invokeExact();
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static MemorySegment status2str(int status) {
    try {
      return (MemorySegment) STATUS2STR.invokeExact(status);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int getEffectiveCpuIsa() {
    try {
      return (int) GET_EFFECTIVE_CPU_ISA.invokeExact();
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  public static int setMaxCpuIsa(int isa) {
    try {
      return (int) SET_MAX_CPU_ISA.invokeExact(isa);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  private DnnlBindings() {}

  @SuppressWarnings("restricted")
  private static MethodHandle function(
      String symbol, MemoryLayout result, MemoryLayout... parameters) {
    FunctionDescriptor type = FunctionDescriptor.of(result, parameters);
    return Linker.nativeLinker().downcallHandle(Natives.onednnSymbols().findOrThrow(symbol), type);
  }
}
