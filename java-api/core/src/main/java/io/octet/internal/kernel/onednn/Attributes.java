package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_SCALES;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_ZERO_POINTS;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC_1;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_CLIP;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_LINEAR;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_RELU;
import static io.octet.internal.ffi.DnnlConstants.ELTWISE_ROUND;
import static io.octet.internal.ffi.DnnlConstants.F32;
import static io.octet.internal.ffi.DnnlConstants.S32;
import static io.octet.internal.ffi.DnnlConstants.SCRATCHPAD_MODE_USER;

import io.octet.internal.ffi.DnnlBindings;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A primitive's attributes, and the run-time arguments that they make obligatory: oneDNN crashes
/// where one of those is missing. The scratchpad is always the caller's, because a primitive that
/// keeps its own gives wrong results to concurrent callers.
final class Attributes extends Handle {
  private final Map<Integer, MemoryDesc> arguments = new TreeMap<>();

  private Attributes(MemorySegment address) {
    super(address);
  }

  static Attributes create() {
    Attributes attributes =
        new Attributes(
            Onednn.create("dnnl_primitive_attr_create", DnnlBindings::primitiveAttrCreate));
    try {
      Onednn.check(
          "dnnl_primitive_attr_set_scratchpad_mode",
          DnnlBindings.primitiveAttrSetScratchpadMode(attributes.address(), SCRATCHPAD_MODE_USER));
      return attributes;
    } catch (RuntimeException | Error e) {
      attributes.close();
      throw e;
    }
  }

  /// Float scales of an argument, given at run time.
  ///
  /// @param mask bit i set where the scale varies along dimension i
  /// @param count how many scales there are
  Attributes scales(int argument, int mask, int count) {
    Onednn.check(
        "dnnl_primitive_attr_set_scales_mask",
        DnnlBindings.primitiveAttrSetScalesMask(address(), argument, mask));
    arguments.put(ARG_ATTR_SCALES | argument, MemoryDesc.dense(F32, count));
    return this;
  }

  /// One int32 zero point of an argument, given at run time.
  Attributes zeroPoint(int argument) {
    Onednn.check(
        "dnnl_primitive_attr_set_zero_points_mask",
        DnnlBindings.primitiveAttrSetZeroPointsMask(address(), argument, 0));
    arguments.put(ARG_ATTR_ZERO_POINTS | argument, MemoryDesc.dense(S32, 1));
    return this;
  }

  /// The post-ops, in order; at most one call.
  Attributes postOps(List<PostOp> postOps) {
    MemorySegment list = Onednn.create("dnnl_post_ops_create", DnnlBindings::postOpsCreate);
    try {
      for (int i = 0; i < postOps.size(); i++) {
        append(list, i, postOps.get(i));
      }
      Onednn.check(
          "dnnl_primitive_attr_set_post_ops",
          DnnlBindings.primitiveAttrSetPostOps(address(), list));
    } finally {
      DnnlBindings.postOpsDestroy(list);
    }
    return this;
  }

  private void append(MemorySegment list, int index, PostOp postOp) {
    switch (postOp) {
      case PostOp.Relu() -> eltwise(list, ELTWISE_RELU, 0, 0);
      case PostOp.Clip(float low, float high) -> eltwise(list, ELTWISE_CLIP, low, high);
      case PostOp.Linear(float alpha, float beta) -> eltwise(list, ELTWISE_LINEAR, alpha, beta);
      case PostOp.Eltwise(int algorithm, float alpha, float beta) ->
          eltwise(list, algorithm, alpha, beta);
      case PostOp.Round() -> eltwise(list, ELTWISE_ROUND, 0, 0);
      case PostOp.Sum(float scale, int zeroPoint, int type) ->
          Onednn.check(
              "dnnl_post_ops_append_sum",
              DnnlBindings.postOpsAppendSum(list, scale, zeroPoint, type));
      case PostOp.Binary(int algorithm, MemoryDesc operand) -> {
        Onednn.check(
            "dnnl_post_ops_append_binary",
            DnnlBindings.postOpsAppendBinary(list, algorithm, operand.address()));
        arguments.put(postOpOperand(index), operand.copy());
      }
    }
  }

  private static void eltwise(MemorySegment list, int algorithm, float alpha, float beta) {
    Onednn.check(
        "dnnl_post_ops_append_eltwise",
        DnnlBindings.postOpsAppendEltwise(list, algorithm, alpha, beta));
  }

  /// The argument that carries the operand of the binary post-op at that place.
  static int postOpOperand(int index) {
    return ARG_ATTR_MULTIPLE_POST_OP_BASE * (index + 1) | ARG_SRC_1;
  }

  /// What an execute must bring, by argument; the descriptions stay this object's.
  Map<Integer, MemoryDesc> arguments() {
    return arguments;
  }

  @Override
  void destroy(MemorySegment address) {
    DnnlBindings.primitiveAttrDestroy(address);
    arguments.values().forEach(MemoryDesc::close);
  }
}
